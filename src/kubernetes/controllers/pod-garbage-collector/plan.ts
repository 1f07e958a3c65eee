// Which pods nobody else would ever remove. Pure.

import type { Node, Pod } from "#kubernetes/api";
import { readyStatus } from "../nodes/node-state.ts";
import { isPodFinished } from "../pods/pod-state.ts";

const outOfServiceTaint = "node.kubernetes.io/out-of-service";

/** A person has said that the node will not come back: its pods are let go without its word. */
export function isOutOfService(node: Node | undefined): boolean {
  if (!node || readyStatus(node) === "True") return false;
  return node.spec?.taints?.some(({ key }) => key === outOfServiceTaint) ?? false;
}

/** Deleted, and no kubelet there that would say so. */
export function isStuck({ metadata, spec }: Pod, node: Node | undefined): boolean {
  if (metadata.deletionTimestamp === undefined) return false;
  return !spec?.nodeName || isOutOfService(node);
}

/** Of the finished pods, those that are too many: evicted ones first, then the oldest. */
export function surplusPods(pods: readonly Pod[], threshold: number): Pod[] {
  const finished = pods.filter(isPodFinished);
  const surplus = finished.length - threshold;
  if (threshold <= 0 || surplus <= 0) return [];
  return finished.toSorted(compare).slice(0, surplus);
}

function compare(a: Pod, b: Pod): number {
  if (isEvicted(a) !== isEvicted(b)) return isEvicted(a) ? -1 : 1;
  const [createdA, createdB] = [a.metadata.creationTimestamp ?? "", b.metadata.creationTimestamp ?? ""];
  if (createdA !== createdB) return createdA < createdB ? -1 : 1;
  return (a.metadata.name ?? "") < (b.metadata.name ?? "") ? -1 : 1;
}

function isEvicted({ status }: Pod): boolean {
  return status?.phase === "Failed" && status.reason === "Evicted";
}
