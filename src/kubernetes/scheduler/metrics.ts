// What the scheduler reports, under upstream's metric names. Without a registry nothing is kept.

import type { Counter, Gauge, Histogram, Registry } from "prom-client";

export interface QueueMetrics {
  incoming(queue: "active" | "backoff" | "unschedulable", event: string): void;
}

export interface SchedulerMetrics extends QueueMetrics {
  attempt(result: "scheduled" | "unschedulable" | "error", profile: string, seconds: number): void;
  /** From the first attempt to the binding. */
  scheduled(attempts: number, seconds: number): void;
  preempted(victims: number): void;
  /** All plug-ins of an extension point have been run for a pod. */
  extensionPoint(run: ExtensionPointRun): void;
}

export interface ExtensionPointRun {
  readonly point: ExtensionPoint;
  readonly profile: string;
  readonly status: "Success" | "Unschedulable" | "Error";
  readonly seconds: number;
}

export type ExtensionPoint =
  | "PreFilter"
  | "Filter"
  | "PostFilter"
  | "Score"
  | "Reserve"
  | "Permit"
  | "PreBind"
  | "Bind"
  | "PostBind";

/** Counts of waiting pods, read when metrics are asked for. */
export type PendingPods = () => Readonly<Record<"active" | "backoff" | "unschedulable" | "gated", number>>;

const nothing = () => {};
export const noMetrics: SchedulerMetrics = {
  incoming: nothing,
  attempt: nothing,
  scheduled: nothing,
  preempted: nothing,
  extensionPoint: nothing,
};

/** The classes of prom-client, handed in so that programs without metrics need not load it. */
export interface MetricClasses {
  readonly Counter: typeof Counter;
  readonly Gauge: typeof Gauge;
  readonly Histogram: typeof Histogram;
}

/** Registers upstream's scheduler_* metrics. */
export function createSchedulerMetrics(
  classes: MetricClasses,
  registry: Registry,
): { readonly metrics: SchedulerMetrics; watchPending(pending: PendingPods): void } {
  const registers = [registry];
  const doubling = (start: number, count: number) => Array.from({ length: count }, (_, n) => start * 2 ** n);
  const incoming = new classes.Counter({
    name: "scheduler_queue_incoming_pods_total",
    help: "Number of pods added to scheduling queues by event and queue type.",
    labelNames: ["queue", "event"] as const,
    registers,
  });
  const attempts = new classes.Counter({
    name: "scheduler_schedule_attempts_total",
    help: "Number of attempts to schedule pods, by the result.",
    labelNames: ["result", "profile"] as const,
    registers,
  });
  const durations = new classes.Histogram({
    name: "scheduler_scheduling_attempt_duration_seconds",
    help: "Scheduling attempt latency in seconds (scheduling algorithm + binding)",
    labelNames: ["result", "profile"] as const,
    buckets: doubling(0.001, 15),
    registers,
  });
  const untilBound = new classes.Histogram({
    name: "scheduler_pod_scheduling_sli_duration_seconds",
    help: "E2e latency for a pod being scheduled, from the time the pod enters the scheduling queue.",
    labelNames: ["attempts"] as const,
    buckets: doubling(0.01, 20),
    registers,
  });
  const attemptsOfBound = new classes.Histogram({
    name: "scheduler_pod_scheduling_attempts",
    help: "Number of attempts to successfully schedule a pod.",
    buckets: doubling(1, 5),
    registers,
  });
  const points = new classes.Histogram({
    name: "scheduler_framework_extension_point_duration_seconds",
    help: "Latency for running all plugins of a specific extension point.",
    labelNames: ["extension_point", "status", "profile"] as const,
    buckets: doubling(0.0001, 12),
    registers,
  });
  const preemptions = new classes.Counter({
    name: "scheduler_preemption_attempts_total",
    help: "Total preemption attempts in the cluster till now",
    registers,
  });
  const victims = new classes.Histogram({
    name: "scheduler_preemption_victims",
    help: "Number of selected preemption victims",
    buckets: doubling(1, 7),
    registers,
  });
  let pending: PendingPods | undefined;
  new classes.Gauge({
    name: "scheduler_pending_pods",
    help: "Number of pending pods, by the queue type.",
    labelNames: ["queue"] as const,
    registers,
    collect() {
      for (const [queue, count] of Object.entries(pending?.() ?? {})) this.set({ queue }, count);
    },
  });
  return {
    metrics: {
      incoming: (queue, event) => incoming.inc({ queue, event }),
      attempt(result, profile, seconds) {
        attempts.inc({ result, profile });
        durations.observe({ result, profile }, seconds);
      },
      scheduled(count, seconds) {
        attemptsOfBound.observe(count);
        untilBound.observe({ attempts: count >= 15 ? "15+" : String(count) }, seconds);
      },
      preempted(count) {
        preemptions.inc();
        victims.observe(count);
      },
      extensionPoint: ({ point, profile, status, seconds }) =>
        points.observe({ extension_point: point, status, profile }, seconds),
    },
    watchPending(source) {
      pending = source;
    },
  };
}

/** Notes an extension point that has been run; the time since the one before, or since this call, is its own. */
export function timePoints(
  metrics: SchedulerMetrics,
  profile: string,
): (point: ExtensionPoint, status: ExtensionPointRun["status"]) => void {
  let since = performance.now();
  return (point, status) => {
    const now = performance.now();
    metrics.extensionPoint({ point, profile, status, seconds: (now - since) / 1000 });
    since = now;
  };
}
