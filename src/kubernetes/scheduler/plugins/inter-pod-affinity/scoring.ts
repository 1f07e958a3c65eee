// Preferred terms, both ways, and what required affinity of others is worth: summed by topology.

import type { Labels } from "#kubernetes/api";
import { type AffinityTerm, matchesTerm, type WeightedTerm } from "../../cluster/affinity-term.ts";
import type { NodeInfo } from "../../cluster/node-info.ts";
import type { PodInfo } from "../../cluster/pod-info.ts";
import type { Snapshot } from "../../cluster/snapshot.ts";
import type { TopologyCounter } from "../../cluster/topology-counters.ts";
import { maxNodeScore, type Scores } from "../../framework.ts";
import { counterOfScores, countersOfMatching } from "./term-counts.ts";

interface Part {
  readonly counter: TopologyCounter;
  readonly weight: number;
}

export type AffinityScoring = readonly Part[];

export interface ScoringOptions {
  /** What a required affinity term of another pod about this one is worth. */
  readonly requiredWeight: number;
  readonly namespaceLabels: Labels | undefined;
  /** Gives a term the namespaces its selector stands for. */
  readonly resolve: (term: AffinityTerm) => AffinityTerm;
}

/** Empty where no term has a say. */
export function makeAffinityScoring(
  pod: PodInfo,
  snapshot: Snapshot,
  { requiredWeight, namespaceLabels, resolve }: ScoringOptions,
): AffinityScoring {
  const parts: Part[] = [];
  const addOwn = (terms: readonly WeightedTerm[], sign: 1 | -1) => {
    for (const { term, weight } of terms) {
      parts.push({ counter: countersOfMatching([resolve(term)], snapshot)[0]!, weight: sign * weight });
    }
  };
  addOwn(pod.affinity.preferredAffinity, 1);
  addOwn(pod.affinity.preferredAntiAffinity, -1);
  for (const term of snapshot.terms.scoring()) {
    if (!matchesTerm(term, pod.namespace, pod.labels, namespaceLabels)) continue;
    parts.push({ counter: counterOfScores(term, requiredWeight, snapshot), weight: 1 });
  }
  return parts;
}

export function scoreAffinity(parts: AffinityScoring, { slot }: NodeInfo): number {
  let score = 0;
  for (const { counter, weight } of parts) score += weight * counter.sumAt(slot);
  return score;
}

/** The least becomes 0, the greatest 100; where all are the same, 0. */
export function normalizeAffinity(scores: Scores): void {
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (const score of scores) {
    if (score < least) least = score;
    if (score > most) most = score;
  }
  const range = most - least;
  for (let at = 0; at < scores.length; at++) {
    scores[at] = range > 0 ? Math.trunc(maxNodeScore * ((scores[at]! - least) / range)) : 0;
  }
}
