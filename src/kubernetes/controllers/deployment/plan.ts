// One look at a Deployment: what should become of its ReplicaSets, what its status says, and when to look again. Pure.

import { type Deployment, type DeploymentStatus, type ReplicaSet, resources } from "#kubernetes/api";
import { formatTime } from "#kubernetes/runtime";
import { controllerReference } from "../ownership/owner-references.ts";
import { findCondition, setCondition } from "./conditions.ts";
import { progressDeadlineMs, replicasOf, revisionHistoryLimit } from "./limits.ts";
import {
  annotateNewSet,
  annotateReplicas,
  maxRevision,
  parseRevision,
  revisionAnnotation,
  revisionOf,
  rollbackAnnotation,
} from "./replica-set-annotations.ts";
import { type ReplicaSetChange, Rollout, sizeOf } from "./rollout.ts";
import { isScalingEvent, planScaling } from "./scaling.ts";
import { isComplete, msUntilProgressCheck, planRolloutStatus, planStatus } from "./status.ts";
import { planRollingStep, scaleDownForRecreate, sizeForNewSet } from "./strategies.ts";
import { compareByAge, findNewSet, hashLabel, hashOfTemplate, nameOfSet } from "./templates.ts";

export interface DeploymentObserved {
  readonly deployment: Deployment;
  /** Those it controls. */
  readonly replicaSets: readonly ReplicaSet[];
  /** True where pods of other than the given ReplicaSet run still: asked only for Recreate. */
  readonly hasOtherPods: (newSet: ReplicaSet | undefined) => boolean;
  readonly nowMs: number;
}

export interface DeploymentPlan {
  readonly changes: readonly ReplicaSetChange[];
  readonly status: DeploymentStatus;
  /** To be written on the Deployment; undefined where there is no ReplicaSet for it yet. */
  readonly revision: string | undefined;
  readonly lookAgainMs: number | undefined;
}

/** The revision a user asked to go back to (0: the last); undefined where nobody did. */
export function rollbackRevision({ metadata }: Deployment): bigint | undefined {
  const text = metadata.annotations?.[rollbackAnnotation];
  return text === undefined ? undefined : parseRevision(text);
}

export function planDeployment(observed: DeploymentObserved): DeploymentPlan {
  const { deployment, replicaSets, nowMs } = observed;
  const newSet = findNewSet(deployment, replicaSets);
  const oldSets = replicaSets.filter((set) => set !== newSet);
  const rollout = new Rollout(deployment, { newSet, oldSets, nowMs });
  if (newSet) syncNewSet(rollout, newSet);
  const status = planSteps(rollout, observed);
  const lookAgainMs = deployment.spec?.paused ? undefined : msUntilProgressCheck(deployment, status, nowMs);
  return { changes: rollout.changes, status, revision: rollout.revision, lookAgainMs };
}

function planSteps(rollout: Rollout, observed: DeploymentObserved): DeploymentStatus {
  const { deployment } = rollout;
  if (deployment.metadata.deletionTimestamp) return planStatus(rollout);
  notePause(rollout);
  if (deployment.spec?.paused || isScalingEvent(rollout)) {
    planScaling(rollout);
    if (deployment.spec?.paused && rollbackRevision(deployment) === undefined) deleteOldSets(rollout);
    return planStatus(rollout);
  }
  const hasMoved =
    deployment.spec?.strategy?.type === "Recreate" ? planRecreate(rollout, observed) : planRollingUpdate(rollout);
  if (!hasMoved && isComplete(deployment, deployment.status)) deleteOldSets(rollout);
  return planRolloutStatus(rollout);
}

function planRollingUpdate(rollout: Rollout): boolean {
  if (!rollout.newSet) createNewSet(rollout);
  return planRollingStep(rollout);
}

/** The new pods must not meet the old ones. */
function planRecreate(rollout: Rollout, { hasOtherPods }: DeploymentObserved): boolean {
  if (scaleDownForRecreate(rollout)) return true;
  const countsPods = rollout.oldSets.some((set) => (set.status?.replicas ?? 0) > 0);
  if (countsPods || hasOtherPods(rollout.newSet)) return true;
  if (!rollout.newSet) createNewSet(rollout);
  rollout.scale(rollout.newSet!, replicasOf(rollout.deployment));
  return false;
}

