// Brings a cluster to its configuration: what up, start, node add and node delete have in common.

import type { ClusterConfig } from "#config";
import { UserError } from "#shared";
import {
  applyPlan,
  checkUserData,
  type EventListener,
  openJournal,
  planCluster,
  readLeaving,
  writeClusterConfig,
  writeLeaving,
} from "#turnup";
import { type NamedCluster, planInput } from "./cluster.ts";
import type { CliContext } from "./context.ts";
import { refuseCloud } from "./refuse-cloud.ts";
import { refuseWhileRestoring } from "./store/refuse-while-restoring.ts";
import { refuseWhileUpgrading } from "./upgrade/upgrade-state.ts";

export interface TurnUpOptions {
  readonly onEvent: EventListener;
  /** Nodes that are to go. Noted, so that a run that is interrupted is gone on with by the next, whatever command it is. */
  readonly excluded?: readonly string[];
  /** Names for nodes that are to come, in the place of the lowest that are free. */
  readonly coming?: readonly string[];
  /** What the cluster is noted to be, where that is another configuration: who goes on after a kill brings it to that one. */
  readonly noted?: ClusterConfig;
  /** Also while an upgrade is under way, which this then brings to all nodes at once. */
  readonly duringUpgrade?: boolean;
}

/** Notes the configuration as the wanted one and runs the plan. The cluster's lock must be held. Throws UserError during an upgrade or a restore. */
export async function turnUp(
  cluster: NamedCluster,
  config: ClusterConfig,
  context: CliContext,
  { onEvent, excluded = [], coming = [], noted = config, duringUpgrade = false }: TurnUpOptions,
): Promise<void> {
  refuseWhileRestoring(cluster);
  if (!duringUpgrade) refuseWhileUpgrading(cluster);
  refuseCloud(config);
  await checkUserData(planInput(cluster, config, context), context.signal);
  await writeClusterConfig(cluster.paths, noted);
  await writeLeaving(cluster.paths, [...new Set([...readLeaving(cluster.paths), ...excluded])]);
  const journal = openJournal(cluster.paths.journal);
  try {
    const input = planInput(cluster, config, context);
    const names = { ...input.names, existing: [...input.names.existing, ...coming] };
    const plan = planCluster({ ...input, names }, journal.begunSteps());
    await applyPlan(plan, { journal, signal: context.signal, onEvent });
    await writeLeaving(cluster.paths, []);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const goOn = `Run \`slipway up --name ${config.name}\` to go on from here, or \`slipway down --name ${config.name}\` to take it all away.`;
    throw new UserError(error.message, { hints: [...error.hints, goOn], exitCode: error.exitCode, cause: error });
  } finally {
    journal.close();
  }
}
