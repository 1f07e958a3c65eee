// Required terms, both ways: those of the pod about others, and those of others about the pod.

import type { Labels } from "#kubernetes/api";
import { type AffinityTerm, matchesTerm } from "../../cluster/affinity-term.ts";
import type { NodeInfo } from "../../cluster/node-info.ts";
import type { PodInfo } from "../../cluster/pod-info.ts";
import type { Snapshot } from "../../cluster/snapshot.ts";
import { SupposedCounts } from "../../cluster/supposed-counts.ts";
import { type Rejection, type Success, success, unresolvable, unschedulable } from "../../status.ts";
import { counterOfAnti, countersOfMatching, matchesAll } from "./term-counts.ts";

export const pluginName = "InterPodAffinity";
const noAffinity = unresolvable(pluginName, "node(s) didn't match pod affinity rules");
const ownAntiAffinity = unschedulable(pluginName, "node(s) didn't match pod anti-affinity rules");
const antiAffinityOfOthers = unschedulable(pluginName, "node(s) didn't satisfy existing pods anti-affinity rules");

interface TermCounts {
  readonly term: AffinityTerm;
  readonly counts: SupposedCounts;
}

export interface AffinityState {
  /** Pods all of the pod's affinity terms are about, by the topology of each. */
  readonly affinity: readonly TermCounts[];
  readonly antiAffinity: readonly TermCounts[];
  /** By term of others that is about the pod: pods that have it. */
  readonly others: Map<string, SupposedCounts>;
  /** The first pod of a group that wants to be together: it may go anywhere. */
  readonly matchesItself: boolean;
  readonly namespaceLabels: Labels | undefined;
  readonly snapshot: Snapshot;
}

export interface OwnTerms {
  /** Their namespaces are known. */
  readonly affinity: readonly AffinityTerm[];
  readonly antiAffinity: readonly AffinityTerm[];
}

/** undefined where no required term has a say about this pod. */
export function makeAffinityState(
  pod: PodInfo,
  own: OwnTerms,
  namespaceLabels: Labels | undefined,
  snapshot: Snapshot,
): AffinityState | undefined {
  const others = new Map<string, SupposedCounts>();
  for (const term of snapshot.terms.requiredAntiAffinity()) {
    if (!matchesTerm(term, pod.namespace, pod.labels, namespaceLabels)) continue;
    others.set(term.key, new SupposedCounts(counterOfAnti(term, snapshot)));
  }
  if (others.size === 0 && own.affinity.length === 0 && own.antiAffinity.length === 0) return undefined;
  const counters = countersOfMatching(own.affinity, snapshot);
  return {
    affinity: own.affinity.map((term, at) => ({ term, counts: new SupposedCounts(counters[at]!) })),
    antiAffinity: own.antiAffinity.map((term) => ({
      term,
      counts: new SupposedCounts(countersOfMatching([term], snapshot)[0]!),
    })),
    others,
    matchesItself: matchesAll(own.affinity, pod),
    namespaceLabels,
    snapshot,
  };
}

export function copyAffinityState(state: AffinityState): AffinityState {
  const copyOf = ({ term, counts }: TermCounts) => ({ term, counts: counts.copy() });
  return {
    ...state,
    affinity: state.affinity.map(copyOf),
    antiAffinity: state.antiAffinity.map(copyOf),
    others: new Map([...state.others].map(([key, counts]) => [key, counts.copy()])),
  };
}

/** Supposes one more (or one fewer) pod on a node. */
export function changeAffinityState(
  state: AffinityState,
  pod: PodInfo,
  other: PodInfo,
  { slot }: NodeInfo,
  change: 1 | -1,
): void {
  for (const term of other.affinity.requiredAntiAffinity) {
    if (matchesTerm(term, pod.namespace, pod.labels, state.namespaceLabels))
      countsOfOther(state, term).change(slot, change);
  }
  const terms = state.affinity.map(({ term }) => term);
  if (matchesAll(terms, other)) for (const { counts } of state.affinity) counts.change(slot, change);
  for (const { term, counts } of state.antiAffinity) if (matchesAll([term], other)) counts.change(slot, change);
}

export function checkAffinity(state: AffinityState, node: NodeInfo): Success | Rejection {
  const { slot } = node;
  if (state.affinity.length > 0 && !satisfiesAffinity(state, slot)) return noAffinity;
  for (const { counts } of state.antiAffinity) if (counts.sumAt(slot) > 0) return ownAntiAffinity;
  for (const counts of state.others.values()) if (counts.sumAt(slot) > 0) return antiAffinityOfOthers;
  return success;
}

function satisfiesAffinity({ affinity, matchesItself }: AffinityState, slot: number): boolean {
  let arePodsThere = true;
  for (const { counts } of affinity) {
    const id = counts.counter.idAt(slot);
    if (id < 0) return false;
    if (counts.sumOf(id) <= 0) arePodsThere = false;
  }
  return arePodsThere || (matchesItself && affinity.every(({ counts }) => counts.total === 0));
}

/** A pod that is only supposed may have a term no other pod has. */
function countsOfOther({ others, snapshot }: AffinityState, term: AffinityTerm): SupposedCounts {
  let counts = others.get(term.key);
  if (!counts) {
    counts = new SupposedCounts(counterOfAnti(term, snapshot));
    others.set(term.key, counts);
  }
  return counts;
}
