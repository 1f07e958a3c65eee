// What a pod requests and may use in all, and its quality of service: sums over containers, as the scheduler counts them.

import {
  addQuantities,
  compareQuantities,
  formatQuantity,
  type PodSpec,
  parseQuantity,
  quantityValue,
} from "#kubernetes/api";
import { type BoundPod, isSidecar } from "./bound-pod.ts";

/** Amounts by resource name, as the API writes them. */
export type ResourceList = Readonly<Record<string, string>>;
type Mutable = Record<string, string>;

export type QosClass = "Guaranteed" | "Burstable" | "BestEffort";

/** What the pod requests: of regular containers and sidecars the sum, or what its hungriest init container needs; plus overhead. */
export function podRequests(spec: PodSpec, options: { readonly withoutOverhead?: boolean } = {}): ResourceList {
  const total = sumOfContainers(spec, "requests");
  for (const [name, amount] of podLevel(spec, "requests")) total[name] = amount;
  if (!options.withoutOverhead) addTo(total, spec.overhead ?? {});
  return total;
}

/** What the pod may use; a resource without a limit in any container counts with what the others have. */
export function podLimits(spec: PodSpec, options: { readonly withoutOverhead?: boolean } = {}): ResourceList {
  const total = sumOfContainers(spec, "limits");
  for (const [name, amount] of podLevel(spec, "limits")) total[name] = amount;
  if (options.withoutOverhead) return total;
  for (const [name, amount] of Object.entries(spec.overhead ?? {})) {
    if (!isZero(total[name])) addTo(total, { [name]: amount });
  }
  return total;
}

/** Whether the pod as a whole has requests or limits of its own. */
export function hasPodLevelResources(spec: PodSpec, kind?: "requests" | "limits"): boolean {
  const kinds = kind ? [kind] : (["requests", "limits"] as const);
  return kinds.some((each) => podLevel(spec, each).length > 0);
}

/** The class the API server has set, or computed by its rules. */
export function qosClassOf(pod: BoundPod): QosClass {
  return (pod.status.qosClass as QosClass | undefined) ?? computeQosClass(pod.spec);
}

/** Guaranteed: every container limits CPU and memory, and requests just that; BestEffort: none says anything. */
export function computeQosClass(spec: PodSpec): QosClass {
  const holders = spec.resources ? [spec] : [...spec.containers, ...(spec.initContainers ?? [])];
  const resources = holders.map((holder) => holder.resources ?? {});
  const mentions = resources.flatMap((each) => [...computeNames(each.requests), ...computeNames(each.limits)]);
  if (mentions.length === 0) return "BestEffort";
  const limited = resources.every((each) => computeNames(each.limits).length === 2);
  if (!limited) return "Burstable";
  const requests = sumLists(resources.map((each) => each.requests ?? {}));
  const limits = sumLists(resources.map((each) => each.limits ?? {}));
  const equal = ["cpu", "memory"].every(
    (name) => requests[name] !== undefined && sameAmount(requests[name], limits[name]),
  );
  return equal ? "Guaranteed" : "Burstable";
}

/** a + b for every resource in either. */
export function addResources(a: ResourceList, b: ResourceList): ResourceList {
  const sum = { ...a };
  addTo(sum, b);
  return sum;
}

export function isZero(amount: string | undefined): boolean {
  return amount === undefined || parseQuantity(amount).unscaled === 0n;
}

export function sameAmount(a: string | undefined, b: string | undefined): boolean {
  if (a === b) return true;
  return compareQuantities(parseQuantity(a ?? "0"), parseQuantity(b ?? "0")) === 0;
}

function sumOfContainers(spec: PodSpec, kind: "requests" | "limits"): Mutable {
  const total = { ...sumLists(spec.containers.map((container) => container.resources?.[kind] ?? {})) };
  const sidecars: Mutable = {};
  const initPeak: Mutable = {};
  for (const container of spec.initContainers ?? []) {
    const own = container.resources?.[kind] ?? {};
    if (isSidecar(container)) {
      addTo(total, own);
      addTo(sidecars, own);
      raiseTo(initPeak, sidecars);
    } else {
      raiseTo(initPeak, addResources(own, sidecars));
    }
  }
  raiseTo(total, initPeak);
  return total;
}

function podLevel(spec: PodSpec, kind: "requests" | "limits"): [string, string][] {
  const list = spec.resources?.[kind] ?? {};
  return Object.entries(list).filter(([name]) => name === "cpu" || name === "memory" || name.startsWith("hugepages-"));
}

function sumLists(lists: readonly ResourceList[]): ResourceList {
  const sum: Mutable = {};
  for (const list of lists) addTo(sum, list);
  return sum;
}

function addTo(sum: Mutable, list: ResourceList): void {
  for (const [name, amount] of Object.entries(list)) {
    const known = sum[name];
    sum[name] =
      known === undefined ? amount : formatQuantity(addQuantities(parseQuantity(known), parseQuantity(amount)));
  }
}

function raiseTo(list: Mutable, least: ResourceList): void {
  for (const [name, amount] of Object.entries(least)) {
    const known = list[name];
    if (known === undefined || compareQuantities(parseQuantity(amount), parseQuantity(known)) > 0) list[name] = amount;
  }
}

function computeNames(list: ResourceList | undefined): string[] {
  return Object.entries(list ?? {})
    .filter(([name, amount]) => (name === "cpu" || name === "memory") && !isZero(amount))
    .map(([name]) => name);
}

/** Bytes of memory a list names; 0 where it does not. */
export function memoryOf(list: ResourceList | undefined): number {
  return quantityValue(list?.["memory"]);
}
