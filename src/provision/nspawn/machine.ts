// An nspawn machine: a network namespace as local machines have it, a disk over the base tree, and a Debian that boots in them.

import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { connect } from "node:net";
import { dirname, join } from "node:path";
import { exitCodes, systemClock, UserError } from "#shared";
import { machineAddress, readAllocation } from "../host/allocation.ts";
import type { Host } from "../host/host.ts";
import { unmountBelow } from "../host/mounts.ts";
import { machineCgroup, netnsFolder, netnsName } from "../host/names.ts";
import { allocate, createNamespace, findNamespace, type Place, release, removeNamespace } from "../host/namespace.ts";
import { findProcesses, killAll, removeCgroup } from "../host/processes.ts";
import type { Machine, MachineSpec, ProviderContext } from "../provider.ts";
import { ensureBaseTree, type Image } from "./base-tree.ts";
import { type Boot, isOn, pullPlug, switchOff, switchOn } from "./boot.ts";
import { clusterKey, machinePaths } from "./paths.ts";
import { hasTree, makeTree, mountTree } from "./tree.ts";

export interface NspawnOptions {
  readonly place: Place;
  readonly image: Image;
  readonly context: ProviderContext;
}

/** Makes the machine and boots it, or what is missing of that; resolves when sshd answers. */
export async function createNspawnMachine(host: Host, options: NspawnOptions, spec: MachineSpec): Promise<Machine> {
  const found = await findNspawnMachine(host, options.place, spec);
  if (found) return found;
  const { place, context } = options;
  const boot = bootOf(host, place, spec);
  await endAll(boot);
  const allocation = await allocate(host, place, spec);
  const address = machineAddress(allocation, allocation.machines[spec.name]!);
  const { paths } = boot;
  if (!hasTree(paths)) {
    const base = await ensureBaseTree(host, options.image, context);
    const userData = await context.userData?.(spec);
    const publicKey = `${await ensureKey(host, place.folder)}.pub`;
    await makeTree(host, paths, { base, spec, address, publicKey, ...(userData !== undefined && { userData }) });
  }
  await mountTree(host, paths);
  await createNamespace(host, place, spec);
  await switchOn(boot);
  context.report?.("boots");
  await awaitSsh(boot, address, context.signal);
  return describeMachine(place, spec, address);
}

/** The machine, if it is complete and on. */
export async function findNspawnMachine(host: Host, place: Place, spec: MachineSpec): Promise<Machine | undefined> {
  const boot = bootOf(host, place, spec);
  if (!hasTree(boot.paths) || !(await isOn(boot))) return undefined;
  const allocation = await findNamespace(host, place, spec);
  if (!allocation) return undefined;
  const address = machineAddress(allocation, allocation.machines[spec.name]!);
  return (await answersSsh(address)) ? describeMachine(place, spec, address) : undefined;
}

/** Takes it away with all it had; with `keepDisk` it is shut down, and its disk and its address stay. */
export async function deleteNspawnMachine(
  host: Host,
  place: Place,
  spec: MachineSpec,
  keepDisk: boolean,
): Promise<void> {
  const boot = bootOf(host, place, spec);
  if (keepDisk) await switchOff(boot);
  await endAll(boot);
  await rm(boot.paths.run, { recursive: true, force: true });
  if (keepDisk) return;
  await rm(boot.paths.folder, { recursive: true, force: true });
  if (readAllocation(host, place.folder)) await release(host, place, spec);
}

function bootOf(host: Host, place: Place, spec: MachineSpec): Boot {
  return { host, place, machine: spec.name, paths: machinePaths(place, spec.name) };
}

/** Ends what runs, unmounts the disk and takes the network away; files stay. */
async function endAll(boot: Boot): Promise<void> {
  const { host, place, machine, paths } = boot;
  const cgroup = machineCgroup(place.cluster, machine);
  const netnsPath = join(netnsFolder, netnsName(place.cluster, machine));
  await pullPlug(boot);
  await killAll(host, () => findProcesses(host, { netnsPath, cgroup }));
  removeCgroup(host, cgroup);
  await unmountBelow(host, paths.run);
  await unmountBelow(host, paths.folder);
  await removeNamespace(host, place, { name: machine, role: "worker", pool: "" });
}

/** The key pair of the cluster, made when its first machine is. */
const keys = new Map<string, Promise<string>>();

function ensureKey(host: Host, clusterFolder: string): Promise<string> {
  const key = clusterKey(clusterFolder);
  const make = async () => {
    if (existsSync(`${key}.pub`)) return key;
    mkdirSync(dirname(key), { recursive: true, mode: 0o700 });
    await rm(key, { force: true });
    await host.exec(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "slipway", "-f", key]);
    return key;
  };
  const turn = (keys.get(key) ?? Promise.resolve("")).then(make, make);
  keys.set(key, turn);
  return turn;
}

const bootTimeoutMs = 180_000;
const retryMs = 50;

async function awaitSsh(boot: Boot, address: string, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + bootTimeoutMs;
  while (!(await answersSsh(address))) {
    const ended = !(await isOn(boot));
    if (ended || Date.now() > deadline) {
      const log = existsSync(boot.paths.log) ? readFileSync(boot.paths.log, "utf8").trim().split("\n").slice(-8) : [];
      throw new UserError(
        `Cannot boot machine ${boot.machine}: ${ended ? "it ended" : `no sshd answers after ${bootTimeoutMs / 1000} s`}`,
        {
          hints: [`Its console, ${boot.paths.log}, ends with:`, ...log.map((line) => `  ${line.slice(0, 300)}`)],
          exitCode: exitCodes.provision,
        },
      );
    }
    await systemClock.sleep(retryMs, signal);
  }
}

/** One that takes the connection may take long to greet: each has to start a process first, and more of them would not speed it up. */
const greetingTimeoutMs = 20_000;

/** Whether an SSH server greets at the address. */
function answersSsh(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port: 22, timeout: greetingTimeoutMs });
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("data", (greeting) => end(greeting.toString("latin1").startsWith("SSH-")));
    socket.once("error", () => end(false));
    socket.once("close", () => end(false));
    socket.once("timeout", () => end(false));
  });
}

function describeMachine(place: Place, spec: MachineSpec, address: string): Machine {
  const paths = machinePaths(place, spec.name);
  return {
    name: spec.name,
    role: spec.role,
    pool: spec.pool,
    address,
    access: {
      kind: "ssh",
      host: address,
      user: "root",
      identityFile: clusterKey(place.folder),
      knownHostsFile: paths.knownHosts,
    },
    handle: { root: paths.root, log: paths.log, journal: join(paths.variable, "log/journal") },
  };
}
