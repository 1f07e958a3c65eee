// The steps of an upgrade: the data saved, control planes one after the other, workers in batches, and between them a look whether all
// is well. The engine runs them by a journal of their own, so that an upgrade that was interrupted goes on.

import { isNodeReady, waitForNodes, withClusterClient } from "#addons";
import type { ClusterConfig } from "#config";
import type { Node } from "#kubernetes/api";
import { UserError } from "#shared";
import {
  addMachines,
  fetchPrograms,
  type PlanInput,
  type Replacement,
  removeMachines,
  type StepContext,
  type UpgradeHop,
  upgradeMachine,
} from "#turnup";
import { type ExistingCluster, planInput } from "../cluster.ts";
import type { CliContext } from "../context.ts";
import { drainNode, setSchedulable } from "../node/drain-node.ts";
import { poolOf } from "../node/pools.ts";
import { hasData, saveSafetySnapshot } from "../store/save-snapshot.ts";
import type { UpgradeStep } from "./pause-point.ts";
import type { UpgradeState } from "./upgrade-state.ts";
import { whenReached } from "./when-reached.ts";

/** What the steps of one hop share. */
interface Hop {
  readonly cluster: ExistingCluster;
  readonly context: CliContext;
  readonly state: UpgradeState;
  /** As it is when the hop is done. */
  readonly config: ClusterConfig;
  readonly version: string;
}

const gateTimeoutMs = 300_000;

/** All of them, in order; each needs those before. */
export function upgradeSteps(cluster: ExistingCluster, state: UpgradeState, context: CliContext): UpgradeStep[] {
  const hops = state.hops.map((planned) => {
    const { version } = planned;
    return { planned, hop: { cluster, context, state, version, config: withVersion(cluster.config, version) } };
  });
  const isElsewhere = planInput(cluster, cluster.config, context).remote !== undefined;
  const groups = [
    ...(isElsewhere ? [hops.map(({ hop }) => programsStep(hop))] : []),
    ...hops.flatMap(({ hop, planned }) => groupsOf(hop, planned)),
  ];
  const idsOf = (group: readonly UpgradeStep[] = []) => group.map(({ id }) => id);
  return groups.flatMap((group, index) => group.map((each) => ({ ...each, needs: idsOf(groups[index - 1]) })));
}

/** Our own nodes run the version that this program is. */
export function withVersion(config: ClusterConfig, version: string): ClusterConfig {
  return config.distribution.type === "slipway" ? config : { ...config, kubernetesVersion: version };
}

/** Steps of a group run side by side. */
function groupsOf(hop: Hop, { controlPlanes, workers, replacements }: Omit<UpgradeHop, "version">): UpgradeStep[][] {
  const { machines } = hop.state;
  const groups: UpgradeStep[][] = hasData(hop.cluster, hop.context) ? [[snapshotStep(hop)]] : [];
  for (const [index, name] of controlPlanes.entries()) {
    const ends = [name, ...(index === controlPlanes.length - 1 ? ["control-planes"] : [])];
    groups.push([machineStep(hop, name)]);
    groups.push([gateStep(hop, `gate-${name}`, { nodes: machines, upgraded: [name], ends })]);
  }
  for (const [index, batch] of workers.entries()) {
    groups.push(batch.map((name) => machineStep(hop, name)));
    groups.push([gateStep(hop, `gate-${index + 1}`, { nodes: machines, upgraded: batch, ends: batch })]);
  }
  let before = machines;
  for (const [index, batch] of replacements.entries()) {
    const [old, made] = [batch.map((pair) => pair.old), batch.map((pair) => pair.new)];
    const left = before.filter((name) => !old.includes(name));
    const after = [...left, ...made];
    // Where there is no room for more, the old ones go first.
    const isCrowded = hop.state.surge === 0;
    const add = addStep(hop, index + 1, { batch, machines: isCrowded ? after : [...before, ...made] });
    const remove = removeStep(hop, index + 1, { batch, machines: isCrowded ? left : after, isCrowded });
    groups.push(...(isCrowded ? [[remove], [add]] : [[add], [remove]]));
    groups.push([gateStep(hop, `gate-${index + 1}`, { nodes: after, upgraded: made, ends: [...old, ...made] })]);
    before = after;
  }
  const end = groups.at(-1)!;
  return [...groups.slice(0, -1), end.map((each) => ({ ...each, ends: [...(each.ends ?? []), hop.version] }))];
}

function step(
  { version }: Hop,
  what: string,
  title: string,
  apply: (context: StepContext) => Promise<void>,
): UpgradeStep {
  return {
    id: `upgrade/${version}/${what}`,
    phase: "bootstrap",
    title,
    needs: [],
    check: async () => ({ state: "missing", reason: "is done once" }),
    apply,
  };
}

function programsStep(hop: Hop): UpgradeStep {
  const { cluster, config, context, version } = hop;
  const fetch = step(hop, "programs", `Fetch the programs of ${version}`, (run) =>
    fetchPrograms(planInput(cluster, config, context), run),
  );
  return { ...fetch, isHarmless: true };
}

function snapshotStep(hop: Hop): UpgradeStep {
  const { cluster, context } = hop;
  const save = step(hop, "snapshot", "Save the data", async ({ signal, report }) => {
    report(await saveSafetySnapshot(cluster, "upgrade", { context, signal, report }));
  });
  return { ...save, isHarmless: true };
}

