// Chooses the best of the nodes a pod fits on: every plug-in's scores, normalized, weighted, summed.

import type { NodeInfo } from "../cluster/node-info.ts";
import type { PodInfo } from "../cluster/pod-info.ts";
import type { Snapshot } from "../cluster/snapshot.ts";
import type { Scores } from "../framework.ts";
import { runPlugin } from "./plugin-error.ts";
import { checkScore, type LocalScore, type PodClass, runPreScore } from "./pod-class.ts";
import type { Profile } from "./profile.ts";

export interface ScoringContext {
  readonly snapshot: Snapshot;
  readonly profile: Profile;
  readonly podClass: PodClass;
}

/** The best node; of several the first. */
export function pickNode(pod: PodInfo, nodes: readonly NodeInfo[], context: ScoringContext): NodeInfo {
  const totals = scoreNodes(pod, nodes, context);
  let best = 0;
  for (let at = 1; at < totals.length; at++) if (totals[at]! > totals[best]!) best = at;
  return nodes[best]!;
}

/** Total scores in the order of the nodes. */
export function scoreNodes(pod: PodInfo, nodes: readonly NodeInfo[], context: ScoringContext): Scores {
  const { snapshot, podClass } = context;
  const totals = new Float64Array(nodes.length);
  const rawScores = podClass.rawScoresOf(pod, nodes, snapshot);
  const raw = rawScores.map(() => new Float64Array(nodes.length));
  podClass.score(pod, nodes, snapshot, totals, raw);
  for (const [at, score] of rawScores.entries()) addNormalized(totals, raw[at]!, score, nodes);
  for (const score of clusterScores(pod, nodes, context)) {
    const { plugin, state } = score;
    const scores = new Float64Array(nodes.length);
    runPlugin(`running Score plugins: plugin "${plugin.name}" failed with`, () => {
      for (let at = 0; at < nodes.length; at++) scores[at] = plugin.score!(state, pod, nodes[at]!, snapshot);
    });
    addNormalized(totals, scores, score, nodes);
  }
  return totals;
}

/** The scores that look at more than one node and do not skip this pod. */
function clusterScores(pod: PodInfo, nodes: readonly NodeInfo[], { snapshot, profile }: ScoringContext): LocalScore[] {
  const scores: LocalScore[] = [];
  for (const { plugin, weight } of profile.score) {
    if (plugin.scope === "node") continue;
    const status = runPreScore(plugin, profile, pod, nodes, snapshot);
    if (status?.code !== "Skip") scores.push({ plugin, weight, state: status?.state });
  }
  return scores;
}

function addNormalized(totals: Scores, scores: Scores, score: LocalScore, nodes: readonly NodeInfo[]): void {
  const { plugin, state, weight } = score;
  plugin.normalizeScores?.(scores, state, nodes);
  for (let at = 0; at < totals.length; at++) {
    checkScore(plugin, scores[at]!);
    totals[at]! += weight * scores[at]!;
  }
}
