// The kubelet's own metrics, by upstream's names.

import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { ContainerKind } from "./pod/bound-pod.ts";
import type { PodWorkers } from "./pods/pod-workers.ts";

export interface KubeletMetrics {
  /** From when the kubelet first heard of a pod to when its containers ran. */
  podStarted(seconds: number): void;
  containerStarted(kind: ContainerKind): void;
  evicted(signal: string): void;
  /** Prometheus text. */
  text(): Promise<string>;
}

export function createKubeletMetrics(nodeName: string, workers: () => PodWorkers | undefined): KubeletMetrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  new Gauge({
    name: "kubelet_node_name",
    help: "The node's name. The count is always 1.",
    labelNames: ["node"],
    registers,
  })
    .labels(nodeName)
    .set(1);
  new Gauge({
    name: "kubelet_running_pods",
    help: "Number of pods that have a running pod sandbox",
    registers,
    collect() {
      const all = [...(workers()?.all() ?? [])];
      this.set(all.filter(({ observed }) => observed.sandboxes[0]?.ready).length);
    },
  });
  new Gauge({
    name: "kubelet_running_containers",
    help: "Number of containers currently running",
    labelNames: ["container_state"],
    registers,
    collect() {
      this.reset();
      for (const { observed } of workers()?.all() ?? [])
        for (const { state } of observed.containers) this.labels(state).inc();
    },
  });
  const started = new Histogram({
    name: "kubelet_pod_start_duration_seconds",
    help: "Duration in seconds from kubelet seeing a pod for the first time to the pod starting to run",
    buckets: [0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 1, 2, 3, 5, 10, 30, 60, 120, 300],
    registers,
  });
  const containers = new Counter({
    name: "kubelet_started_containers_total",
    help: "Cumulative number of containers started",
    labelNames: ["container_type"],
    registers,
  });
  const evictions = new Counter({
    name: "kubelet_evictions",
    help: "Cumulative number of pod evictions by eviction signal",
    labelNames: ["eviction_signal"],
    registers,
  });
  return {
    podStarted: (seconds) => started.observe(seconds),
    containerStarted: (kind) => containers.labels(kind === "regular" ? "container" : `${kind}_container`).inc(),
    evicted: (signal) => evictions.labels(signal).inc(),
    text: () => registry.metrics(),
  };
}
