// Switches a machine on and off. Where systemd runs on this host the machine is a unit of it; elsewhere a process of its own that is
// noted with its start time, and outlives the command that started it.

import { spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { anyCode, identifyProcess, isProcessAlive, type ProcessIdentity, systemClock, writeFileAtomic } from "#shared";
import { prepareCgroup } from "../host/cgroup.ts";
import type { Host } from "../host/host.ts";
import { machineCgroup, netnsFolder, netnsName } from "../host/names.ts";
import type { Place } from "../host/namespace.ts";
import type { MachinePaths } from "./paths.ts";

export interface Boot {
  readonly host: Host;
  readonly place: Place;
  readonly machine: string;
  readonly paths: MachinePaths;
}

/** Kernel settings but for the network's are this host's, and stay so. */
const environment = { SYSTEMD_NSPAWN_API_VFS_WRITABLE: "network" };

function nspawnArgv({ place, machine, paths }: Boot): string[] {
  return [
    "systemd-nspawn",
    "--quiet",
    "--boot",
    "--register=no",
    "--keep-unit",
    `--machine=${machine}`,
    `--directory=${paths.root}`,
    `--bind=${paths.variable}:/var`,
    `--network-namespace-path=${join(netnsFolder, netnsName(place.cluster, machine))}`,
    "--capability=all",
    // Containers in the machine have key rings of their own, as anywhere.
    "--system-call-filter=@keyring bpf",
    "--bind=/dev/kmsg",
    ...["/dev/fuse", "/dev/net/tun"].filter((path) => existsSync(path)).map((path) => `--bind=${path}`),
    ...(existsSync("/lib/modules") ? ["--bind-ro=/lib/modules"] : []),
    "--resolv-conf=off",
    "--timezone=off",
    "--link-journal=no",
    "--console=pipe",
  ];
}

/** Starts it; it then boots by itself. */
export async function switchOn(boot: Boot): Promise<void> {
  mkdirSync(dirname(boot.paths.log), { recursive: true });
  mkdirSync(boot.paths.run, { recursive: true });
  await (usesSystemd(boot.host) ? startUnit(boot) : startDetached(boot));
}

export async function isOn({ host, place, machine, paths }: Boot): Promise<boolean> {
  if (usesSystemd(host)) {
    const { code } = await host.exec(["systemctl", "is-active", "--quiet", unitName(place, machine)], {
      okCodes: anyCode,
    });
    return code === 0;
  }
  const identity = readIdentity(paths);
  return identity !== undefined && isProcessAlive(identity);
}

/** How long a machine gets to shut down by itself. */
const shutDownMs = 20_000;

/** Shuts it down, as its power button would. Whoever calls it kills what is left then. */
export async function switchOff({ host, place, machine, paths }: Boot): Promise<void> {
  if (usesSystemd(host)) return removeUnit(host, place, machine);
  const identity = readIdentity(paths);
  const deadline = Date.now() + shutDownMs;
  if (identity && isProcessAlive(identity)) process.kill(identity.pid, "SIGTERM");
  // Nobody but its parent, which may be gone, is told of a process's end.
  while (identity && isProcessAlive(identity) && Date.now() < deadline) await systemClock.sleep(50);
}

/** Forgets the unit, so that nothing starts the machine again; what runs in it is ended by force. */
export async function pullPlug({ host, place, machine, paths }: Boot): Promise<void> {
  if (usesSystemd(host)) {
    await host.exec(["systemctl", "kill", "--signal=SIGKILL", unitName(place, machine)], { okCodes: anyCode });
    return removeUnit(host, place, machine);
  }
  const identity = readIdentity(paths);
  if (identity && isProcessAlive(identity)) process.kill(identity.pid, "SIGKILL");
  rmSync(paths.process, { force: true });
}

async function startDetached(boot: Boot): Promise<void> {
  const { paths, host, place, machine } = boot;
  const cgroups = prepareCgroup(host, machineCgroup(place.cluster, machine));
  const log = openSync(paths.log, "a");
  // It moves into the machine's control groups before it becomes systemd-nspawn, which takes them as the machine's roots.
  const script = 'while [ "$1" != -- ]; do echo $$ >"$1/cgroup.procs" || exit 1; shift; done; shift; exec "$@"';
  try {
    const child = spawn("sh", ["-c", script, "sh", ...cgroups, "--", ...nspawnArgv(boot)], {
      detached: true,
      cwd: "/",
      stdio: ["ignore", log, log],
      env: { ...process.env, ...environment },
    });
    const failed = new Promise<never>((_, reject) => child.once("error", reject));
    const identity = identifyProcess(child.pid ?? -1);
    if (!identity) await failed;
    failed.catch(() => {});
    await writeFileAtomic(paths.process, JSON.stringify(identity));
    child.unref();
  } finally {
    closeSync(log);
  }
}

function readIdentity({ process: file }: MachinePaths): ProcessIdentity | undefined {
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as ProcessIdentity) : undefined;
}
const unitFolder = "/run/systemd/system";

function usesSystemd(host: Host): boolean {
  return host.list(unitFolder).length > 0 || host.inode(unitFolder) !== undefined;
}

/** Cluster and machine are told apart by a dot, so no two clusters' units meet. */
export function unitName({ cluster }: Place, machine: string): string {
  return `${netnsName(cluster, machine)}.service`;
}

/** In /run: after a reboot of this host its network is gone, and `start` makes both anew. */
async function startUnit(boot: Boot): Promise<void> {
  const { host, place, machine, paths } = boot;
  const quoted = nspawnArgv(boot).map((word) => `"${word.replace(/(["\\])/g, "\\$1").replace(/[%$]/g, "$&$&")}"`);
  host.write(
    join(unitFolder, unitName(place, machine)),
    `[Unit]
Description=Machine ${machine} of slipway cluster ${place.cluster}

[Service]
Type=exec
Environment=${Object.entries(environment)
      .map(([name, value]) => `${name}=${value}`)
      .join(" ")}
ExecStart=${quoted.join(" ")}
KillMode=mixed
TimeoutStopSec=${shutDownMs / 1000}
Delegate=yes
TasksMax=infinity
DevicePolicy=auto
StandardOutput=append:${paths.log}
StandardError=inherit
`,
  );
  await host.exec(["systemctl", "daemon-reload"]);
  await host.exec(["systemctl", "start", unitName(place, machine)]);
}

async function removeUnit(host: Host, place: Place, machine: string): Promise<void> {
  const file = join(unitFolder, unitName(place, machine));
  if (host.read(file) === undefined) return;
  await host.exec(["systemctl", "stop", unitName(place, machine)], { okCodes: anyCode });
  host.remove(file);
  await host.exec(["systemctl", "daemon-reload"]);
  await host.exec(["systemctl", "reset-failed", unitName(place, machine)], { okCodes: anyCode });
}
