// The scheduler: behaves as kube-scheduler 1.36.

export type { PodInfo } from "./cluster/pod-info.ts";
export type {
  ExtensionPoint,
  PluginConfig,
  PluginReference,
  PluginSet,
  PluginSets,
  SchedulerConfiguration,
  SchedulerProfile,
} from "./config/configuration.ts";
export type { PluginFactory } from "./config/registry.ts";
export {
  checkSchedulerConfiguration,
  createScheduler,
  type Scheduler,
  type SchedulerElection,
  type SchedulerOptions,
} from "./create-scheduler.ts";
export type { Plugin, PluginHandle } from "./framework.ts";
export { createSchedulerMetrics, type PendingPods, type SchedulerMetrics } from "./metrics.ts";