/** Keeps the annotations and minReadySeconds of the present set in step with the Deployment. */
function syncNewSet(rollout: Rollout, set: ReplicaSet): void {
  const { deployment, oldSets, nowMs } = rollout;
  const { minReadySeconds = 0 } = deployment.spec ?? {};
  const annotations = annotateNewSet(deployment, set.metadata.annotations, maxRevision(oldSets) + 1n);
  const hasChanged = Object.entries(annotations).some(([key, value]) => set.metadata.annotations?.[key] !== value);
  if (hasChanged || (set.spec?.minReadySeconds ?? 0) !== minReadySeconds) {
    rollout.update({ ...set, metadata: { ...set.metadata, annotations }, spec: { ...set.spec!, minReadySeconds } });
  }
  rollout.revision = annotations[revisionAnnotation];
  if (progressDeadlineMs(deployment) === undefined || findCondition(deployment.status, "Progressing")) return;
  const message = `Found new replica set "${set.metadata.name}"`;
  const condition = { type: "Progressing", status: "True", reason: "FoundNewReplicaSet", message } as const;
  rollout.conditions = setCondition(rollout.conditions, condition, formatTime(nowMs));
}

function createNewSet(rollout: Rollout): void {
  const { deployment, oldSets, nowMs } = rollout;
  const { selector, template, minReadySeconds } = deployment.spec!;
  const hash = hashOfTemplate(deployment);
  const name = nameOfSet(deployment, hash);
  const labels = { ...template.metadata?.labels, [hashLabel]: hash };
  const revision = maxRevision(oldSets) + 1n;
  const empty: ReplicaSet = {
    apiVersion: "apps/v1",
    kind: "ReplicaSet",
    metadata: {
      name,
      namespace: deployment.metadata.namespace ?? "",
      ownerReferences: [controllerReference(resources.deployments, deployment)],
      labels,
      annotations: annotateReplicas(deployment, annotateNewSet(deployment, {}, revision)),
    },
    spec: {
      replicas: 0,
      ...(minReadySeconds !== undefined && { minReadySeconds }),
      selector: { ...selector, matchLabels: { ...selector.matchLabels, [hashLabel]: hash } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  };
  const replicas = sizeForNewSet(rollout, [...oldSets, empty], empty);
  rollout.create({ ...empty, spec: { ...empty.spec!, replicas } });
  rollout.revision = String(revision);
  if (progressDeadlineMs(deployment) === undefined) return;
  const message = `Created new replica set "${name}"`;
  const condition = { type: "Progressing", status: "True", reason: "NewReplicaSetCreated", message } as const;
  rollout.conditions = setCondition(rollout.conditions, condition, formatTime(nowMs));
}

/** The time a Deployment is paused must not count against its deadline. */
function notePause(rollout: Rollout): void {
  const { deployment, nowMs } = rollout;
  const current = findCondition(deployment.status, "Progressing");
  if (progressDeadlineMs(deployment) === undefined || current?.reason === "ProgressDeadlineExceeded") return;
  const isPaused = deployment.spec?.paused ?? false;
  if (isPaused === (current?.reason === "DeploymentPaused")) return;
  const [reason, message] = isPaused
    ? ["DeploymentPaused", "Deployment is paused"]
    : ["DeploymentResumed", "Deployment is resumed"];
  const condition = { type: "Progressing", status: "Unknown", reason, message } as const;
  rollout.conditions = setCondition(rollout.conditions, condition, formatTime(nowMs));
}

/** Deletes the oldest of the sets that have no pods, beyond the number kept for going back. */
function deleteOldSets(rollout: Rollout): void {
  const limit = revisionHistoryLimit(rollout.deployment);
  if (limit === undefined) return;
  const alive = rollout.oldSets.filter((set) => !set.metadata.deletionTimestamp);
  for (const set of alive.sort(compareByRevision).slice(0, Math.max(0, alive.length - limit))) {
    const isObserved = (set.metadata.generation ?? 0) <= (set.status?.observedGeneration ?? 0);
    if (sizeOf(set) === 0 && (set.status?.replicas ?? 0) === 0 && isObserved) rollout.delete(set);
  }
}

function compareByRevision(a: ReplicaSet, b: ReplicaSet): number {
  const [revisionA, revisionB] = [revisionOf(a), revisionOf(b)];
  if (revisionA === undefined || revisionB === undefined) return compareByAge(a, b);
  if (revisionA === revisionB) return compareByAge(a, b);
  return revisionA < revisionB ? -1 : 1;
}