function machineStep(hop: Hop, name: string): UpgradeStep {
  const { cluster, context, config, state } = hop;
  return step(hop, name, `Upgrade ${name}`, async (run) => {
    const { signal } = run;
    const isDrained = drains(hop, name);
    const empty = isDrained ? () => drain(hop, name, run) : undefined;
    await upgradeMachine(planInput(cluster, config, context), name, run, empty);
    if (!isDrained || state.cordoned.includes(name)) return;
    await reach(hop, signal, (client) => setSchedulable(client, name, { schedulable: true, signal }));
  });
}

/** A control plane of ours is a process beside its pods; upstream's kubelet wants no pods while it gets another version. */
function drains({ state, cluster }: Hop, name: string): boolean {
  if (!state.choices.drain || state.machines.length === 1) return false;
  return cluster.config.distribution.type !== "slipway" || poolOf(cluster.config, name) !== undefined;
}

interface Batch {
  readonly batch: readonly Replacement[];
  /** All there are when the step is done. */
  readonly machines: readonly string[];
}

function addStep(hop: Hop, number: number, { batch, machines }: Batch): UpgradeStep {
  const made = batch.map((pair) => pair.new);
  return step(hop, `add-${number}`, `Make ${made.join(", ")}`, async (run) => {
    await addMachines(inputOf(hop, machines), made, run);
    await waitUntilWell(hop, run, { nodes: made, upgraded: made });
  });
}

function removeStep(
  hop: Hop,
  number: number,
  { batch, machines, isCrowded }: Batch & { readonly isCrowded: boolean },
): UpgradeStep {
  const [old, made] = [batch.map((pair) => pair.old), batch.map((pair) => pair.new)];
  return step(hop, `remove-${number}`, `Remove ${old.join(", ")}`, async (run) => {
    // A cluster that was stopped and started meanwhile has as many machines as it wants, and these were too many.
    if (!isCrowded) await addMachines(inputOf(hop, [...machines, ...old]), made, run);
    if (hop.state.choices.drain) await Promise.all(old.map((name) => drain(hop, name, run)));
    await removeMachines(inputOf(hop, machines), old, run);
  });
}

/** Just these machines, in pools of the sizes that they make. */
function inputOf({ cluster, config, context }: Hop, machines: readonly string[]): PlanInput {
  const sizeOf = (pool: string) => machines.filter((name) => poolOf(config, name)?.name === pool).length;
  const workers = config.workers.map((pool) => ({ ...pool, count: sizeOf(pool.name) }));
  return { ...planInput(cluster, { ...config, workers }, context), names: { existing: machines } };
}

async function drain(hop: Hop, name: string, { signal, report }: StepContext): Promise<void> {
  const { drainTimeoutMs: timeoutMs } = hop.state.choices;
  report(`moving the pods of ${name} away`);
  await reach(hop, signal, (client) =>
    drainNode(client, name, { signal, onWait: report, ...(timeoutMs !== undefined && { timeoutMs }) }),
  );
}

function reach<T>(
  { cluster }: Hop,
  signal: AbortSignal,
  action: Parameters<typeof withClusterClient<T>>[1],
): Promise<T> {
  return whenReached(() => withClusterClient(cluster.paths.kubeconfig, action), { signal });
}

interface Wanted {
  /** To be Ready. */
  readonly nodes: readonly string[];
  /** Of these, those that are to run the hop's version. */
  readonly upgraded: readonly string[];
}

/** Every node Ready, those that were upgraded at their version, and the person's own command content. */
function gateStep(
  hop: Hop,
  what: string,
  { ends, ...wanted }: Wanted & { readonly ends: readonly string[] },
): UpgradeStep {
  const { cluster, config, context, state } = hop;
  const { gate } = state.choices;
  const gated = step(hop, what, "See that all is well", async (run) => {
    await waitUntilWell(hop, run, wanted);
    if (gate === undefined) return;
    run.report(gate);
    const env = { KUBECONFIG: cluster.paths.kubeconfig };
    await planInput(cluster, config, context).exec(["sh", "-c", gate], { signal: run.signal, env });
  });
  return { ...gated, phase: "verify", ends, isHarmless: true };
}

async function waitUntilWell(hop: Hop, { signal, report }: StepContext, { nodes, upgraded }: Wanted): Promise<void> {
  const { config, version } = hop;
  const timeout = AbortSignal.timeout(gateTimeoutMs);
  const both = AbortSignal.any([signal, timeout]);
  // Without a pod network no node is ever Ready.
  const mustBeReady = config.network.plugin !== "none";
  const isWell = (node: Node) =>
    (!mustBeReady || isNodeReady(node)) && (!upgraded.includes(node.metadata.name!) || runs(node, version));
  const onProgress = (left: readonly string[]) => report(`waiting for ${left.join(", ")}`);
  try {
    await reach(hop, both, (client) => waitForNodes(client, nodes, { signal: both, onProgress, isWell }));
  } catch (error) {
    if (!timeout.aborted || signal.aborted) throw error;
    throw new UserError(`not every node is Ready with its version after ${gateTimeoutMs / 1000} s`, {
      hints: ["See why: slipway status, slipway kubectl describe node"],
      cause: error,
    });
  }
}

/** "v1.36.2+k3s1" is 1.36.2. */
function runs({ status }: Node, version: string): boolean {
  const found = status?.nodeInfo?.kubeletVersion?.replace(/^v/, "") ?? "";
  return found === version || found.startsWith(`${version}+`);
}
