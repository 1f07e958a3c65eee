// Runs on a machine that stays when its cluster goes: ends its pods and takes away what they, containerd and the agent have left.

import { existsSync } from "node:fs";
import { readdir, readFile, readlink, rm, rmdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describeError, exec } from "#shared";
import { removeRuntimeTraces } from "../../containerd/runtime-traces.ts";
import { machinePaths, podNetwork } from "./machine-paths.ts";

/** Units are stopped already. Goes on where a part cannot be removed, and says in the end what is left. */
export async function removeFromMachine(): Promise<void> {
  const problems: string[] = [];
  const attempt = async (what: string, action: () => Promise<unknown>) => {
    try {
      await action();
    } catch (error) {
      problems.push(`${what}: ${describeError(error)}`);
    }
  };
  await attempt("end pods", endPods);
  await attempt("forget pods", () =>
    removeRuntimeTraces({ state: machinePaths.containerdState, cniNetwork: podNetwork }),
  );
  await attempt("unmount", unmountAll);
  await attempt("remove rules", removeRules);
  await attempt("remove cgroups", removePodCgroups);
  for (const path of paths) await attempt(`remove ${path}`, () => rm(path, { recursive: true, force: true }));
  await attempt("remove plug-in links", removePluginLinks);
  if (problems.length > 0) throw new Error(problems.join("; "));
}

const paths = [
  machinePaths.store,
  machinePaths.snapshots,
  machinePaths.etcdData,
  machinePaths.containerd,
  machinePaths.images,
  machinePaths.volumes,
  machinePaths.kubelet,
  machinePaths.podLogs,
  machinePaths.containerLogs,
  machinePaths.logs,
  machinePaths.kubernetes,
  join(machinePaths.cniConfig, "10-slipway.conflist"),
];

/** Shims first, which would start nothing anew, but report; then what runs in the pods' cgroups. */
async function endPods(): Promise<void> {
  for (let round = 0; round < 50; round++) {
    const pids = [...(await shims()), ...(await podProcesses())];
    if (pids.length === 0) return;
    for (const pid of pids) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // It has ended meanwhile.
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error("processes of pods live on after SIGKILL");
}

async function shims(): Promise<number[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const words = (await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")).split("\0");
      return words[0]?.includes("containerd-shim") && words.includes(machinePaths.criSocket) ? [Number(pid)] : [];
    }),
  );
  return found.flat();
}

async function podProcesses(): Promise<number[]> {
  const folders = (await podCgroups()).flat();
  const lists = await Promise.all(
    folders.map((folder) => readFile(join(folder, "cgroup.procs"), "utf8").catch(() => "")),
  );
  return [...new Set(lists.flatMap((text) => text.split("\n").filter((line) => line !== "")))].map(Number);
}

const cgroupMount = "/sys/fs/cgroup";

/** The folders of pods' cgroups in every hierarchy, deepest first. */
async function podCgroups(): Promise<string[]> {
  const names = await readdir(cgroupMount).catch(() => []);
  const roots = [cgroupMount, ...names.map((name) => join(cgroupMount, name))].map((root) => join(root, "kubepods"));
  const found = await Promise.all([...new Set(roots)].filter((root) => existsSync(root)).map(foldersBelow));
  return found.flat();
}

async function foldersBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const below = await Promise.all(
    entries.filter((entry) => entry.isDirectory()).map(({ name }) => foldersBelow(join(folder, name))),
  );
  return [...below.flat(), folder];
}

async function removePodCgroups(): Promise<void> {
  for (const folder of await podCgroups()) await exec(["rmdir", folder], { okCodes: [0, 1] });
}

/** Deepest first. */
async function unmountAll(): Promise<void> {
  const places = (await readFile("/proc/self/mounts", "utf8")).split("\n").map((line) => line.split(" ")[1] ?? "");
  const ours = [machinePaths.run, machinePaths.kubelet, machinePaths.containerd];
  const mounted = places.filter((place) => ours.some((folder) => place.startsWith(`${folder}/`)));
  for (const place of mounted.toSorted().toReversed()) await exec(["umount", "-l", place], { okCodes: [0, 1, 32] });
}

const tables = [
  ["ip", "slipway-node"],
  ["ip", "slipway-proxy"],
  ["ip6", "slipway-proxy"],
] as const;
/** The agent marks its routes with it. */
const routeProtocol = "86";

async function removeRules(): Promise<void> {
  for (const [family, name] of tables) await exec(["nft", "delete", "table", family, name], { okCodes: [0, 1] });
  await exec(["ip", "-4", "route", "flush", "proto", routeProtocol], { okCodes: [0, 1, 2] });
}

async function removePluginLinks(): Promise<void> {
  const { cniPlugins } = machinePaths;
  for (const name of await readdir(cniPlugins).catch(() => [])) {
    const link = join(cniPlugins, name);
    if ((await readlink(link).catch(() => "")) !== "") await rm(link, { force: true });
  }
  // What others have put there stays.
  for (const folder of [cniPlugins, dirname(cniPlugins)]) await rmdir(folder).catch(() => {});
}
