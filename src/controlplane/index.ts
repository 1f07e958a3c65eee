// The control plane: API server, controllers, scheduler and simulated nodes in one process.

export { type ControlPlane, type ControlPlaneSettings, startControlPlane } from "./control-plane.ts";
export { runControlPlane } from "./main.ts";
export {
  type Cluster,
  type SimulatedNode,
  type StageObject,
  type StartClusterOptions,
  startCluster,
} from "./start-cluster.ts";
