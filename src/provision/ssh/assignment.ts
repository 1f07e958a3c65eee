// Which host of the inventory is which machine, written down when a machine is made: it stays so while the inventory changes.

import { randomUUID } from "node:crypto";
import { homedir } from "node:os";
import { join } from "node:path";
import type { SshHost, SshInfrastructure } from "#config";
import { exitCodes, inTurn, readFileIfExists, UserError, writeFileAtomic } from "#shared";
import type { MachineSpec } from "../provider.ts";
import type { SshAccess } from "./client-config.ts";
import { assignmentFile, knownHostsFile } from "./paths.ts";

export interface AssignedHost {
  readonly access: SshAccess;
  readonly internalAddress?: string;
}

export interface Assignment {
  /** Tells this cluster from another of the same name, on hosts that both would use. */
  readonly owner: string;
  readonly machines: Readonly<Record<string, AssignedHost>>;
  /** Hosts that were machines once. */
  readonly released: readonly AssignedHost[];
}

export async function readAssignment(clusterFolder: string): Promise<Assignment | undefined> {
  const text = await readFileIfExists(assignmentFile(clusterFolder));
  return text === undefined ? undefined : (JSON.parse(text) as Assignment);
}

/** Changes come one after another, also where machines are made side by side. */
export function changeAssignment(
  clusterFolder: string,
  change: (before: Assignment) => Assignment,
): Promise<Assignment> {
  const file = assignmentFile(clusterFolder);
  return inTurn(file, async () => {
    const before = (await readAssignment(clusterFolder)) ?? { owner: randomUUID(), machines: {}, released: [] };
    const after = change(before);
    await writeFileAtomic(file, `${JSON.stringify(after, null, 2)}\n`);
    return after;
  });
}

export interface Inventory {
  readonly infrastructure: SshInfrastructure;
  readonly clusterFolder: string;
  readonly cluster: string;
}

/** The assignment with a host for the machine: the one it has, or the best that is free. Pure. */
export function assignHost(before: Assignment, inventory: Inventory, spec: MachineSpec): Assignment {
  if (before.machines[spec.name]) return before;
  const host = chooseHost(before, inventory, spec);
  if (!host) {
    const what = spec.role === "control-plane" ? "role control-plane" : `pool ${spec.pool}`;
    throw new UserError(`Cannot make machine ${spec.name}: no host is free for ${what}`, {
      hints: ["Add one to infrastructure.hosts."],
      exitCode: exitCodes.config,
    });
  }
  const assigned: AssignedHost = {
    access: accessOf(inventory, host),
    ...(host.internalAddress !== undefined && { internalAddress: host.internalAddress }),
  };
  const released = before.released.filter((other) => !isSame(other, assigned));
  return { ...before, machines: { ...before.machines, [spec.name]: assigned }, released };
}

/** One that is named for it, then the pool's own, then any: as the machine's number says where that is free, else the first. */
function chooseHost(before: Assignment, inventory: Inventory, { name, role, pool }: MachineSpec): SshHost | undefined {
  const taken = Object.values(before.machines);
  const short = name.startsWith(`${inventory.cluster}-`) ? name.slice(inventory.cluster.length + 1) : name;
  const free = (host: SshHost) => !taken.some((other) => isSame(other, { access: accessOf(inventory, host) }));
  const hosts = inventory.infrastructure.hosts.filter((host) => host.role === role);
  const named = hosts.find((host) => host.name === name || host.name === short);
  if (named && free(named)) return named;
  const unnamed = hosts.filter((host) => host.name === undefined || !isWanted(host.name));
  const own = unnamed.filter((host) => role === "control-plane" || host.pool === pool);
  const any = unnamed.filter((host) => role === "worker" && host.pool === undefined);
  const number = Number(/\d+$/.exec(name)?.[0] ?? 1) - 1;
  const [preferred] = [own[number]].filter((host) => host !== undefined && free(host));
  return preferred ?? own.find(free) ?? any.find(free);

  /** A host that has the name of another machine waits for that one. */
  function isWanted(other: string): boolean {
    return other !== name && other !== short;
  }
}

function isSame(one: Pick<AssignedHost, "access">, other: Pick<AssignedHost, "access">): boolean {
  return one.access.host === other.access.host && (one.access.port ?? 22) === (other.access.port ?? 22);
}

/** Lets the machine's host go. Pure. */
export function releaseHost(before: Assignment, machine: string): Assignment {
  const { [machine]: host, ...machines } = before.machines;
  return host ? { ...before, machines, released: [...before.released, host] } : before;
}

function accessOf({ infrastructure, clusterFolder }: Inventory, host: SshHost): SshAccess {
  const { jumpHosts, sudo, hostKeys } = infrastructure;
  const user = host.user ?? infrastructure.user;
  const port = host.port ?? infrastructure.port;
  const identityFile = host.identityFile ?? infrastructure.identityFile;
  return {
    kind: "ssh",
    host: host.address,
    ...(port !== undefined && { port }),
    ...(user !== undefined && { user }),
    ...(identityFile !== undefined && { identityFile: identityFile.replace(/^~(?=\/)/, homedir()) }),
    ...(jumpHosts.length > 0 && { jumpHosts }),
    ...(hostKeys === "accept-new" && { knownHostsFile: knownHostsFile(clusterFolder) }),
    ...(sudo && { sudo }),
  };
}

/** Lines of known_hosts for the keys that the inventory gives. */
export function givenKeys({ hosts, port = 22 }: SshInfrastructure): string[] {
  return hosts.flatMap((host) => {
    const at = host.port ?? port;
    const name = at === 22 ? host.address : `[${host.address}]:${at}`;
    return host.hostKey === undefined ? [] : [`${name} ${host.hostKey}`];
  });
}

/** Only for the list of identity files that must be there. */
export function identityFiles({ hosts, identityFile }: SshInfrastructure): string[] {
  const all = [identityFile, ...hosts.map((host) => host.identityFile)].filter((file) => file !== undefined);
  return [...new Set(all)].map((file) => (file.startsWith("~/") ? join(homedir(), file.slice(2)) : file));
}
