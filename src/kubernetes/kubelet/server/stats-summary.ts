// /stats/summary: the use of CPU, memory and disk, as the summary API has it. Pure.

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
  const total = totalUsage(containers, inputs.node.at);
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

/** What a pod's containers use together. */
export function totalUsage(containers: readonly ContainerUsage[], now: number): Usage {
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
