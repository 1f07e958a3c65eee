// How nodes are compared by their resources: which resources count, how much each, and by what rule.

/** Weight 0 or absent: 1. */
export interface ResourceSpec {
  readonly name: string;
  readonly weight?: number;
}

/** How good a utilization (0 to 100) is, from 0 to 10. */
export interface UtilizationShapePoint {
  readonly utilization: number;
  readonly score: number;
}

export interface ScoringStrategy {
  readonly type: "LeastAllocated" | "MostAllocated" | "RequestedToCapacityRatio";
  /** Default: cpu and memory alike. */
  readonly resources?: readonly ResourceSpec[];
  readonly requestedToCapacityRatio?: { readonly shape: readonly UtilizationShapePoint[] };
}

export interface WeightedResource {
  readonly name: string;
  readonly weight: number;
}

export const defaultResources: readonly ResourceSpec[] = [{ name: "cpu" }, { name: "memory" }];

export function weightedResources(specs: readonly ResourceSpec[] | undefined): readonly WeightedResource[] {
  const wanted = specs && specs.length > 0 ? specs : defaultResources;
  return wanted.map(({ name, weight }) => ({ name, weight: weight || 1 }));
}
