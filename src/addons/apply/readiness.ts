// Whether an object does what it is there for, told from its status. Pure.

import type { UnknownObject } from "#kubernetes/api";

/** Undefined: it is ready, or there is nothing to wait for. Else what is missing, for people. */
export function whyNotReady(object: UnknownObject): string | undefined {
  const check = checks[object.kind ?? ""];
  return check?.(object as unknown as WithStatus);
}

/** Whether objects of the kind are ever anything but ready. */
export function canBeAwaited({ kind }: UnknownObject): boolean {
  return kind !== undefined && kind in checks;
}

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly message?: string;
}

interface WithStatus {
  readonly metadata: { readonly generation?: number };
  readonly spec?: { readonly replicas?: number; readonly completions?: number };
  readonly status?: Readonly<Record<string, unknown>> & { readonly conditions?: readonly Condition[] };
}

const checks: Readonly<Record<string, (object: WithStatus) => string | undefined>> = {
  CustomResourceDefinition: (object) => wants(object, "Established", "is not established"),
  APIService: (object) => wants(object, "Available", "does not answer"),
  Deployment: (object) =>
    notSeen(object) ??
    failedCondition(object, "ReplicaFailure") ??
    count(object, ["updatedReplicas", "availableReplicas"], object.spec?.replicas ?? 1) ??
    olderPods(object),
  StatefulSet: (object) =>
    notSeen(object) ?? count(object, ["updatedReplicas", "readyReplicas"], object.spec?.replicas ?? 1),
  DaemonSet: (object) => {
    const wanted = numberIn(object, "desiredNumberScheduled");
    return notSeen(object) ?? count(object, ["updatedNumberScheduled", "numberAvailable"], wanted);
  },
  Job: (object) => {
    if (isTrue(object, "Complete")) return undefined;
    return failedCondition(object, "Failed") ?? "is not complete";
  },
};

function notSeen(object: WithStatus): string | undefined {
  const isSeen = numberIn(object, "observedGeneration") >= (object.metadata.generation ?? 0);
  return isSeen ? undefined : "is not looked at yet";
}

function count(object: WithStatus, fields: readonly string[], wanted: number): string | undefined {
  const least = Math.min(...fields.map((field) => numberIn(object, field)));
  return least >= wanted ? undefined : `${least} of ${wanted} pods ready`;
}

function olderPods(object: WithStatus): string | undefined {
  const old = numberIn(object, "replicas") - numberIn(object, "updatedReplicas");
  return old > 0 ? `${old} pods of the version before` : undefined;
}

function wants(object: WithStatus, type: string, otherwise: string): string | undefined {
  if (isTrue(object, type)) return undefined;
  const { message } = conditionOf(object, type) ?? {};
  return message ? `${otherwise}: ${message}` : otherwise;
}

function failedCondition(object: WithStatus, type: string): string | undefined {
  return isTrue(object, type) ? (conditionOf(object, type)?.message ?? "has failed") : undefined;
}

function conditionOf({ status }: WithStatus, type: string): Condition | undefined {
  return status?.conditions?.find((condition) => condition.type === type);
}

function isTrue(object: WithStatus, type: string): boolean {
  return conditionOf(object, type)?.status === "True";
}

function numberIn({ status }: WithStatus, field: string): number {
  const value = status?.[field];
  return typeof value === "number" ? value : 0;
}
