// Providers whose machines OpenTofu makes: a cloud's files in the cluster's folder, brought about, compared and taken away. Machines
// that are there keep what was last wished for them until createMachine is called for them: a change never touches two at once.

import { join } from "node:path";
import { isCloudInfrastructure } from "#config";
import { type Exec, exec, exitCodes, UserError } from "#shared";
import type { Machine, MachineSpec, Provider, ProviderContext } from "../provider.ts";
import { type Cloud, type CloudMachine, cloudInput, readMachines, userDataFile, userDataFolder } from "./cloud.ts";
import { renderDocument, type TofuFiles } from "./document.ts";
import { describeMachine, describeManagedApi, describeNetwork } from "./outputs.ts";
import { compareMachineIn, compareNetworkIn, previewCluster, type TofuPreview } from "./preview.ts";
import { findTofu } from "./program.ts";
import type { TofuState } from "./state.ts";
import { createTurns, type Turns } from "./turns.ts";
import { openWorkspace, type Workspace } from "./workspace.ts";

export interface TofuProvider extends Provider {
  /** All that `up` would change, resource by resource. Changes nothing. */
  preview(context: ProviderContext): Promise<TofuPreview>;
}

/** The folder in a cluster's own that OpenTofu works in; who wants to can go on there by hand. */
export const tofuFolder = "infrastructure";

export function createTofuProvider(cloud: Cloud, run: Exec = exec): TofuProvider {
  const clusters = new Map<string, Cluster>();
  const clusterOf = (context: ProviderContext): Cluster => {
    const known = clusters.get(context.folder) ?? openCluster(cloud, context, run);
    clusters.set(context.folder, known);
    return known;
  };
  return {
    name: cloud.name,
    ...(cloud.machine && { userData: cloud.machine.userData }),
    async check() {
      const found = await findTofu(run);
      return found.program ? [] : [found.problem];
    },
    async createNetwork(context) {
      const cluster = clusterOf(context);
      return cluster.turns.take(context, async () => {
        await bring(cluster, context, await keptMachines(cluster, context));
        const network = describeNetwork(await cluster.workspace.readState(context.signal));
        if (!network)
          throw new Error(`Cannot create the network on ${cloud.name}: OpenTofu's outputs do not tell of it`);
        return network;
      });
    },
    findNetwork: async (context) => describeNetwork(await clusterOf(context).workspace.readState(context.signal)),
    ...(!cloud.machine && {
      findManagedApi: async (context: ProviderContext) =>
        describeManagedApi(await clusterOf(context).workspace.readState(context.signal)),
    }),
    async compareNetwork(context) {
      const names = new Set(context.machines.map(({ name }) => name));
      return compareNetworkIn(await preview(clusterOf(context), context), names);
    },
    createMachine(context, spec) {
      const cluster = clusterOf(context);
      return cluster.turns.take({ ...context, machine: spec.name }, () => createMachine(cluster, context, spec));
    },
    findMachine: (context, spec) => findMachine(clusterOf(context), context, spec),
    compareMachine: async (context, spec) =>
      compareMachineIn(await preview(clusterOf(context), context), cloud, spec.name),
    async deleteMachine(context, spec, { keepDisk = false } = {}) {
      if (keepDisk) throw cannotStop(cloud);
      const cluster = clusterOf(context);
      cluster.leaving.set(spec.name, undefined);
      await cluster.turns.take({ ...context, machine: spec.name }, () => deleteMachine(cluster, context, spec));
    },
    deleteNetwork(context) {
      const cluster = clusterOf(context);
      return cluster.turns.take(context, () => destroy(cluster, context));
    },
    async findLeftovers(context) {
      const { resources } = await clusterOf(context).workspace.readState(context.signal);
      return resources.map(({ address }) => address);
    },
    preview: (context) => preview(clusterOf(context), context),
  };
}

/** One cluster's folder, as long as the provider lives. */
interface Cluster {
  readonly cloud: Cloud;
  readonly workspace: Workspace;
  readonly turns: Turns;
  /** Machines that are to go, in one run if they can; with the error that a run for them ended with. */
  readonly leaving: Map<string, unknown>;
  /** The files, without user data, that were brought about last. */
  applied: string | undefined;
  previewed: { readonly files: string; readonly preview: Promise<TofuPreview> } | undefined;
}

