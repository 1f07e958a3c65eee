// /stats/summary and /metrics/resource: the use of CPU and memory, in the forms that metrics-server and others read. Pure.

import { formatTime } from "#kubernetes/runtime";
import type { ContainerUsage, DiskUsage, PodUsage, Usage } from "../node/usage.ts";

export interface SummaryInputs {
  readonly nodeName: string;
  readonly nodeStartedAt: number;
  readonly node: Usage;
  readonly disk: DiskUsage;
  readonly pods: readonly PodUsage[];
  /** When a container was started, by its id. */
  startedAt(containerId: string): number | undefined;
}

/** The summary API's object (stats/v1alpha1). */
export function statsSummary(inputs: SummaryInputs): object {
  const { nodeName, node, disk, pods, nodeStartedAt } = inputs;
  const time = formatTime(node.at);
  const fs = {
    time,
    availableBytes: disk.availableBytes,
    capacityBytes: disk.capacityBytes,
    usedBytes: disk.usedBytes,
    inodesFree: disk.inodesFree,
    inodes: disk.inodes,
    inodesUsed: disk.inodes - disk.inodesFree,
  };
  return {
    node: { nodeName, startTime: formatTime(nodeStartedAt), ...cpuAndMemory(node), fs, runtime: { imageFs: fs } },
    pods: pods.map((pod) => podSummary(pod, inputs)),
  };
}

function podSummary({ uid, name, namespace, containers, network }: PodUsage, inputs: SummaryInputs): object {
  const total = totalOf(containers, inputs.node.at);
  const starts = containers.map(({ id }) => inputs.startedAt(id)).filter((time) => time !== undefined);
  return {
    podRef: { name, namespace, uid },
    startTime: starts.length > 0 ? formatTime(Math.min(...starts)) : null,
    containers: containers.map((container) => ({
      name: container.name,
      startTime: timeOrNull(inputs.startedAt(container.id)),
      ...cpuAndMemory(container),
      rootfs: { time: formatTime(container.at), usedBytes: container.diskBytes, inodesUsed: container.diskInodes },
    })),
    ...cpuAndMemory(total),
    ...(network && { network: { time: formatTime(total.at), ...network, interfaces: [network] } }),
    "ephemeral-storage": {
      time: formatTime(total.at),
      usedBytes: containers.reduce((sum, each) => sum + each.diskBytes, 0),
      inodesUsed: containers.reduce((sum, each) => sum + each.diskInodes, 0),
    },
  };
}

function cpuAndMemory({ at, cpuNanoCores, cpuNanoseconds, usageBytes, workingSetBytes, rssBytes }: Usage): object {
  const time = formatTime(at);
  return {
    cpu: { time, usageNanoCores: cpuNanoCores ?? 0, usageCoreNanoSeconds: cpuNanoseconds },
    memory: { time, usageBytes, workingSetBytes, rssBytes },
  };
}

function totalOf(containers: readonly ContainerUsage[], now: number): Usage {
  const sum = (of: (usage: ContainerUsage) => number) => containers.reduce((total, each) => total + of(each), 0);
  return {
    at: Math.max(0, ...containers.map(({ at }) => at)) || now,
    cpuNanoseconds: sum(({ cpuNanoseconds }) => cpuNanoseconds),
    cpuNanoCores: sum(({ cpuNanoCores = 0 }) => cpuNanoCores),
    workingSetBytes: sum(({ workingSetBytes }) => workingSetBytes),
    usageBytes: sum(({ usageBytes }) => usageBytes),
    rssBytes: sum(({ rssBytes }) => rssBytes),
  };
}

function timeOrNull(ms: number | undefined): string | null {
  return ms === undefined ? null : formatTime(ms);
}

/** Prometheus text. */
export function resourceMetrics(inputs: SummaryInputs): string {
  const { node, pods } = inputs;
  const containers = pods.flatMap((pod) => pod.containers.map((container) => ({ pod, container })));
  const lines = [
    ...metric(
      "container_cpu_usage_seconds_total",
      "counter",
      "Cumulative cpu time consumed by the container in core-seconds",
    ),
    ...containers.map(({ pod, container }) =>
      sample(
        "container_cpu_usage_seconds_total",
        containerLabels(pod, container),
        container.cpuNanoseconds / 1e9,
        container.at,
      ),
    ),
    ...metric("container_memory_working_set_bytes", "gauge", "Current working set of the container in bytes"),
    ...containers.map(({ pod, container }) =>
      sample(
        "container_memory_working_set_bytes",
        containerLabels(pod, container),
        container.workingSetBytes,
        container.at,
      ),
    ),
    ...metric("container_start_time_seconds", "gauge", "Start time of the container since unix epoch in seconds"),
    ...containers.flatMap(({ pod, container }) => {
      const startedAt = inputs.startedAt(container.id);
      return startedAt === undefined
        ? []
        : [sample("container_start_time_seconds", containerLabels(pod, container), startedAt / 1000)];
    }),
    ...metric("node_cpu_usage_seconds_total", "counter", "Cumulative cpu time consumed by the node in core-seconds"),
    sample("node_cpu_usage_seconds_total", {}, node.cpuNanoseconds / 1e9, node.at),
    ...metric("node_memory_working_set_bytes", "gauge", "Current working set of the node in bytes"),
    sample("node_memory_working_set_bytes", {}, node.workingSetBytes, node.at),
    ...metric("pod_cpu_usage_seconds_total", "counter", "Cumulative cpu time consumed by the pod in core-seconds"),
    ...pods.map((pod) => {
      const total = totalOf(pod.containers, node.at);
      return sample("pod_cpu_usage_seconds_total", podLabels(pod), total.cpuNanoseconds / 1e9, total.at);
    }),
    ...metric("pod_memory_working_set_bytes", "gauge", "Current working set of the pod in bytes"),
    ...pods.map((pod) => {
      const total = totalOf(pod.containers, node.at);
      return sample("pod_memory_working_set_bytes", podLabels(pod), total.workingSetBytes, total.at);
    }),
    ...metric("resource_scrape_error", "gauge", "1 if there was an error while getting container metrics, 0 otherwise"),
    sample("resource_scrape_error", {}, 0),
  ];
  return `${lines.join("\n")}\n`;
}

function metric(name: string, type: "counter" | "gauge", help: string): string[] {
  return [`# HELP ${name} [STABLE] ${help}`, `# TYPE ${name} ${type}`];
}

type Labels = Readonly<Record<string, string>>;

function sample(name: string, labels: Labels, value: number, at?: number): string {
  const list = Object.entries(labels).map(([key, text]) => `${key}=${JSON.stringify(text)}`);
  const time = at === undefined ? "" : ` ${Math.round(at)}`;
  return `${name}${list.length > 0 ? `{${list.join(",")}}` : ""} ${value}${time}`;
}

function containerLabels({ name, namespace }: PodUsage, container: ContainerUsage): Labels {
  return { container: container.name, namespace, pod: name };
}

function podLabels({ name, namespace }: PodUsage): Labels {
  return { namespace, pod: name };
}
