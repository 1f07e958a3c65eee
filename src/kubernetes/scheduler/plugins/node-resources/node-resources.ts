// What both resource plug-ins do: hold what a pod asks for against what a node has, resource by resource.

import type { NodeInfo } from "../../cluster/node-info.ts";
import { type Amounts, amountIn, isScalarResource, roundUp } from "../../cluster/resource.ts";
import type { WeightedResource } from "./resource-args.ts";
import type { ResourceScorer } from "./resource-scorers.ts";

/** What a pod asks for, in the order of the resources that are compared. */
export type RequestedAmounts = readonly number[];

export function requestedAmounts(requests: Amounts, resources: readonly WeightedResource[]): RequestedAmounts {
  return resources.map(({ name }) => roundUp(requests.get(name) ?? 0));
}

/** A text that is equal for pods that ask for the same. */
export function requestsKey(requests: Amounts): string {
  return [...requests]
    .map(([name, amount]) => `${name}=${amount}`)
    .sort()
    .join(",");
}

export interface ComparisonOptions {
  readonly resources: readonly WeightedResource[];
  readonly scorer: ResourceScorer;
  /** Whether containers that ask for nothing count a little. */
  readonly countsMissing: boolean;
}

/** Scores nodes one after the other. */
export function resourceComparison({ resources, scorer, countsMissing }: ComparisonOptions) {
  const isScalar = resources.map(({ name }) => isScalarResource(name));
  const requested = new Float64Array(resources.length);
  const taken = new Float64Array(resources.length);
  const allocatable = new Float64Array(resources.length);
  return (wanted: RequestedAmounts, node: NodeInfo): number => {
    for (let at = 0; at < resources.length; at++) {
      const { name } = resources[at]!;
      // Rare resources count for pods that ask for them only.
      const capacity = isScalar[at] && wanted[at] === 0 ? 0 : amountIn(node.allocatable, name);
      allocatable[at] = capacity;
      taken[at] = capacity === 0 ? 0 : takenOf(node, name, countsMissing);
      requested[at] = capacity === 0 ? 0 : taken[at]! + wanted[at]!;
    }
    return scorer(requested, taken, allocatable);
  };
}

function takenOf(node: NodeInfo, name: string, countsMissing: boolean): number {
  if (countsMissing && name === "cpu") return node.nonZeroCPU;
  if (countsMissing && name === "memory") return node.nonZeroMemory;
  return amountIn(node.requested, name);
}
