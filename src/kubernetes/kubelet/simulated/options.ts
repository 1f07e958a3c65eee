// What simulated nodes are told when they are made.

import type { Taint } from "#kubernetes/api";
import type { Client } from "#kubernetes/client";
import type { Clock, Logger } from "#shared";
import type { KubeletServerOptions } from "../options.ts";
import type { ResourceList } from "../pod/resources.ts";
import type { StageObject } from "./stages/stage.ts";

export interface SimulatedNode {
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: readonly Taint[];
  /** Default: 32 CPUs, 256 GiB of memory, 110 pods. */
  readonly capacity?: ResourceList;
  readonly providerID?: string;
}

export interface SimulatedNodesOptions {
  /** May do what all nodes may: it acts for each of them. */
  readonly client: Client;
  /** Those to register. Nodes that others make with the annotation kwok.x-k8s.io/node=fake are looked after as well. */
  readonly nodes: readonly SimulatedNode[];
  /** Seconds between renewals of a node's lease; false: no leases. Default 20. */
  readonly leases?: number | false;
  /** Where pods get addresses from on nodes without a range of their own. Default 100.64.0.0/10. */
  readonly podCIDR?: string;
  /** The nodes' InternalIP: where the server, if any, is reached. Default 127.0.0.1. */
  readonly address?: string;
  /** Between a pod's binding and its being ready. Default 0. Stages have their own delays. */
  readonly podStartMs?: number;
  /**
   * KWOK's Stage objects to go by. Default: those in the API server, from when their definition is there. Where no stage speaks
   * of pods, they run at once, those of Jobs complete, and deleted ones go.
   */
  readonly stages?: readonly StageObject[];
  /** Answers for logs and exec, which simulated pods have none of. Absent: no server. */
  readonly server?: KubeletServerOptions;
  /** As nodeInfo shows it. */
  readonly kubeletVersion?: string;
  readonly clock?: Clock;
  readonly logger?: Logger;
}

export const defaultCapacity: ResourceList = { cpu: "32", memory: "256Gi", pods: "110", "ephemeral-storage": "1Ti" };
export const defaultPodCIDR = "100.64.0.0/10";
export const defaultLeaseSeconds = 20;
/** Nodes marked so are simulated, whoever made them. */
export const fakeNodeAnnotation = "kwok.x-k8s.io/node";
