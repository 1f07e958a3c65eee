// The library: whole clusters in this process, for tests and tools.
//
//   import { resources, startCluster } from "slipway";
//   await using cluster = await startCluster({ nodes: 3 });
//   await cluster.client.create(resources.namespaces, { metadata: { name: "demo" } });

export {
  type Cluster,
  type SimulatedNode,
  type StageObject,
  type StartClusterOptions,
  startCluster,
} from "#controlplane";
export {
  isAlreadyExists,
  isConflict,
  isNotFound,
  type KubeObject,
  type Resource,
  resources,
  StatusError,
} from "#kubernetes/api";
export type {
  CallOptions,
  Client,
  DeleteOptions,
  GetOptions,
  ListOptions,
  ObjectList,
  Patch,
  WatchOptions,
  WriteOptions,
} from "#kubernetes/client";
