// What ReplicaSets and ReplicationControllers have in common, and where they differ.

import type { KubeObject, PodTemplateSpec, ReplicaSetStatus, Resource, Selector } from "#kubernetes/api";

/** An object that keeps a number of equal pods. */
export interface ReplicaOwner extends KubeObject {
  spec?: {
    replicas?: number;
    minReadySeconds?: number;
    template?: PodTemplateSpec;
  };
  status?: ReplicaSetStatus;
}

export interface ReplicaKind<T extends ReplicaOwner> {
  readonly resource: Resource<T>;
  /** The source of its events, such as "replicaset-controller". */
  readonly component: string;
  /** Undefined where the object's selector cannot be read. */
  selectorOf(object: T): Selector | undefined;
  /** Its status counts pods that are on their way out. */
  readonly countsTerminating: boolean;
}
