// What plug-ins see of the cluster. It does not change while a scheduling cycle runs.

import type { NodeInfo } from "./node-info.ts";
import type { TermRegistry } from "./term-registry.ts";
import type { TopologyCounters } from "./topology-counters.ts";

export interface Snapshot {
  /** All nodes there are, zone by zone in turn. */
  readonly nodes: readonly NodeInfo[];
  node(name: string): NodeInfo | undefined;
  /** Whether a pod that has a node uses this claim ("namespace/name"). */
  isClaimUsed(key: string): boolean;
  /** The distinct affinity terms of the pods that have a node. */
  readonly terms: TermRegistry;
  /** Counts of pods by node and by topology. */
  readonly counters: TopologyCounters;
  /** Slots are below this. */
  readonly slots: number;
  /** The generation of the latest change. */
  readonly generation: number;
  /** Grows when something has changed that reaches beyond one node: which nodes there are, which images they have. */
  readonly sharedVersion: number;
  /** Visits the nodes that have changed after `generation`, those that went included. */
  forEachChangedSince(generation: number, visit: (node: NodeInfo) => void): void;
}
