// /metrics/resource and /metrics/cadvisor: the use of CPU, memory, disk and network, by the names metrics-server, autoscalers and
// dashboards read. Pure.

import type { ContainerUsage, PodUsage } from "../node/usage.ts";
import { type Labels, type MetricFamily, prometheusText, type Sample } from "./prometheus-text.ts";
import { type SummaryInputs, totalUsage } from "./stats-summary.ts";

/** What autoscaling needs, and no more. */
export function resourceMetrics(inputs: SummaryInputs): string {
  const { node, pods } = inputs;
  const totals = pods.map((pod) => ({ labels: podLabels(pod), total: totalUsage(pod.containers, node.at) }));
  const nodeSample = (value: number): Sample[] => [{ labels: {}, value, at: node.at }];
  return prometheusText([
    counter("container_cpu_usage_seconds_total", "Cumulative cpu time consumed by the container in core-seconds", [
      ...eachContainer(inputs, containerLabels, ({ cpuNanoseconds }) => cpuNanoseconds / 1e9),
    ]),
    gauge("container_memory_working_set_bytes", "Current working set of the container in bytes", [
      ...eachContainer(inputs, containerLabels, ({ workingSetBytes }) => workingSetBytes),
    ]),
    gauge("container_start_time_seconds", "Start time of the container since unix epoch in seconds", [
      ...startTimes(inputs, containerLabels),
    ]),
    counter(
      "node_cpu_usage_seconds_total",
      "Cumulative cpu time consumed by the node in core-seconds",
      nodeSample(node.cpuNanoseconds / 1e9),
    ),
    gauge(
      "node_memory_working_set_bytes",
      "Current working set of the node in bytes",
      nodeSample(node.workingSetBytes),
    ),
    counter(
      "pod_cpu_usage_seconds_total",
      "Cumulative cpu time consumed by the pod in core-seconds",
      totals.map(({ labels, total }) => ({ labels, value: total.cpuNanoseconds / 1e9, at: total.at })),
    ),
    gauge(
      "pod_memory_working_set_bytes",
      "Current working set of the pod in bytes",
      totals.map(({ labels, total }) => ({ labels, value: total.workingSetBytes, at: total.at })),
    ),
    gauge("resource_scrape_error", "1 if there was an error while getting container metrics, 0 otherwise", [
      { labels: {}, value: 0 },
    ]),
  ]);
}

export interface MachineSize {
  readonly cpuCores: number;
  readonly memoryBytes: number;
}

/** What cAdvisor is known for, as far as the runtime tells it. */
export function cadvisorMetrics(inputs: SummaryInputs, machine: MachineSize): string {
  const each = (of: (usage: ContainerUsage) => number) => [...eachContainer(inputs, cadvisorLabels, of)];
  const cpu = each(({ cpuNanoseconds }) => cpuNanoseconds / 1e9);
  return prometheusText([
    plainCounter(
      "container_cpu_usage_seconds_total",
      "Cumulative cpu time consumed in seconds.",
      cpu.map((sample) => ({ ...sample, labels: { ...sample.labels, cpu: "total" } })),
    ),
    plainGauge(
      "container_memory_usage_bytes",
      "Current memory usage in bytes, including all memory regardless of when it was accessed",
      each(({ usageBytes }) => usageBytes),
    ),
    plainGauge(
      "container_memory_working_set_bytes",
      "Current working set in bytes.",
      each(({ workingSetBytes }) => workingSetBytes),
    ),
    plainGauge(
      "container_memory_rss",
      "Size of RSS in bytes.",
      each(({ rssBytes }) => rssBytes),
    ),
    plainGauge(
      "container_fs_usage_bytes",
      "Number of bytes that are consumed by the container on this filesystem.",
      each(({ diskBytes }) => diskBytes),
    ),
    plainGauge("container_start_time_seconds", "Start time of the container since unix epoch in seconds.", [
      ...startTimes(inputs, cadvisorLabels),
    ]),
    plainGauge(
      "container_last_seen",
      "Last time a container was seen by the exporter",
      each(({ at }) => Math.round(at / 1000)),
    ),
    plainCounter(
      "container_network_receive_bytes_total",
      "Cumulative count of bytes received",
      networks(inputs, ({ rxBytes }) => rxBytes),
    ),
    plainCounter(
      "container_network_transmit_bytes_total",
      "Cumulative count of bytes transmitted",
      networks(inputs, ({ txBytes }) => txBytes),
    ),
    plainGauge("machine_cpu_cores", "Number of logical CPU cores.", [{ labels: {}, value: machine.cpuCores }]),
    plainGauge("machine_memory_bytes", "Amount of memory installed on the machine.", [
      { labels: {}, value: machine.memoryBytes },
    ]),
  ]);
}

type LabelsOf = (pod: PodUsage, container: ContainerUsage) => Labels;

function* eachContainer(
  { pods }: SummaryInputs,
  labelsOf: LabelsOf,
  of: (usage: ContainerUsage) => number,
): Generator<Sample> {
  for (const pod of pods) {
    for (const container of pod.containers) {
      yield { labels: labelsOf(pod, container), value: of(container), at: container.at };
    }
  }
}

function* startTimes({ pods, startedAt }: SummaryInputs, labelsOf: LabelsOf): Generator<Sample> {
  for (const pod of pods) {
    for (const container of pod.containers) {
      const time = startedAt(container.id);
      if (time !== undefined) yield { labels: labelsOf(pod, container), value: time / 1000 };
    }
  }
}

function networks({ pods, node }: SummaryInputs, of: (network: NonNullable<PodUsage["network"]>) => number): Sample[] {
  return pods.flatMap((pod) => {
    if (!pod.network) return [];
    const labels = { interface: pod.network.name, ...podLabels(pod) };
    return [{ labels, value: of(pod.network), at: node.at }];
  });
}

function counter(name: string, help: string, samples: readonly Sample[]): MetricFamily {
  return { name, type: "counter", help: `[STABLE] ${help}`, samples };
}

function gauge(name: string, help: string, samples: readonly Sample[]): MetricFamily {
  return { name, type: "gauge", help: `[STABLE] ${help}`, samples };
}

function plainCounter(name: string, help: string, samples: readonly Sample[]): MetricFamily {
  return { name, type: "counter", help, samples };
}

function plainGauge(name: string, help: string, samples: readonly Sample[]): MetricFamily {
  return { name, type: "gauge", help, samples };
}

function containerLabels({ name, namespace }: PodUsage, container: ContainerUsage): Labels {
  return { container: container.name, namespace, pod: name };
}

function cadvisorLabels(pod: PodUsage, container: ContainerUsage): Labels {
  return { ...containerLabels(pod, container), id: `/pod${pod.uid}/${container.id}`, name: container.id };
}

function podLabels({ name, namespace }: PodUsage): Labels {
  return { namespace, pod: name };
}
