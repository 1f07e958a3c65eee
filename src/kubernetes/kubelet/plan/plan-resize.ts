// Whether a running container's resources are to be changed, and whether that needs a restart (its resizePolicy says).

import { type Container, quantityMilliValue, quantityValue } from "#kubernetes/api";
import type { ObservedContainer } from "../runtime/observed.ts";
import type { ContainerToKill, ContainerToResize } from "./pod-plan.ts";

export type ResizeVerdict =
  | { readonly action: "keep" }
  | { readonly action: "resize"; readonly resize: ContainerToResize }
  | { readonly action: "restart"; readonly kill: ContainerToKill };

/** Compares the spec with the limits in force. Where the runtime does not tell those, nothing is changed. */
export function planResize(container: Container, observed: ObservedContainer): ResizeVerdict {
  const changed = changedResources(container, observed);
  if (changed.length === 0) return { action: "keep" };
  const restart = container.resizePolicy?.some(
    ({ resourceName, restartPolicy }) => changed.includes(resourceName) && restartPolicy === "RestartContainer",
  );
  if (!restart) return { action: "resize", resize: { observed, container } };
  const message = `Container ${container.name} resize requires restart`;
  return { action: "restart", kill: { observed, container, message, reason: "Unknown" } };
}

const leastShares = 2;
const sharesPerCpu = 1024;
const leastCpuLimitMilli = 10;

function changedResources(container: Container, { resources }: ObservedContainer): string[] {
  if (!resources) return [];
  const { requests, limits } = container.resources ?? {};
  const changed: string[] = [];
  const cpuLimit = quantityMilliValue(limits?.["cpu"]);
  const cpuRequest = requests?.["cpu"] === undefined ? cpuLimit : quantityMilliValue(requests["cpu"]);
  const limitDiffers = cpuLimit > 0 && Math.max(cpuLimit, leastCpuLimitMilli) !== resources.cpuLimitMilli;
  if (limitDiffers || sharesOf(cpuRequest) !== sharesOf(resources.cpuRequestMilli ?? 0)) changed.push("cpu");
  const memoryLimit = quantityValue(limits?.["memory"]);
  if (memoryLimit > 0 && memoryLimit !== resources.memoryLimitBytes) changed.push("memory");
  return changed;
}

/** Kernel shares, the coarse unit in which requests come back. */
function sharesOf(milli: number): number {
  return Math.max(leastShares, Math.floor((milli * sharesPerCpu) / 1000));
}