function openCluster(cloud: Cloud, { config, folder }: ProviderContext, run: Exec): Cluster {
  const { infrastructure } = config;
  if (!isCloudInfrastructure(infrastructure))
    throw new Error(`Cannot open a cloud's folder: ${infrastructure.provider} is none`);
  const { providersMirror } = infrastructure;
  const workspace = openWorkspace({
    folder: join(folder, tofuFolder),
    exec: run,
    credentialsHint: cloud.credentialsHint,
    ...(providersMirror !== undefined && { mirror: providersMirror }),
  });
  return { cloud, workspace, turns: createTurns(), leaving: new Map(), applied: undefined, previewed: undefined };
}

async function createMachine(cluster: Cluster, context: ProviderContext, spec: MachineSpec): Promise<Machine> {
  if (await mustMakeRoom(cluster, context, spec)) {
    // In one go OpenTofu would make the new one with the old one's image and user data, which it was told to leave alone.
    const others = (await keptMachines(cluster, context)).filter(({ name }) => name !== spec.name);
    await bring(cluster, context, others);
  }
  const kept = await keptMachines(cluster, context);
  const fresh = context.machines.filter(({ name }) => !kept.some((machine) => machine.name === name));
  await bring(cluster, context, machinesAfter(kept, context, spec), fresh);
  const machine = await findMachine(cluster, context, spec);
  if (!machine) throw new Error(`Cannot create machine ${spec.name}: OpenTofu's outputs do not tell of it`);
  return machine;
}

/** Whether the machine is there and has to go before it can be as it is wanted. */
async function mustMakeRoom(cluster: Cluster, context: ProviderContext, spec: MachineSpec): Promise<boolean> {
  const kept = await keptMachines(cluster, context);
  if (!kept.some(({ name }) => name === spec.name)) return false;
  const files = filesOf(cluster.cloud, context, machinesAfter(kept, context, spec));
  if (render(files) === cluster.applied) return false;
  const difference = compareMachineIn(await preview(cluster, context), cluster.cloud, spec.name);
  return difference?.change === "replace";
}

/** The machine as it is wished for and those that are missing; the others as they are. */
function machinesAfter(kept: readonly CloudMachine[], context: ProviderContext, spec: MachineSpec): CloudMachine[] {
  const before = new Map(kept.map((machine) => [machine.name, machine]));
  const wished = wishedMachines(context);
  const others = kept.filter(({ name }) => !wished.some((machine) => machine.name === name));
  return [
    ...wished.map((machine) => (machine.name === spec.name ? machine : (before.get(machine.name) ?? machine))),
    ...others,
  ];
}

async function findMachine(
  cluster: Cluster,
  context: ProviderContext,
  spec: MachineSpec,
): Promise<Machine | undefined> {
  const state = await cluster.workspace.readState(context.signal);
  return existing(cluster.cloud, state).has(spec.name)
    ? describeMachine(cluster.cloud, context, spec, state)
    : undefined;
}

async function deleteMachine(cluster: Cluster, context: ProviderContext, { name }: MachineSpec): Promise<void> {
  const { leaving } = cluster;
  const failure = leaving.get(name);
  try {
    if (failure !== undefined) throw failure;
    const state = await cluster.workspace.readState(context.signal);
    if (!state.resources.some(({ key }) => key === name)) return;
    const staying = (await keptMachines(cluster, context)).filter((machine) => !leaving.has(machine.name));
    await bring(cluster, context, staying);
  } catch (error) {
    for (const other of leaving.keys()) leaving.set(other, error);
    throw error;
  } finally {
    leaving.delete(name);
  }
}

async function destroy(cluster: Cluster, context: ProviderContext): Promise<void> {
  const { workspace, turns, cloud } = cluster;
  const { signal } = context;
  if ((await workspace.readState(signal)).resources.length === 0) return;
  await workspace.write(filesOf(cloud, context, await keptMachines(cluster, context)));
  forget(cluster);
  await workspace.destroy({ signal, onMessage: turns.tell });
}

