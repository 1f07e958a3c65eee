// Hard constraints: with the pod on the node, no topology may have more than maxSkew pods more than the one with the fewest.

import type { NodeInfo } from "../../cluster/node-info.ts";
import type { PodInfo } from "../../cluster/pod-info.ts";
import type { Snapshot } from "../../cluster/snapshot.ts";
import { SupposedCounts } from "../../cluster/supposed-counts.ts";
import { type Rejection, type Success, success, unresolvable, unschedulable } from "../../status.ts";
import type { SpreadConstraint } from "./constraints.ts";
import { isCounted, type SpreadScope, spreadCounter, spreadScope } from "./spread-counts.ts";

export const pluginName = "PodTopologySpread";
const unevenReason = "node(s) didn't match pod topology spread constraints";
const uneven = unschedulable(pluginName, unevenReason);
const unlabelled = unresolvable(pluginName, `${unevenReason} (missing required label)`);

interface Part {
  readonly constraint: SpreadConstraint;
  readonly scope: SpreadScope;
  readonly counts: SupposedCounts;
  /** 1 where the pod itself counts. */
  readonly self: number;
}

export type SpreadState = readonly Part[];

export function makeSpreadState(
  pod: PodInfo,
  constraints: readonly SpreadConstraint[],
  snapshot: Snapshot,
): SpreadState {
  const keys = constraints.map(({ topologyKey }) => topologyKey);
  return constraints.map((constraint) => ({
    constraint,
    scope: spreadScope(pod, constraint, keys),
    counts: new SupposedCounts(spreadCounter(pod, constraint, keys, snapshot)),
    self: constraint.selector.matches(pod.labels) ? 1 : 0,
  }));
}

export function copySpreadState(state: SpreadState): SpreadState {
  return state.map((part) => ({ ...part, counts: part.counts.copy() }));
}

/** Supposes one more (or one fewer) pod on a node. */
export function changeSpreadState(
  state: SpreadState,
  namespace: string,
  other: PodInfo,
  node: NodeInfo,
  change: 1 | -1,
): void {
  for (const { constraint, scope, counts } of state) {
    if (node.node && isCounted(other, namespace, constraint) && scope.includes(node.node)) {
      counts.change(node.slot, change);
    }
  }
}

export function checkSpread(state: SpreadState, { slot }: NodeInfo): Success | Rejection {
  for (const { constraint, counts, self } of state) {
    const id = counts.counter.idAt(slot);
    if (id < 0) return unlabelled;
    const least = counts.counter.domains < constraint.minDomains ? 0 : counts.least;
    if (counts.sumOf(id) + self - least > constraint.maxSkew) return uneven;
  }
  return success;
}
