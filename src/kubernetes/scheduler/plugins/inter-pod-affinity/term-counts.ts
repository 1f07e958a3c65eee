// Counts for affinity terms: of pods a term is about, and of pods that have the term.

import { type AffinityTerm, matchesTerm } from "../../cluster/affinity-term.ts";
import type { PodInfo } from "../../cluster/pod-info.ts";
import type { Snapshot } from "../../cluster/snapshot.ts";
import type { TopologyCounter } from "../../cluster/topology-counters.ts";

/** Whether the pod is one that all of these terms, whose namespaces are known, are about; no terms are about none. */
export function matchesAll(terms: readonly AffinityTerm[], { namespace, labels }: PodInfo): boolean {
  return terms.length > 0 && terms.every((term) => matchesTerm(term, namespace, labels, undefined));
}

/** Pods all of the terms are about, by the topology of each term. */
export function countersOfMatching(terms: readonly AffinityTerm[], snapshot: Snapshot): TopologyCounter[] {
  const key = `about ${terms.map((term) => term.key).join("\n")}`;
  const amountOf = (other: PodInfo) => (matchesAll(terms, other) ? 1 : 0);
  return terms.map(({ topologyKey }) => snapshot.counters.byTopology({ key, amountOf }, topologyKey));
}

/** Pods that keep away those the term is about. */
export function counterOfAnti({ key: termKey, topologyKey }: AffinityTerm, snapshot: Snapshot): TopologyCounter {
  const amountOf = ({ affinity }: PodInfo) => {
    let count = 0;
    for (const { key } of affinity.requiredAntiAffinity) if (key === termKey) count++;
    return count;
  };
  return snapshot.counters.byTopology({ key: `anti ${termKey}`, amountOf }, topologyKey);
}

/** What pods with this term add to the score of a topology for those the term is about. */
export function counterOfScores(
  { key: termKey, topologyKey }: AffinityTerm,
  requiredWeight: number,
  snapshot: Snapshot,
): TopologyCounter {
  const amountOf = ({ affinity }: PodInfo) => {
    let sum = 0;
    for (const { key } of affinity.requiredAffinity) if (key === termKey) sum += requiredWeight;
    for (const { term, weight } of affinity.preferredAffinity) if (term.key === termKey) sum += weight;
    for (const { term, weight } of affinity.preferredAntiAffinity) if (term.key === termKey) sum -= weight;
    return sum;
  };
  return snapshot.counters.byTopology({ key: `score ${requiredWeight} ${termKey}`, amountOf }, topologyKey);
}
