// What a Deployment writes on its ReplicaSets: which revision each is, and how large the Deployment was meant to be. Pure.

import type { Deployment, KubeObject, ReplicaSet } from "#kubernetes/api";
import { maxSurge, replicasOf } from "./limits.ts";

export const revisionAnnotation = "deployment.kubernetes.io/revision";
const revisionHistoryAnnotation = "deployment.kubernetes.io/revision-history";
const desiredReplicasAnnotation = "deployment.kubernetes.io/desired-replicas";
const maxReplicasAnnotation = "deployment.kubernetes.io/max-replicas";
export const rollbackAnnotation = "deprecated.deployment.rollback.to";

const longestHistory = 2000;
/** These belong to the object they are on. */
const notCopied: ReadonlySet<string> = new Set([
  "kubectl.kubernetes.io/last-applied-configuration",
  revisionAnnotation,
  revisionHistoryAnnotation,
  desiredReplicasAnnotation,
  maxReplicasAnnotation,
  rollbackAnnotation,
]);

type Annotations = Readonly<Record<string, string>>;

/** 0 where there is none; undefined where it is no number. Of 64 bits: a set that is adopted may have any. */
export function revisionOf(object: KubeObject): bigint | undefined {
  const text = object.metadata.annotations?.[revisionAnnotation];
  return text === undefined ? 0n : parseRevision(text);
}

export function parseRevision(text: string): bigint | undefined {
  return /^[+-]?\d+$/.test(text) ? BigInt(text.replace("+", "")) : undefined;
}

export function maxRevision(sets: readonly ReplicaSet[]): bigint {
  return newestFirst(sets)[0] ?? 0n;
}

/** The revision before the newest, 0 where there is none. */
export function lastRevision(sets: readonly ReplicaSet[]): bigint {
  return newestFirst(sets)[1] ?? 0n;
}

function newestFirst(sets: readonly ReplicaSet[]): bigint[] {
  const revisions = sets.map((set) => revisionOf(set) ?? 0n).map((revision) => (revision < 0n ? 0n : revision));
  return revisions.sort((a, b) => (a < b ? 1 : a > b ? -1 : 0));
}

export function desiredReplicas(set: ReplicaSet): number | undefined {
  return readCount(set, desiredReplicasAnnotation);
}

export function maxReplicas(set: ReplicaSet): number | undefined {
  return readCount(set, maxReplicasAnnotation);
}

/** The annotations of the ReplicaSet for the present template: the Deployment's, and its revision. */
export function annotateNewSet(deployment: Deployment, old: Annotations = {}, newRevision: bigint): Annotations {
  const annotations: Record<string, string> = { ...old, ...copiedAnnotations(deployment.metadata.annotations) };
  const oldText = old[revisionAnnotation];
  const oldRevision = oldText === undefined ? 0n : parseRevision(oldText);
  if (oldRevision === undefined || oldRevision >= newRevision) return annotations;
  annotations[revisionAnnotation] = String(newRevision);
  // It had a revision: this is a roll-back to it, and what it was before is history.
  if (oldText) {
    const history = appendToHistory(old[revisionHistoryAnnotation], oldText);
    if (history !== undefined) annotations[revisionHistoryAnnotation] = history;
  }
  return annotations;
}

/** The annotations that say how large the Deployment is meant to be, which tell scaling and rolling out apart. */
export function annotateReplicas(deployment: Deployment, old: Annotations = {}): Annotations {
  const desired = replicasOf(deployment);
  return {
    ...old,
    [desiredReplicasAnnotation]: String(desired),
    [maxReplicasAnnotation]: String(desired + maxSurge(deployment)),
  };
}

/** The annotations of a Deployment that goes back to an old ReplicaSet: what it copied onto it at the time. */
export function annotationsForRollback(deployment: Deployment, set: ReplicaSet): Annotations {
  const own = Object.entries(deployment.metadata.annotations ?? {}).filter(([key]) => notCopied.has(key));
  return { ...Object.fromEntries(own), ...copiedAnnotations(set.metadata.annotations) };
}

function copiedAnnotations(annotations: Annotations = {}): Annotations {
  return Object.fromEntries(Object.entries(annotations).filter(([key]) => !notCopied.has(key)));
}

/** Undefined where the history is too long to take even this one. */
function appendToHistory(history: string | undefined, revision: string): string | undefined {
  if (!history) return revision;
  const revisions = [...history.split(","), revision];
  while (revisions.length > 1 && revisions.join(",").length > longestHistory) revisions.shift();
  const text = revisions.join(",");
  return text.length > longestHistory ? undefined : text;
}

function readCount(set: ReplicaSet, annotation: string): number | undefined {
  const text = set.metadata.annotations?.[annotation];
  if (text === undefined || !/^\d+$/.test(text)) return undefined;
  const count = Number(text);
  return count < 2 ** 31 ? count : undefined;
}
