// A pod as the kubelet holds it, and the small questions everyone asks of one.

import type { Container, EphemeralContainer, ObjectMeta, Pod, PodSpec, PodStatus } from "#kubernetes/api";

/** A pod bound to a node: with everything the API server fills in. Shared with the informer, so never changed. */
export interface BoundPod extends Pod {
  readonly metadata: ObjectMeta & { readonly name: string; readonly namespace: string; readonly uid: string };
  readonly spec: PodSpec;
  readonly status: PodStatus;
}

/** The same object where all is there; else a copy with what is missing left empty. */
export function toBoundPod(pod: Pod): BoundPod {
  const { name, namespace, uid } = pod.metadata;
  if (name !== undefined && namespace !== undefined && uid !== undefined && pod.spec && pod.status) {
    return pod as BoundPod;
  }
  return {
    ...pod,
    metadata: { ...pod.metadata, name: name ?? "", namespace: namespace ?? "default", uid: uid ?? "" },
    spec: pod.spec ?? { containers: [] },
    status: pod.status ?? {},
  };
}

/** "name_namespace(uid)", as upstream names pods in messages. */
export function describePod(pod: BoundPod): string {
  return `${pod.metadata.name}_${pod.metadata.namespace}(${pod.metadata.uid})`;
}

export type ContainerKind = "init" | "regular" | "ephemeral";

/** A container of any kind, with where it was found. An ephemeral one has the same fields as others, and its target. */
export interface PodContainer {
  readonly kind: ContainerKind;
  readonly container: Container | EphemeralContainer;
}

/** All containers: init, regular, ephemeral, in the order of the spec. */
export function containersOf(spec: PodSpec): PodContainer[] {
  return [
    ...(spec.initContainers ?? []).map((container) => ({ kind: "init" as const, container })),
    ...spec.containers.map((container) => ({ kind: "regular" as const, container })),
    ...(spec.ephemeralContainers ?? []).map((container) => ({ kind: "ephemeral" as const, container })),
  ];
}

/** The container of that name, of any kind. */
export function findContainer(spec: PodSpec, name: string): PodContainer | undefined {
  return containersOf(spec).find(({ container }) => container.name === name);
}

/** Whether an init container is a sidecar: started in turn, then kept running. */
export function isSidecar(container: Container): boolean {
  return container.restartPolicy === "Always";
}

export function isTerminalPhase(phase: string | undefined): boolean {
  return phase === "Succeeded" || phase === "Failed";
}

/** A pod of system-node-critical priority or above. */
export function isNodeCritical(pod: BoundPod): boolean {
  const { priority, priorityClassName } = pod.spec;
  return isCritical(pod) && (priorityClassName === "system-node-critical" || (priority ?? 0) >= 2_000_001_000);
}

/** A pod that is admitted at the cost of others and evicted last: a static one, or one of system priority. */
export function isCritical(pod: BoundPod): boolean {
  return isStatic(pod) || (pod.spec.priority ?? 0) >= 2_000_000_000;
}

/** A pod that came from a file, not from the API. */
export function isStatic(pod: BoundPod): boolean {
  const source = pod.metadata.annotations?.["kubernetes.io/config.source"];
  return source !== undefined && source !== "api";
}
