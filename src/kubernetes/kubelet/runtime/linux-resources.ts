// From requests and limits to what the kernel enforces: CPU shares and quota, memory, swap, huge pages, OOM score.

import { type Container, quantityMilliValue, quantityValue, type ResourceRequirements } from "#kubernetes/api";
import type { CriMessage } from "../cri/protocol.ts";
import { type BoundPod, isNodeCritical, isSidecar } from "../pod/bound-pod.ts";
import { hasPodLevelResources, memoryOf, podLimits, podRequests, qosClassOf } from "../pod/resources.ts";
import type { MachineFacts } from "./machine.ts";

export const quotaPeriodUs = 100_000;
const leastQuotaUs = 1000;
const leastShares = 2;
const mostShares = 262_144;

export type LinuxResources = CriMessage<"LinuxContainerResources">;

/** The share of CPU time in times of need, from a request: 1024 for one CPU. */
export function sharesOf(milliCpu: number): number {
  if (milliCpu === 0) return leastShares;
  return Math.min(mostShares, Math.max(leastShares, Math.floor((milliCpu * 1024) / 1000)));
}

/** Microseconds of CPU time in each period of 100 ms; 0: no limit. */
export function quotaOf(milliCpu: number): number {
  if (milliCpu === 0) return 0;
  return Math.max(leastQuotaUs, Math.floor((milliCpu * quotaPeriodUs) / 1000));
}

/** What a container may use; where it has no limit of its own, the pod's limit holds. */
export function containerResources(pod: BoundPod, container: Container, machine: MachineFacts): LinuxResources {
  const { requests, limits } = container.resources ?? {};
  const podWide = hasPodLevelResources(pod.spec) ? pod.spec.resources?.limits : undefined;
  const memoryBytes = memoryOf(limits) || memoryOf(podWide);
  const basic = basicResources({
    cpuRequest: requests?.["cpu"],
    cpuLimitMilli: quantityMilliValue(limits?.["cpu"]) || quantityMilliValue(podWide?.["cpu"]),
    memoryBytes,
  });
  const unified = {
    ...(machine.cgroupVersion === 2 && { "memory.oom.group": "1" }),
    ...(machine.cgroupVersion === 2 && machine.hasSwapController && { "memory.swap.max": "0" }),
  };
  return {
    ...basic,
    oomScoreAdj: oomScoreOf(pod, container, machine.memoryBytes),
    hugepageLimits: hugePageLimits(machine, podWide, limits),
    ...(machine.cgroupVersion === 1 && machine.hasSwapController && { memorySwapLimitInBytes: memoryBytes }),
    ...(Object.keys(unified).length > 0 && { unified }),
  };
}

/** What the pod's containers use together, and its overhead: hints for runtimes that put pods into machines. */
export function sandboxResources(pod: BoundPod): { resources: LinuxResources; overhead: LinuxResources } {
  const requests = podRequests(pod.spec, { withoutOverhead: true });
  const limits = podLimits(pod.spec, { withoutOverhead: true });
  const { overhead } = pod.spec;
  return {
    resources: basicResources({
      cpuRequest: requests["cpu"],
      cpuLimitMilli: quantityMilliValue(limits["cpu"]),
      memoryBytes: memoryOf(limits),
    }),
    overhead: overhead
      ? basicResources({
          cpuRequest: overhead["cpu"] ?? "0",
          cpuLimitMilli: quantityMilliValue(overhead["cpu"]),
          memoryBytes: memoryOf(overhead),
        })
      : {},
  };
}

function basicResources(wanted: {
  readonly cpuRequest: string | undefined;
  readonly cpuLimitMilli: number;
  readonly memoryBytes: number;
}): LinuxResources {
  const { cpuRequest, cpuLimitMilli, memoryBytes } = wanted;
  return {
    cpuShares: sharesOf(cpuRequest === undefined ? cpuLimitMilli : quantityMilliValue(cpuRequest)),
    cpuQuota: quotaOf(cpuLimitMilli),
    cpuPeriod: quotaPeriodUs,
    memoryLimitInBytes: memoryBytes,
  };
}

const guaranteedScore = -997;
const bestEffortScore = 1000;

/** Who dies first when memory runs out: best effort, then whoever requested little of what there is; guaranteed pods last. */
export function oomScoreOf(pod: BoundPod, container: Container, memoryCapacity: number): number {
  if (isNodeCritical(pod)) return guaranteedScore;
  const qos = qosClassOf(pod);
  if (qos === "Guaranteed") return guaranteedScore;
  if (qos === "BestEffort") return bestEffortScore;
  const share = sharedPodRequest(pod);
  const scoreOf = (bytes: number) => 1000 - Math.floor((1000 * (bytes + share)) / memoryCapacity);
  let score = scoreOf(memoryOf(container.resources?.requests));
  // A sidecar must not die before the containers it serves.
  if (pod.spec.initContainers?.includes(container) && isSidecar(container)) {
    score = Math.min(
      score,
      scoreOf(Math.min(...pod.spec.containers.map((each) => memoryOf(each.resources?.requests)))),
    );
  }
  if (score < 1000 + guaranteedScore) return 1000 + guaranteedScore;
  return score === bestEffortScore ? score - 1 : score;
}

/** What the pod as a whole requests beyond its containers, divided among them. */
function sharedPodRequest(pod: BoundPod): number {
  if (!hasPodLevelResources(pod.spec, "requests")) return 0;
  const containers = [...pod.spec.containers, ...(pod.spec.initContainers ?? []).filter(isSidecar)];
  const requested = containers.reduce((sum, each) => sum + memoryOf(each.resources?.requests), 0);
  return Math.floor((memoryOf(pod.spec.resources?.requests) - requested) / containers.length);
}

function hugePageLimits(
  machine: MachineFacts,
  ...lists: (ResourceRequirements["limits"] | undefined)[]
): { pageSize: string; limit: number }[] {
  const wanted = new Map<string, number>();
  for (const [name, amount] of lists.flatMap((list) => Object.entries(list ?? {}))) {
    if (!name.startsWith("hugepages-")) continue;
    wanted.set(pageSizeName(quantityValue(name.slice("hugepages-".length))), quantityValue(amount));
  }
  return machine.hugePageSizes.map((pageSize) => ({ pageSize, limit: wanted.get(pageSize) ?? 0 }));
}

function pageSizeName(bytes: number): string {
  const units = ["B", "KB", "MB", "GB"];
  let unit = 0;
  while (bytes >= 1024 && unit < units.length - 1) {
    bytes /= 1024;
    unit++;
  }
  return `${bytes}${units[unit]}`;
}
