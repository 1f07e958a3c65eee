// The rules by which nodes are compared by what is taken of their resources. All whole numbers, as upstream divides.

import { maxNodeScore } from "../../framework.ts";
import type { ScoringStrategy, UtilizationShapePoint, WeightedResource } from "./resource-args.ts";

/**
 * Scores a node: by resource, what would be taken with the pod, what is taken now, and what there is. Resources the node has
 * none of are 0 in all three.
 */
export type ResourceScorer = (requested: Float64Array, taken: Float64Array, allocatable: Float64Array) => number;

/** Custom shapes go from 0 to this. */
const mostShapeScore = 10;

export function strategyScorer(strategy: ScoringStrategy, resources: readonly WeightedResource[]): ResourceScorer {
  switch (strategy.type) {
    case "LeastAllocated":
      return weightedScorer(resources, (requested, capacity) =>
        requested > capacity ? 0 : share(capacity - requested, capacity),
      );
    case "MostAllocated":
      return weightedScorer(resources, (requested, capacity) => share(Math.min(requested, capacity), capacity));
    case "RequestedToCapacityRatio":
      return ratioScorer(resources, strategy.requestedToCapacityRatio?.shape ?? []);
  }
}

/** Better where the pod brings the shares of the resources closer together. */
export const balanceScorer: ResourceScorer = (requested, taken, allocatable) => {
  const change = balance(requested, allocatable) - balance(taken, allocatable);
  return maxNodeScore / 2 + Math.trunc((maxNodeScore / 2 + change) / 2);
};

/** 100 where all resources are taken to the same share, less the more they differ. */
function balance(requested: Float64Array, allocatable: Float64Array): number {
  let count = 0;
  let sum = 0;
  let first = 0;
  let last = 0;
  for (let at = 0; at < requested.length; at++) {
    if (allocatable[at] === 0) continue;
    last = Math.min(requested[at]! / allocatable[at]!, 1);
    if (count === 0) first = last;
    sum += last;
    count++;
  }
  if (count < 2) return maxNodeScore;
  const deviation = count === 2 ? Math.abs((first - last) / 2) : standardDeviation(requested, allocatable, sum / count);
  return Math.trunc((1 - deviation) * maxNodeScore);
}

function standardDeviation(requested: Float64Array, allocatable: Float64Array, mean: number): number {
  let sum = 0;
  let count = 0;
  for (let at = 0; at < requested.length; at++) {
    if (allocatable[at] === 0) continue;
    const difference = Math.min(requested[at]! / allocatable[at]!, 1) - mean;
    sum += difference * difference;
    count++;
  }
  return Math.sqrt(sum / count);
}

function weightedScorer(
  resources: readonly WeightedResource[],
  scoreOf: (requested: number, capacity: number) => number,
): ResourceScorer {
  return (requested, _taken, allocatable) => {
    let sum = 0;
    let weights = 0;
    for (let at = 0; at < resources.length; at++) {
      const capacity = allocatable[at]!;
      if (capacity === 0) continue;
      const { weight } = resources[at]!;
      sum += weight * scoreOf(requested[at]!, capacity);
      weights += weight;
    }
    return weights === 0 ? 0 : Math.floor(sum / weights);
  };
}

/** Resources that score nothing do not count. */
function ratioScorer(resources: readonly WeightedResource[], shape: readonly UtilizationShapePoint[]): ResourceScorer {
  const scoreOf = brokenLine(shape);
  return (requested, _taken, allocatable) => {
    let sum = 0;
    let weights = 0;
    for (let at = 0; at < resources.length; at++) {
      const capacity = allocatable[at]!;
      if (capacity === 0) continue;
      const isOver = requested[at]! > capacity;
      const score = scoreOf(isOver ? maxNodeScore : share(requested[at]!, capacity));
      if (score <= 0) continue;
      sum += resources[at]!.weight * score;
      weights += resources[at]!.weight;
    }
    return weights === 0 ? 0 : Math.round(sum / weights);
  };
}

/** The points joined by lines, level before the first and after the last. */
export function brokenLine(shape: readonly UtilizationShapePoint[]): (utilization: number) => number {
  const points = shape.map(({ utilization, score }) => ({
    utilization,
    score: score * (maxNodeScore / mostShapeScore),
  }));
  return (utilization) => {
    const at = points.findIndex((point) => utilization <= point.utilization);
    if (at < 0) return points.at(-1)?.score ?? 0;
    const to = points[at]!;
    const from = points[at - 1];
    if (!from) return to.score;
    const rise = (to.score - from.score) * (utilization - from.utilization);
    return from.score + Math.trunc(rise / (to.utilization - from.utilization));
  };
}

/** In percent, rounded down. Exact: neither amount nears 2^46. */
function share(part: number, whole: number): number {
  return Math.floor((part * maxNodeScore) / whole);
}
