// What single controllers report, under upstream's metric names. The registry is the process's; without one nothing is kept.

import type { Registry } from "prom-client";
import type { MetricClasses } from "#kubernetes/runtime";

export interface JobSync {
  /** "Indexed" or "NonIndexed". */
  readonly mode: string;
  readonly result: "success" | "error";
  readonly action: "reconciling" | "tracking" | "pods_created" | "pods_deleted";
  readonly seconds: number;
}

export type JobResult = "succeeded" | "failed";

export interface JobMetrics {
  synced(sync: JobSync): void;
  finished(mode: string, result: JobResult, reason: string): void;
  /** Pods that have become numbers in the Job's status. */
  podsCounted(mode: string, result: JobResult, count: number): void;
  /** `limit`: "perIndex" or "global", by what the Job's backoff limit is about. */
  indexesCounted(limit: string, result: JobResult, count: number): void;
  podsCreated(reason: string, result: JobResult, count: number): void;
}

export interface ControllerMetrics {
  readonly jobs: JobMetrics;
  /** A CronJob's Job was made so long after it was due. */
  cronJobStarted(skewSeconds: number): void;
}

const nothing = () => {};

export const noControllerMetrics: ControllerMetrics = {
  jobs: {
    synced: nothing,
    finished: nothing,
    podsCounted: nothing,
    indexesCounted: nothing,
    podsCreated: nothing,
  },
  cronJobStarted: nothing,
};

/** Registers upstream's job_controller_* and cronjob_controller_* metrics. */
export function createControllerMetrics(classes: MetricClasses, registry: Registry): ControllerMetrics {
  const skew = new classes.Histogram({
    name: "cronjob_controller_job_creation_skew_duration_seconds",
    help: "How long after it was due a CronJob's Job was made.",
    buckets: doubling(1, 10),
    registers: [registry],
  });
  return { jobs: createJobMetrics(classes, registry), cronJobStarted: (seconds) => skew.observe(seconds) };
}

function createJobMetrics(classes: MetricClasses, registry: Registry): JobMetrics {
  const registers = [registry];
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[]) =>
    new classes.Counter({ name: `job_controller_${name}`, help, labelNames, registers });
  const syncLabels = ["completion_mode", "result", "action"] as const;
  const durations = new classes.Histogram({
    name: "job_controller_job_sync_duration_seconds",
    help: "How long a look at a Job took.",
    labelNames: syncLabels,
    buckets: doubling(0.004, 15),
    registers,
  });
  const syncs = counter("job_syncs_total", "Looks at Jobs.", syncLabels);
  const finished = counter("jobs_finished_total", "Jobs that have ended.", ["completion_mode", "result", "reason"]);
  const pods = counter("job_pods_finished_total", "Pods of Jobs that have ended and are counted.", [
    "completion_mode",
    "result",
  ]);
  const indexes = counter("job_finished_indexes_total", "Indexes that have ended.", ["status", "backoffLimit"]);
  const created = counter("job_pods_creation_total", "Pods made for Jobs, by why.", ["reason", "status"]);
  return {
    synced({ mode, result, action, seconds }) {
      durations.observe({ completion_mode: mode, result, action }, seconds);
      syncs.inc({ completion_mode: mode, result, action });
    },
    finished: (mode, result, reason) => finished.inc({ completion_mode: mode, result, reason }),
    podsCounted: (mode, result, count) => pods.inc({ completion_mode: mode, result }, count),
    indexesCounted: (limit, status, count) => indexes.inc({ status, backoffLimit: limit }, count),
    podsCreated: (reason, status, count) => created.inc({ reason, status }, count),
  };
}

function doubling(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, power) => first * 2 ** power);
}
