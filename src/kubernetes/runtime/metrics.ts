// What queues and reconciles report, under upstream's metric names. The registry is the process's; without one nothing is kept.

import type { Counter, Gauge, Histogram, Registry } from "prom-client";

/** What one work queue reports. Times are in milliseconds. */
export interface WorkQueueMetrics {
  added(): void;
  retried(): void;
  depthChanged(depth: number): void;
  taken(waitedMs: number, depth: number): void;
  finished(workedMs: number): void;
  /** How long each key is being worked on, asked whenever metrics are. */
  watchWork(workingMs: () => Iterable<number>): void;
}

const nothing = () => {};
export const noQueueMetrics: WorkQueueMetrics = {
  added: nothing,
  retried: nothing,
  depthChanged: nothing,
  taken: nothing,
  finished: nothing,
  watchWork: nothing,
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
  const work = new Map<string, () => Iterable<number>>();
  const gaugeOf = (name: string, help: string, of: (seconds: readonly number[]) => number) =>
    new classes.Gauge({
      name,
      help,
      ...common,
      collect() {
        for (const [queue, working] of work) this.set({ name: queue }, of([...working()].map((ms) => ms / 1000)));
      },
    });
  gaugeOf(
    "workqueue_unfinished_work_seconds",
    "How many seconds of work has done that is in progress and hasn't been observed by work_duration.",
    (seconds) => seconds.reduce((sum, each) => sum + each, 0),
  );
  gaugeOf(
    "workqueue_longest_running_processor_seconds",
    "How many seconds has the longest running processor for workqueue been running.",
    (seconds) => Math.max(0, ...seconds),
  );
  return (name) => ({
    added: () => adds.inc({ name }),
    retried: () => retries.inc({ name }),
    depthChanged: (value) => depth.set({ name }, value),
    taken(waitedMs, left) {
      depth.set({ name }, left);
      waited.observe({ name }, waitedMs / 1000);
    },
    finished: (workedMs) => worked.observe({ name }, workedMs / 1000),
    watchWork: (working) => void work.set(name, working),
  });
}
