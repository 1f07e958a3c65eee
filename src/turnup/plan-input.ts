// What a plan is made from: the configuration, where things are kept, and the means by which steps act.

import type { ArtifactSource, Distribution, UserKubeconfig } from "#bootstrap";
import { type ClusterConfig, isManagedInfrastructure, isSimulatedCluster } from "#config";
import type { Machine, MachineConnection, MachineSpec, Provider, ProviderContext } from "#provision";
import type { Exec } from "#shared";
import type { ClusterPaths } from "./cluster-folder.ts";

/** The programs of this installation, as command lines. */
export interface Programs {
  process(name: "supervisor" | "control-plane" | "agent" | "machine", ...args: readonly string[]): string[];
  command(...args: readonly string[]): string[];
  /** Which they are: processes started from others are started anew. */
  readonly version?: string;
}

export interface PlanInput {
  readonly config: ClusterConfig;
  readonly paths: ClusterPaths;
  readonly provider: Provider;
  readonly exec: Exec;
  readonly programs: Programs;
  readonly names: NodeNames;
  /** Where programs, packages and images come from: the network, or the cluster's bundle. */
  readonly artifacts: ArtifactSource;
  /** The person's kubeconfig; absent where it is to be left alone. */
  readonly userKubeconfig?: UserKubeconfig;
  /** How machines that are elsewhere become nodes; absent where all are on this one. */
  readonly remote?: RemoteMeans;
}

export interface RemoteMeans {
  readonly distribution: Distribution;
  /** Whoever opens a connection closes it. */
  connect(machine: Machine, signal: AbortSignal): Promise<MachineConnection>;
  /** Machines that phase 1 did not make: none is made, and none is taken away. Absent: those the configuration asks for. */
  readonly machines?: readonly Machine[];
}

export function providerContext(input: PlanInput, signal: AbortSignal): ProviderContext {
  return { config: input.config, folder: input.paths.folder, machines: wantedMachines(input), signal };
}

/** The machines of the plan: those that were given, or those the configuration asks for. */
export function wantedMachines({ config, names, remote }: PlanInput): readonly MachineSpec[] {
  return remote?.machines ?? machineSpecs(config, names);
}

/** Names that are taken already are kept: a pool of two whose first node was deleted has the nodes 2 and 3, not 1 and 2. */
export interface NodeNames {
  readonly existing: readonly string[];
  /** Nodes that are to go, though their pools may keep their sizes. */
  readonly excluded?: readonly string[];
}

/** The machines the configuration asks for; none where nodes are simulated, or where a cloud makes them. */
export function machineSpecs(config: ClusterConfig, names: NodeNames): MachineSpec[] {
  const { name, controlPlane, workers } = config;
  if (isSimulatedCluster(config) || isManagedInfrastructure(config.infrastructure)) return [];
  const controlPlanes = chooseNames(`${name}-control-plane`, controlPlane.replicas, names);
  return [
    ...controlPlanes.map((machine): MachineSpec => ({ name: machine, role: "control-plane", pool: "" })),
    ...workers.flatMap((pool) =>
      chooseNames(`${name}-${pool.name}`, pool.count, names).map(
        (machine): MachineSpec => ({ name: machine, role: "worker", pool: pool.name }),
      ),
    ),
  ];
}

/** The names of the simulated nodes, by pool. */
export function simulatedNames(config: ClusterConfig, names: NodeNames): Map<string, string[]> {
  const pools = isSimulatedCluster(config) ? config.workers : [];
  return new Map(pools.map((pool) => [pool.name, chooseNames(`${config.name}-${pool.name}`, pool.count, names)]));
}

/** The nodes that will join by the plan. */
export function wantedNodes(input: PlanInput): string[] {
  return input.remote?.machines?.map(({ name }) => name) ?? nodeNames(input.config, input.names);
}

/** The nodes that will join: one per machine, or the simulated ones. */
export function nodeNames(config: ClusterConfig, names: NodeNames): string[] {
  if (isSimulatedCluster(config)) return [...simulatedNames(config, names).values()].flat();
  return machineSpecs(config, names).map(({ name }) => name);
}

/** So many names "<prefix>-<number>": those there are, lowest first, then the lowest free ones. */
function chooseNames(prefix: string, count: number, { existing, excluded = [] }: NodeNames): string[] {
  const numberOf = (name: string) => {
    const number = name.startsWith(`${prefix}-`) ? name.slice(prefix.length + 1) : "";
    return /^[1-9]\d*$/.test(number) && !excluded.includes(name) ? Number(number) : undefined;
  };
  const taken = existing
    .map(numberOf)
    .filter((number) => number !== undefined)
    .toSorted((a, b) => a - b);
  const numbers = new Set(taken.slice(0, count));
  for (let number = 1; numbers.size < count; number++) {
    if (!excluded.includes(`${prefix}-${number}`)) numbers.add(number);
  }
  return [...numbers].toSorted((a, b) => a - b).map((number) => `${prefix}-${number}`);
}
