// The controllers of kube-controller-manager.

export { controllers } from "./all.ts";
export type { ControllerDefinition } from "./controller-definition.ts";
export { type ControllerMetrics, createControllerMetrics } from "./controller-metrics.ts";
export type { ControllerSettings, NodeIpamSettings, NodeLifecycleSettings } from "./controller-settings.ts";
export { type ControllerSelection, selectControllers } from "./select-controllers.ts";
export { type RunningControllers, type StartControllersOptions, startControllers } from "./start-controllers.ts";
