// The cluster configuration object.

export type { ClusterConfig } from "./cluster-config.ts";
