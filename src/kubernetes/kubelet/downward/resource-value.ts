// What the downward API tells a container of its requests and limits: whole multiples of a divisor.

import { type Container, quantityMilliValue, quantityValue, type ResourceFieldSelector } from "#kubernetes/api";
import { type BoundPod, findContainer } from "../pod/bound-pod.ts";
import { isZero, type ResourceList } from "../pod/resources.ts";

/**
 * The value of a resourceFieldRef. `own` is the container that asks (absent in volumes, where the reference names one). A limit
 * on CPU, memory or storage that is not set is what the node has to give. Throws in upstream's words.
 */
export function resourceValue(
  pod: BoundPod,
  own: Container | undefined,
  { containerName, resource, divisor }: ResourceFieldSelector,
  allocatable: ResourceList,
): string {
  const container = containerName ? findContainer(pod.spec, containerName)?.container : own;
  if (!container) throw new Error(`container ${containerName ?? ""} not found`);
  const [, kind, name = ""] = /^(requests|limits)\.(.+)$/.exec(resource) ?? [];
  const isKnown = ["cpu", "memory", "ephemeral-storage"].includes(name) || name.startsWith("hugepages-");
  if (kind === undefined || !isKnown) throw new Error(`unsupported container resource : ${resource}`);
  const requested = container.resources?.[kind as "requests" | "limits"]?.[name];
  const isHugePages = name.startsWith("hugepages-");
  const amount =
    kind === "limits" && isZero(requested) && !isHugePages ? limitOfNode(pod, name, allocatable) : requested;
  const unit = isZero(divisor) ? "1" : divisor;
  const amountOf = name === "cpu" ? quantityMilliValue : quantityValue;
  return String(Math.ceil(amountOf(amount) / amountOf(unit)));
}

/** The pod's own limit where it has one for all its containers, else what the node has. */
function limitOfNode(pod: BoundPod, name: string, allocatable: ResourceList): string | undefined {
  const podWide = name === "ephemeral-storage" ? undefined : pod.spec.resources?.limits?.[name];
  return isZero(podWide) ? allocatable[name] : podWide;
}
