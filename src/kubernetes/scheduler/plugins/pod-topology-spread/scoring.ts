// Soft constraints: the fewer pods there are where the node lies, the better; small topologies count less than large ones.

import type { NodeInfo } from "../../cluster/node-info.ts";
import type { PodInfo } from "../../cluster/pod-info.ts";
import type { Snapshot } from "../../cluster/snapshot.ts";
import type { TopologyCounter } from "../../cluster/topology-counters.ts";
import { maxNodeScore, type Scores } from "../../framework.ts";
import { hostnameLabel, type SpreadConstraint } from "./constraints.ts";
import { hasLabels, spreadCounter } from "./spread-counts.ts";

interface Part {
  readonly counter: TopologyCounter;
  /** Every host is a topology of its own: pods are counted on the node itself, whether it counts or not. */
  readonly isHost: boolean;
  readonly weight: number;
  readonly maxSkew: number;
}

export interface SpreadScoring {
  readonly parts: readonly Part[];
  /** Slots of nodes that lack a label: they get nothing. */
  readonly ignored: ReadonlySet<number>;
}

/** `isStrict`: nodes without all labels do not count. */
export function makeSpreadScoring(
  pod: PodInfo,
  constraints: readonly SpreadConstraint[],
  isStrict: boolean,
  nodes: readonly NodeInfo[],
  snapshot: Snapshot,
): SpreadScoring {
  const keys = isStrict ? constraints.map(({ topologyKey }) => topologyKey) : [];
  const ignored = new Set<number>();
  if (isStrict) for (const { node, slot } of nodes) if (!hasLabels(node!, keys)) ignored.add(slot);
  const parts = constraints.map((constraint) => {
    const counter = spreadCounter(pod, constraint, keys, snapshot);
    const isHost = constraint.topologyKey === hostnameLabel;
    const size = isHost ? nodes.length - ignored.size : countValues(counter, nodes, ignored);
    return { counter, isHost, weight: Math.log(size + 2), maxSkew: constraint.maxSkew };
  });
  return { parts, ignored };
}

export function scoreSpread({ parts, ignored }: SpreadScoring, { slot }: NodeInfo): number {
  if (ignored.size > 0 && ignored.has(slot)) return 0;
  let score = 0;
  for (const { counter, isHost, weight, maxSkew } of parts) {
    const id = counter.idAt(slot);
    if (id < 0) continue;
    score += (isHost ? counter.base.at(slot) : counter.sumOf(id)) * weight + (maxSkew - 1);
  }
  return Math.round(score);
}

/** The lowest becomes 100. */
export function normalizeSpread(scores: Scores, { ignored }: SpreadScoring, nodes: readonly NodeInfo[]): void {
  const isIgnored = (at: number) => ignored.size > 0 && ignored.has(nodes[at]!.slot);
  let least = Number.POSITIVE_INFINITY;
  let most = 0;
  for (let at = 0; at < scores.length; at++) {
    if (isIgnored(at)) continue;
    least = Math.min(least, scores[at]!);
    most = Math.max(most, scores[at]!);
  }
  for (let at = 0; at < scores.length; at++) {
    if (isIgnored(at)) scores[at] = 0;
    else if (most === 0) scores[at] = maxNodeScore;
    else scores[at] = Math.floor((maxNodeScore * (most + least - scores[at]!)) / most);
  }
}

/** How many values there are among the nodes; having none is a value too. */
function countValues(counter: TopologyCounter, nodes: readonly NodeInfo[], ignored: ReadonlySet<number>): number {
  const seen = new Uint8Array(counter.idCount + 1);
  let count = 0;
  for (const { slot } of nodes) {
    if (ignored.size > 0 && ignored.has(slot)) continue;
    const at = counter.idAt(slot) + 1;
    if (seen[at] === 1) continue;
    seen[at] = 1;
    count++;
  }
  return count;
}
