// Looks for a node on which the pod would fit if less important pods went, and for the one where that costs least.

import type { Pod } from "#kubernetes/api";
import type { NodeInfo } from "../cluster/node-info.ts";
import type { PodInfo } from "../cluster/pod-info.ts";
import { Diagnosis, nodesWithCode } from "../cycle/diagnosis.ts";
import type { FilterCycle, NodeStatuses } from "../framework.ts";
import { type Rejection, unresolvable, unschedulable } from "../status.ts";
import type { DisruptionBudgets } from "./disruption-budgets.ts";
import { cheapestCandidate } from "./importance.ts";
import { type Candidate, selectVictims } from "./victims.ts";

export interface EvaluationOptions {
  readonly pluginName: string;
  /** The pod as it is now. */
  readonly current: Pod;
  readonly budgets: DisruptionBudgets;
  /** How many candidates are enough: so many percent of the nodes, but at least so many. */
  readonly minCandidateNodesPercentage: number;
  readonly minCandidateNodesAbsolute: number;
  /** Between 0 and 1: where to begin. */
  readonly random: () => number;
  readonly nowMs: number;
}

const notHelpful = unresolvable("", "Preemption is not helpful for scheduling");

/** `isFinal`: a nomination the pod may have is worth nothing. */
export type Evaluation = Candidate | { readonly rejection: Rejection; readonly isFinal: boolean };

export function evaluatePreemption(
  cycle: FilterCycle,
  diagnosis: NodeStatuses,
  options: EvaluationOptions,
): Evaluation {
  const { pluginName, nowMs } = options;
  const obstacle = findObstacle(cycle, diagnosis, options.current);
  if (obstacle) return { rejection: unschedulable(pluginName, `preemption: ${obstacle}`), isFinal: false };
  const { nodes } = cycle.snapshot;
  const potential = nodesWithCode(diagnosis, "Unschedulable", nodes);
  const { candidates, failed } = findCandidates(cycle, potential, options);
  if (candidates.length > 0) return cheapestCandidate(candidates, nowMs);
  failed.others = notHelpful;
  const message = `preemption: ${failed.describe(nodes.length)}`;
  return { rejection: unschedulable(pluginName, message), isFinal: true };
}

/** Why the pod may not preempt others; undefined where it may. */
function findObstacle({ pod, snapshot }: FilterCycle, diagnosis: NodeStatuses, current: Pod): string | undefined {
  if (current.spec?.preemptionPolicy === "Never") return "not eligible due to preemptionPolicy=Never.";
  const nominated = current.status?.nominatedNodeName;
  if (!nominated || statusOf(diagnosis, nominated).code === "UnschedulableAndUnresolvable") return undefined;
  const isUnderWay = snapshot
    .node(nominated)
    ?.pods.some((other) => other.priority < pod.priority && isBeingPreempted(other));
  return isUnderWay ? "not eligible due to a terminating pod on the nominated node." : undefined;
}

function statusOf({ nodes, statuses, others }: NodeStatuses, name: string): Rejection {
  const at = nodes.findIndex((node) => node.name === name);
  return at < 0 ? others : statuses[at]!;
}

function isBeingPreempted({ isTerminating, pod }: PodInfo): boolean {
  if (!isTerminating) return false;
  const condition = pod.status?.conditions?.find(({ type }) => type === "DisruptionTarget");
  return condition?.status === "True" && condition.reason === "PreemptionByScheduler";
}

/** Begins somewhere and stops when there are enough, one of them without breaking a disruption budget. */
function findCandidates(
  cycle: FilterCycle,
  nodes: readonly NodeInfo[],
  options: EvaluationOptions,
): { readonly candidates: readonly Candidate[]; readonly failed: Diagnosis } {
  const enough = candidatesWanted(nodes.length, options);
  const offset = Math.floor(options.random() * nodes.length);
  const clean: Candidate[] = [];
  const violating: Candidate[] = [];
  const failed = new Diagnosis();
  const { budgets, nowMs } = options;
  const select = (node: NodeInfo) => selectVictims(cycle, node, budgets, nowMs);
  const about = `victims of ${cycle.pod.priority}`;
  for (let step = 0; step < nodes.length; step++) {
    const node = nodes[(offset + step) % nodes.length]!;
    // What a budget still allows changes with what happens on other nodes.
    const found = budgets.isEmpty ? cycle.remember(node, about, () => select(node)) : select(node);
    if ("code" in found) {
      failed.add(node, found);
      continue;
    }
    const list = found.violations === 0 ? clean : violating;
    if (list.length < enough) list.push(found);
    if (clean.length > 0 && clean.length + violating.length >= enough) break;
  }
  return { candidates: [...clean, ...violating], failed };
}

function candidatesWanted(
  nodeCount: number,
  { minCandidateNodesPercentage, minCandidateNodesAbsolute }: EvaluationOptions,
): number {
  const share = Math.floor((nodeCount * minCandidateNodesPercentage) / 100);
  return Math.min(Math.max(share, minCandidateNodesAbsolute), nodeCount);
}
