// Whether the node is short of memory, disk or process numbers, and which pod has to go for it. Pure.

import { formatQuantity, makeQuantity, quantityValue } from "#kubernetes/api";
import { thresholdBytes } from "../node/machine-info.ts";
import type { Pressure } from "../node/node-status.ts";
import type { PodUsage } from "../node/usage.ts";
import type { EvictionThresholds } from "../options.ts";
import { type BoundPod, isCritical } from "../pod/bound-pod.ts";
import { memoryOf, podRequests, type ResourceList } from "../pod/resources.ts";

/** How much of something there is, and is left. */
export interface Observation {
  readonly capacity: number;
  readonly available: number;
}

export interface Observations {
  readonly memory: Observation;
  readonly disk: Observation;
  readonly inodes: Observation;
  readonly imageDisk: Observation;
  readonly pids: Observation;
}

type Starved = "memory" | "ephemeral-storage" | "inodes" | "pids";

export interface Shortage {
  readonly resource: Starved;
  readonly threshold: number;
  readonly available: number;
}

/** What is below its threshold, the most urgent first. */
export function findShortages(seen: Observations, thresholds: EvictionThresholds): Shortage[] {
  const rows: readonly (readonly [Starved, Observation, string])[] = [
    ["memory", seen.memory, thresholds.memoryAvailable],
    ["ephemeral-storage", seen.disk, thresholds.nodeDiskAvailable],
    ["inodes", seen.inodes, thresholds.nodeInodesFree],
    ["ephemeral-storage", seen.imageDisk, thresholds.imageDiskAvailable],
  ];
  return rows.flatMap(([resource, { capacity, available }, text]) => {
    if (capacity === 0) return [];
    const threshold = thresholdBytes(text, String(capacity));
    return available < threshold ? [{ resource, threshold, available }] : [];
  });
}

export function pressureOf(shortages: readonly Shortage[]): Pressure {
  const has = (...resources: Starved[]) => shortages.some(({ resource }) => resources.includes(resource));
  return { memory: has("memory"), disk: has("ephemeral-storage", "inodes"), pid: has("pids") };
}

/** The pod to evict for a shortage: one that uses more than it requested, of low priority, by much. Undefined: none may go. */
export function chooseVictim(
  shortage: Shortage,
  pods: readonly BoundPod[],
  usage: readonly PodUsage[],
): BoundPod | undefined {
  const amounts = new Map(usage.map((pod) => [pod.uid, usedBy(pod, shortage.resource)]));
  const excess = (pod: BoundPod) => (amounts.get(pod.metadata.uid) ?? 0) - requestedBy(pod, shortage.resource);
  const [victim] = pods
    .filter((pod) => !isCritical(pod))
    .sort(
      (a, b) =>
        Number(excess(b) > 0) - Number(excess(a) > 0) ||
        (a.spec.priority ?? 0) - (b.spec.priority ?? 0) ||
        excess(b) - excess(a),
    );
  return victim;
}

function usedBy({ containers }: PodUsage, resource: Starved): number {
  const of = { memory: "workingSetBytes", "ephemeral-storage": "diskBytes", inodes: "diskInodes" } as const;
  if (resource === "pids") return 0;
  return containers.reduce((sum, container) => sum + container[of[resource]], 0);
}

function requestedBy({ spec }: BoundPod, resource: Starved): number {
  const requests: ResourceList = podRequests(spec);
  return resource === "memory" ? memoryOf(requests) : quantityValue(requests[resource]);
}

/** The message of the event and status, as upstream writes it. */
export function evictionMessage({ resource, threshold, available }: Shortage, pod: BoundPod, usage?: PodUsage): string {
  const shown = (amount: number) => formatQuantity(makeQuantity(Math.round(amount), 0, "BinarySI"));
  const parts = [
    `The node was low on resource: ${resource}. `,
    `Threshold quantity: ${shown(threshold)}, available: ${shown(available)}. `,
  ];
  for (const container of usage?.containers ?? []) {
    const spec = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].find(
      ({ name }) => name === container.name,
    );
    const request = spec?.resources?.requests?.[resource] ?? "0";
    const used = resource === "memory" ? container.workingSetBytes : container.diskBytes;
    if (!spec || resource === "inodes" || used <= quantityValue(request)) continue;
    const words = `Container ${container.name} was using ${shown(used)}, request is ${request}`;
    parts.push(`${words}, has larger consumption of ${resource}. `);
  }
  return parts.join("");
}

/** Why a pod must go for its own limits on the node's disk; undefined: it keeps to them. */
export function overDiskLimit(
  pod: BoundPod,
  usage: PodUsage | undefined,
  emptyDirs: ReadonlyMap<string, number>,
): string | undefined {
  for (const { name, emptyDir } of pod.spec.volumes ?? []) {
    const limit = emptyDir?.sizeLimit;
    if (limit !== undefined && quantityValue(limit) > 0 && (emptyDirs.get(name) ?? 0) > quantityValue(limit)) {
      return `Usage of EmptyDir volume ${JSON.stringify(name)} exceeds the limit ${JSON.stringify(limit)}. `;
    }
  }
  for (const { name, diskBytes } of usage?.containers ?? []) {
    const limit = pod.spec.containers.find((each) => each.name === name)?.resources?.limits?.["ephemeral-storage"];
    if (limit !== undefined && diskBytes > quantityValue(limit)) {
      return `Container ${name} exceeded its local ephemeral storage limit ${JSON.stringify(limit)}. `;
    }
  }
  return undefined;
}
