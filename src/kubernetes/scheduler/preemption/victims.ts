// Which pods of a node would have to go for a pod to fit: as few as it takes, the least important first.

import type { NodeInfo } from "../cluster/node-info.ts";
import type { PodInfo } from "../cluster/pod-info.ts";
import type { FilterCycle } from "../framework.ts";
import { isRejection, type Rejection, unresolvable } from "../status.ts";
import type { DisruptionBudgets } from "./disruption-budgets.ts";
import { isMoreImportant } from "./importance.ts";

/** A node on which the pod would fit without these pods. */
export interface Candidate {
  readonly node: NodeInfo;
  /** The most important first. Never empty. */
  readonly victims: readonly PodInfo[];
  /** How many of them a disruption budget protects. */
  readonly violations: number;
}

const noVictims = unresolvable("", "No preemption victims found for incoming pod");

export function selectVictims(
  cycle: FilterCycle,
  node: NodeInfo,
  budgets: DisruptionBudgets,
  nowMs: number,
): Candidate | Rejection {
  const { pod } = cycle;
  const potential = node.pods.filter(({ priority }) => priority < pod.priority);
  if (potential.length === 0) return noVictims;
  const supposed = new SupposedNode(cycle, node);
  for (const victim of potential) supposed.remove(victim);
  const emptied = supposed.check();
  if (isRejection(emptied)) return emptied;
  potential.sort((a, b) => (isMoreImportant(a, b, nowMs) ? -1 : isMoreImportant(b, a, nowMs) ? 1 : 0));
  const { violating, others } = budgets.split(potential);
  const lost = violating.filter((victim) => !supposed.keepsBeside(victim));
  const rest = others.filter((victim) => !supposed.keepsBeside(victim));
  const victims = new Set([...lost, ...rest]);
  if (victims.size === 0) return unresolvable("", `expected at least one victim pod on node "${node.name}"`);
  return { node, victims: potential.filter((victim) => victims.has(victim)), violations: lost.length };
}

/** A node as it would be without some of its pods. */
class SupposedNode {
  readonly #cycle: FilterCycle;
  readonly #node: NodeInfo;

  constructor(cycle: FilterCycle, node: NodeInfo) {
    this.#cycle = cycle.copy();
    this.#node = node.copy();
  }

  check(): ReturnType<FilterCycle["filterWithNominated"]> {
    return this.#cycle.filterWithNominated(this.#node);
  }

  remove(victim: PodInfo): void {
    this.#node.removePod(victim.uid);
    this.#cycle.removePod(victim, this.#node);
  }

  /** Puts the pod back where the other still fits beside it; answers whether it does. */
  keepsBeside(victim: PodInfo): boolean {
    this.#node.addPod(victim);
    this.#cycle.addPod(victim, this.#node);
    if (!isRejection(this.check())) return true;
    this.remove(victim);
    return false;
  }
}
