// What queues and reconciles report, under upstream's metric names. The registry is the process's; without one nothing is kept.

import type { Counter, Gauge, Histogram, Registry } from "prom-client";

/** What one work queue reports. Times are in milliseconds. */
export interface WorkQueueMetrics {
  added(): void;
  retried(): void;
  depthChanged(depth: number): void;
  taken(waitedMs: number, depth: number): void;
  finished(workedMs: number): void;
}

const nothing = () => {};
export const noQueueMetrics: WorkQueueMetrics = {
  added: nothing,
  retried: nothing,
  depthChanged: nothing,
  taken: nothing,
  finished: nothing,
};

/** The classes of prom-client, handed in so that programs without metrics need not load it. */
export interface MetricClasses {
  readonly Counter: typeof Counter;
  readonly Gauge: typeof Gauge;
  readonly Histogram: typeof Histogram;
}

/** Registers upstream's workqueue_* metrics; the answer makes the reporter of each queue by name. */
export function createWorkQueueMetrics(
  classes: MetricClasses,
  registry: Registry,
): (queue: string) => WorkQueueMetrics {
  const common = { labelNames: ["name"] as const, registers: [registry] };
  const buckets = Array.from({ length: 10 }, (_, n) => 10 ** (n - 8));
  const depth = new classes.Gauge({ name: "workqueue_depth", help: "Current depth of workqueue", ...common });
  const adds = new classes.Counter({
    name: "workqueue_adds_total",
    help: "Total number of adds handled by workqueue",
    ...common,
  });
  const retries = new classes.Counter({
    name: "workqueue_retries_total",
    help: "Total number of retries handled by workqueue",
    ...common,
  });
  const waited = new classes.Histogram({
    name: "workqueue_queue_duration_seconds",
    help: "How long in seconds an item stays in workqueue before being requested.",
    buckets,
    ...common,
  });
  const worked = new classes.Histogram({
    name: "workqueue_work_duration_seconds",
    help: "How long in seconds processing an item from workqueue takes.",
    buckets,
    ...common,
  });
  return (name) => ({
    added: () => adds.inc({ name }),
    retried: () => retries.inc({ name }),
    depthChanged: (value) => depth.set({ name }, value),
    taken(waitedMs, left) {
      depth.set({ name }, left);
      waited.observe({ name }, waitedMs / 1000);
    },
    finished: (workedMs) => worked.observe({ name }, workedMs / 1000),
  });
}
