// The provider "ssh": machines are hosts that are there already. Making one is claiming it, deleting one is letting it go; what phase 2
// has put there, phase 2 takes away.

import { existsSync, mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { describeError, readFileIfExists, writeFileAtomic } from "#shared";
import { type Host, thisHost } from "../host/host.ts";
import type { Machine, MachineConnection, MachineSpec, Problem, Provider, ProviderContext } from "../provider.ts";
import {
  type AssignedHost,
  assignHost,
  changeAssignment,
  givenKeys,
  type Inventory,
  identityFiles,
  readAssignment,
  releaseHost,
} from "./assignment.ts";
import { connectSshMachine } from "./connection.ts";
import { destination } from "./explain-failure.ts";
import { knownHostsFile } from "./paths.ts";
import { claimHost, freeHost, HostTakenError, readMark, refuseHost, surveyHost } from "./survey.ts";
import { findTraces } from "./traces.ts";

/** All addresses there are: hosts lie where they lie. */
const anywhere = { machineCIDR: "0.0.0.0/0" };

export function createSshProvider(host: Host = thisHost): Provider {
  return {
    name: "ssh",
    machinesStay: true,
    check: async (context) => checkClient(host, inventoryOf(context)),
    async createNetwork(context) {
      await writeGivenKeys(inventoryOf(context));
      await changeAssignment(context.folder, (before) => before);
      return anywhere;
    },
    findNetwork: async ({ folder }) => ((await readAssignment(folder)) ? anywhere : undefined),
    createMachine,
    findMachine,
    async deleteMachine({ folder, signal }, { name }, { keepDisk = false } = {}) {
      const assignment = await readAssignment(folder);
      const assigned = assignment?.machines[name];
      if (!assignment || !assigned || keepDisk) return;
      await withHost(name, assigned, signal, (connection) => freeHost(connection, assignment.owner));
      await changeAssignment(folder, (before) => releaseHost(before, name));
    },
    // Hosts and their networks stay; the list of those that were used is read once more by findLeftovers.
    deleteNetwork: async () => {},
    async findLeftovers({ folder, signal }) {
      const assignment = await readAssignment(folder);
      if (!assignment) return [];
      const hosts = [...Object.values(assignment.machines), ...assignment.released];
      return (await Promise.all(hosts.map((each) => leftoversOn(each, assignment.owner, signal)))).flat();
    },
  };
}

async function createMachine(context: ProviderContext, spec: MachineSpec): Promise<Machine> {
  const inventory = inventoryOf(context);
  const { folder, signal } = context;
  await writeGivenKeys(inventory);
  let isNew = false;
  const { machines, owner } = await changeAssignment(folder, (before) => {
    isNew = before.machines[spec.name] === undefined;
    return assignHost(before, inventory, spec);
  });
  const assigned = machines[spec.name]!;
  const where = `${destination(assigned.access)} (${spec.name})`;
  context.report?.(destination(assigned.access));
  // What an earlier call assigned may carry our mark already, also where the host cannot be asked now.
  let mayBeClaimed = !isNew;
  try {
    return await withHost(spec.name, assigned, signal, async (connection) => {
      refuseHost(where, await surveyHost(connection, signal));
      mayBeClaimed = true;
      await claimHost(connection, { cluster: inventory.cluster, owner, machine: spec.name }, where);
      return describeHost(connection, assigned, spec, signal);
    });
  } catch (error) {
    // Another host may be named in its place.
    if (!mayBeClaimed || error instanceof HostTakenError)
      await changeAssignment(folder, (before) => dropHost(before, spec.name));
    throw error;
  }
}

function dropHost<T extends { machines: Readonly<Record<string, AssignedHost>> }>(before: T, name: string): T {
  const { [name]: _, ...machines } = before.machines;
  return { ...before, machines };
}

async function findMachine({ folder, signal }: ProviderContext, spec: MachineSpec): Promise<Machine | undefined> {
  const assignment = await readAssignment(folder);
  const assigned = assignment?.machines[spec.name];
  if (!assignment || !assigned) return undefined;
  return withHost(spec.name, assigned, signal, async (connection) => {
    const mark = await readMark(connection);
    if (mark?.owner !== assignment.owner || mark.machine !== spec.name) return undefined;
    return describeHost(connection, assigned, spec, signal);
  });
}

async function describeHost(
  connection: MachineConnection,
  { access, internalAddress }: AssignedHost,
  spec: MachineSpec,
  signal: AbortSignal,
): Promise<Machine> {
  const survey = await surveyHost(connection, signal);
  const reached = survey.addresses.includes(access.host) ? access.host : undefined;
  return {
    name: spec.name,
    role: spec.role,
    pool: spec.pool,
    address: internalAddress ?? reached ?? survey.mainAddress ?? access.host,
    access,
    handle: {
      host: access.host,
      hostname: survey.hostname,
      system: survey.system,
      architecture: survey.architecture,
    },
  };
}

async function withHost<T>(
  machine: string,
  { access }: AssignedHost,
  signal: AbortSignal,
  action: (connection: MachineConnection) => Promise<T>,
): Promise<T> {
  const connection = await connectSshMachine({ name: machine }, access, signal);
  try {
    return await action(connection);
  } finally {
    await connection.close();
  }
}

async function leftoversOn(assigned: AssignedHost, owner: string, signal: AbortSignal): Promise<string[]> {
  const where = destination(assigned.access);
  try {
    return await withHost(where, assigned, signal, async (connection) => {
      const mark = await readMark(connection);
      // Another cluster has it now: what lies there is that one's.
      if (mark && mark.owner !== owner) return [];
      return (await findTraces(connection, signal)).map((trace) => `${trace} on ${where}`);
    });
  } catch (error) {
    return [`nobody knows what on ${where}: ${describeError(error)}`];
  }
}

/** Keys that the inventory gives are known before the host is first seen. */
async function writeGivenKeys({ infrastructure, clusterFolder }: Inventory): Promise<void> {
  const file = knownHostsFile(clusterFolder);
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const before = (await readFileIfExists(file)) ?? "";
  const missing = givenKeys(infrastructure).filter((line) => !before.includes(`${line}\n`));
  if (missing.length > 0) await writeFileAtomic(file, before + missing.map((line) => `${line}\n`).join(""), 0o600);
}

function checkClient(host: Host, { infrastructure }: Inventory): Problem[] {
  const folders = (process.env["PATH"] ?? "").split(":").concat("/usr/bin");
  const problems: Problem[] = [];
  if (folders.every((folder) => host.inode(`${folder}/ssh`) === undefined))
    problems.push({ message: "ssh not found", hint: "Install OpenSSH's client (openssh-client)." });
  for (const file of identityFiles(infrastructure)) {
    if (!existsSync(file))
      problems.push({ message: `there is no key ${file}`, hint: "See infrastructure.identityFile." });
    else if ((statSync(file).mode & 0o077) !== 0)
      problems.push({ message: `others may read the key ${file}, which ssh refuses`, hint: `chmod 600 ${file}` });
  }
  return problems;
}

function inventoryOf({ config, folder }: ProviderContext): Inventory {
  const { infrastructure, name } = config;
  if (infrastructure.provider !== "ssh")
    throw new Error(`Cannot use hosts: the provider is ${infrastructure.provider}`);
  return { infrastructure, clusterFolder: folder, cluster: name };
}
