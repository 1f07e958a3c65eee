// What simulated nodes are told when they are made.

import type { Node, Taint } from "#kubernetes/api";
import type { Client, InformerSet } from "#kubernetes/client";
import type { Clock, Logger } from "#shared";
import type { ResourceList } from "../pod/resources.ts";
import type { StageObject } from "./stages/stage.ts";

export interface SimulatedNode {
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: readonly Taint[];
  /** Default: 32 CPUs, 256 GiB of memory, 110 pods, 1 TiB of disk; what is named here takes the place of these. */
  readonly capacity?: ResourceList;
  readonly providerID?: string;
}

export interface SimulatedNodesOptions {
  /** May do what all nodes may: it acts for each of them. */
  readonly client: Client;
  /** Started by this; stopped by whoever made it. */
  readonly informers: InformerSet;
  /** Those to register. Nodes that others make with the annotation kwok.x-k8s.io/node are looked after as well. Default: none. */
  readonly nodes?: readonly SimulatedNode[];
  /** Seconds between renewals of a node's lease; false: no leases. Default 20. */
  readonly leases?: number | false;
  /** Where pods get addresses from on nodes without a range of their own. Default 100.64.0.0/10. */
  readonly podCIDR?: string;
  /** The nodes' own addresses. Default 198.18.0.0/15, which is kept free for tests: nothing real is there. */
  readonly nodeCIDR?: string;
  /** Between a pod's binding and its being ready. Default 0. Stages have their own delays. */
  readonly podStartMs?: number;
  /**
   * KWOK's Stage objects to go by, with those in the API server, from when their definition is there. Where no stage speaks of pods,
   * they run at once, those of Jobs complete, and deleted ones go.
   */
  readonly stages?: readonly StageObject[];
  /**
   * Whether a node that is Ready takes the taint away that every new one gets. Default false: the node life cycle controller does
   * that, where it runs.
   */
  readonly removesNotReadyTaint?: boolean;
  /** As nodeInfo shows it. */
  readonly kubeletVersion?: string;
  readonly clock?: Clock;
  readonly logger?: Logger;
}

export const defaultCapacity: ResourceList = { cpu: "32", memory: "256Gi", pods: "110", "ephemeral-storage": "1Ti" };
export const defaultPodCIDR = "100.64.0.0/10";
export const defaultNodeCIDR = "198.18.0.0/15";
export const defaultLeaseSeconds = 20;

/** Nodes that have it are simulated, whoever made them. */
export const simulatedNodeAnnotation = "kwok.x-k8s.io/node";

/** By KWOK's annotation, or, where someone has put it there instead, the label of that name. */
export function isSimulated({ metadata: { annotations, labels } }: Node): boolean {
  return annotations?.[simulatedNodeAnnotation] === "fake" || labels?.[simulatedNodeAnnotation] === "fake";
}