/** Writes the files for these machines and has OpenTofu make them so; nothing where that was just done. */
async function bring(
  cluster: Cluster,
  context: ProviderContext,
  machines: readonly CloudMachine[],
  fresh: readonly MachineSpec[] = [],
): Promise<void> {
  const { workspace, turns, cloud } = cluster;
  const { signal } = context;
  const files = filesOf(cloud, context, machines);
  if (render(files) === cluster.applied) return;
  forget(cluster);
  let secrets: ReadonlySet<string> = new Set();
  try {
    secrets = await writeUserData(workspace, context, fresh);
    await workspace.write(filesOf(cloud, context, machines, secrets));
    await workspace.apply({ signal, onMessage: turns.tell });
    cluster.applied = render(files);
  } finally {
    // Machines take it once; what it holds is not to lie around, not even what a run that was killed has left.
    await workspace.remove(userDataFolder);
    if (secrets.size > 0) await workspace.write(files);
  }
}

async function writeUserData(
  workspace: Workspace,
  context: ProviderContext,
  fresh: readonly MachineSpec[],
): Promise<ReadonlySet<string>> {
  const written = new Set<string>();
  for (const spec of fresh) {
    const text = await context.userData?.(spec);
    if (text === undefined) continue;
    await workspace.writeSecret(userDataFile(spec.name), text);
    written.add(spec.name);
  }
  return written;
}

function forget(cluster: Cluster): void {
  cluster.applied = undefined;
  cluster.previewed = undefined;
}

/** Machines that are there, as they were last wished for. */
async function keptMachines({ cloud, workspace }: Cluster, context: ProviderContext): Promise<CloudMachine[]> {
  const there = existing(cloud, await workspace.readState(context.signal));
  const stored = await storedMachines(workspace);
  const wished = new Map(wishedMachines(context).map((machine) => [machine.name, machine]));
  return [...there].flatMap((name) => stored.get(name) ?? wished.get(name) ?? []);
}

async function storedMachines(workspace: Workspace): Promise<ReadonlyMap<string, CloudMachine>> {
  const machines = readMachines(await workspace.readFile("machines.tf.json"));
  return new Map(machines.map((machine) => [machine.name, machine]));
}

/** The names of the machines that were made to their end. */
function existing({ machine }: Cloud, { resources }: TofuState): Set<string> {
  const own = resources.filter(
    ({ type, name, tainted }) => type === machine?.resource && name === "machine" && !tainted,
  );
  return new Set(own.flatMap(({ key }) => key ?? []));
}

function wishedMachines({ config, machines }: ProviderContext): readonly CloudMachine[] {
  return cloudInput(config, machines).machines;
}

function filesOf(
  cloud: Cloud,
  { config, machines: specs }: ProviderContext,
  machines: readonly CloudMachine[],
  secrets: ReadonlySet<string> = new Set(),
): TofuFiles {
  const withData = machines.map((machine) =>
    secrets.has(machine.name) ? { ...machine, userData: userDataFile(machine.name) } : machine,
  );
  return cloud.files({ ...cloudInput(config, specs), machines: withData });
}

/** One look at the cloud serves all questions until something is changed. */
async function preview(cluster: Cluster, context: ProviderContext): Promise<TofuPreview> {
  const { cloud, workspace } = cluster;
  const wished = wishedMachines(context);
  const kept = await keptMachines(cluster, context);
  const others = kept.filter(({ name }) => !wished.some((machine) => machine.name === name));
  const files = filesOf(cloud, context, [...wished, ...others]);
  const known = cluster.previewed;
  if (known?.files === render(files)) return known.preview;
  const [state, stored] = [await workspace.readState(context.signal), await storedMachines(workspace)];
  const input = { cloud, workspace, state, files, wished, stored };
  const promise = previewCluster(input, context.signal);
  cluster.previewed = { files: render(files), preview: promise };
  promise.catch(() => {
    cluster.previewed = undefined;
  });
  return promise;
}

function render(files: TofuFiles): string {
  return Object.values(files).map(renderDocument).join("");
}

function cannotStop({ name }: Cloud): UserError {
  return new UserError(`Cannot stop machines on ${name}: they would go on costing, and lose their addresses`, {
    hints: ["`slipway down` takes the cluster away."],
    exitCode: exitCodes.usage,
  });
}
