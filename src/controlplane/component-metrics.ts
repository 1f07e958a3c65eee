// What controllers and scheduler report, under upstream's names, as text that the API server's /metrics ends with: here they are one
// process. Where several processes share the data, each tells of what runs in it.

import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { type MeasuredRequest, measureTransport, type Transport } from "#kubernetes/client";
import { type ControllerMetrics, createControllerMetrics } from "#kubernetes/controllers";
import { createWorkQueueMetrics, type WorkQueueMetrics } from "#kubernetes/runtime";
import { createSchedulerMetrics, type PendingPods, type SchedulerMetrics } from "#kubernetes/scheduler";

export interface ComponentMetrics {
  readonly queueMetrics: (queue: string) => WorkQueueMetrics;
  readonly controllers: ControllerMetrics;
  readonly scheduler: SchedulerMetrics;
  /** Where the pods that wait are counted from now on. */
  watchPending(pending: PendingPods): void;
  /** The same transport, its requests counted. */
  measure(transport: Transport): Transport;
  /** A controller or the scheduler runs here. */
  noteRunning(name: string, manager: string, isRunning: boolean): void;
  text(): Promise<string>;
}

/** Requests of these components are calls in this process. */
const host = "in-process";

export function createComponentMetrics(): ComponentMetrics {
  const registry = new Registry();
  const registers = [registry];
  const classes = { Counter, Gauge, Histogram };
  const { metrics: scheduler, watchPending } = createSchedulerMetrics(classes, registry);
  const requests = new Counter({
    name: "rest_client_requests_total",
    help: "Number of HTTP requests, partitioned by status code, method, and host.",
    labelNames: ["code", "method", "host"] as const,
    registers,
  });
  const durations = new Histogram({
    name: "rest_client_request_duration_seconds",
    help: "Request latency in seconds. Broken down by verb, and host.",
    labelNames: ["verb", "host"] as const,
    buckets: [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60],
    registers,
  });
  const running = new Gauge({
    name: "running_managed_controllers",
    help: "Indicates where instances of a controller are currently running",
    labelNames: ["name", "manager"] as const,
    registers,
  });
  const note = ({ method, code, seconds }: MeasuredRequest) => {
    requests.inc({ code, method, host });
    durations.observe({ verb: method, host }, seconds);
  };
  return {
    queueMetrics: createWorkQueueMetrics(classes, registry),
    controllers: createControllerMetrics(classes, registry),
    scheduler,
    watchPending,
    measure: (transport) => measureTransport(transport, note),
    noteRunning: (name, manager, isRunning) => running.set({ name, manager }, isRunning ? 1 : 0),
    text: () => registry.metrics(),
  };
}
