// What every control loop is built on: the reconciler contract, its work queue and controller, events, leader election.

export { type Controller, type ControllerOptions, createController } from "./controller.ts";
export { DelayQueue } from "./delay-queue.ts";
export { type LeaderElectionOptions, runAsLeader } from "./election/leader-election.ts";
export { createEventRecorder, type EventRecorderOptions } from "./events/create-event-recorder.ts";
export {
  createSeriesRecorder,
  type EventInit,
  type SeriesRecorder,
  type SeriesRecorderOptions,
} from "./events/create-series-recorder.ts";
export { type EventRecorder, referenceTo } from "./events/event-recorder.ts";
export { LruMap } from "./lru-map.ts";
export { createWorkQueueMetrics, type MetricClasses, noQueueMetrics, type WorkQueueMetrics } from "./metrics.ts";
export {
  done,
  type Reconcile,
  type ReconcileContext,
  type ReconcileResult,
  requeueAfter,
  TerminalError,
} from "./reconciler.ts";
export { formatMicroTime, formatTime, parseTime } from "./time.ts";
export { type Watch, watch, watchKeys, watchOwn } from "./watch.ts";
export type { KeyQueue } from "./work-queue.ts";
