// One check of the Pod Security Standards, and the words checks share.

import type { Container, PodSpec } from "#kubernetes/api";

/** What a check looks at. */
export interface CheckedPod {
  readonly annotations: Readonly<Record<string, string>>;
  readonly spec: PodSpec;
  /** Init, ordinary and ephemeral containers, in that order. */
  readonly containers: readonly CheckedContainer[];
}

export type CheckedContainer = Pick<
  Container,
  "name" | "securityContext" | "ports" | "livenessProbe" | "readinessProbe" | "startupProbe" | "lifecycle"
>;

/** Why a pod is not allowed: in short, and in detail. */
export interface Violation {
  readonly reason: string;
  readonly detail: string;
}

export interface Check {
  /** Checks run in the order of their names, those of the baseline first. */
  readonly id: string;
  /** The function of each minor version of 1.x from which on it holds, in ascending order. */
  readonly versions: readonly { readonly from: number; readonly check: CheckFunction }[];
  /** Baseline checks this one stands in for. */
  readonly overrides?: readonly string[];
}

export type CheckFunction = (pod: CheckedPod) => Violation | undefined;

export function checkedPod(spec: PodSpec, annotations: Readonly<Record<string, string>> = {}): CheckedPod {
  const containers = [...(spec.initContainers ?? []), ...(spec.containers ?? []), ...(spec.ephemeralContainers ?? [])];
  return { spec, annotations, containers };
}

export function quoteAll(items: Iterable<string>): string {
  const list = [...items];
  return list.length === 0 ? "" : `"${list.join('", "')}"`;
}

export function plural(one: string, many: string, count: number): string {
  return count === 1 ? one : many;
}

/** `container "a"`, `containers "a", "b"`. */
export function nameContainers(containers: readonly { readonly name: string }[]): string {
  return `${plural("container", "containers", containers.length)} ${quoteAll(containers.map(({ name }) => name))}`;
}

/** Who set something: the pod, containers, or both; "" where nobody did. */
export function nameSetters(byPod: boolean, containers: readonly { readonly name: string }[]): string {
  const setters = byPod ? ["pod"] : [];
  if (containers.length > 0) setters.push(nameContainers(containers));
  return setters.join(" and ");
}

export function sorted(items: Iterable<string>): string[] {
  return [...new Set(items)].sort();
}

/** Pods with a user namespace of their own may do more, from 1.35 on. */
export function unlessUserNamespace(check: CheckFunction): CheckFunction {
  return (pod) => (pod.spec.hostUsers === false ? undefined : check(pod));
}

export function unlessWindows(check: CheckFunction): CheckFunction {
  return (pod) => (pod.spec.os?.name === "windows" ? undefined : check(pod));
}
