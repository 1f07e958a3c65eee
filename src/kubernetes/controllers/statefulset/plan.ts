// What to do for a StatefulSet's pods now: in order, one at a time, or all at once. Pure.

import type { PersistentVolumeClaim, Pod, StatefulSet } from "#kubernetes/api";
import { isPodAvailable, isPodFinished, isPodReady } from "../pods/pod-state.ts";
import { claimName, claimsFor, isClaimStale, planClaimOwners } from "./claims.ts";
import { isWanted, ordinalOf, replicasOf, startOrdinal } from "./ordinals.ts";
import { hasIdentity, hasStorage, newPod, revisionOf, type SetRevision } from "./stateful-pods.ts";

export type PodAction =
  | { readonly action: "create" | "delete"; readonly pod: Pod }
  /** Its identity, storage or claims are not right. */
  | { readonly action: "repair"; readonly pod: Pod }
  /** Claims it waits for are missing, or belong to somebody else than the policy says. */
  | { readonly action: "provideClaims"; readonly pod: Pod };

export interface StatefulView {
  readonly set: StatefulSet;
  readonly current: SetRevision;
  readonly update: SetRevision;
  /** The pods it owns. */
  readonly pods: readonly Pod[];
  claim(name: string): PersistentVolumeClaim | undefined;
  readonly nowMs: number;
}

/** One part of the plan: the parts come one after the other, the actions of a part side by side where pods are managed in parallel. */
export type PlanPart = readonly PodAction[];

export function planPods(view: StatefulView): PlanPart[] {
  const { set, pods } = view;
  if (set.metadata.deletionTimestamp) return [];
  const wanted = wantedPods(view);
  const condemned = pods
    .filter((pod) => ordinalOf(pod) >= 0 && !isWanted(set, ordinalOf(pod)))
    .sort((a, b) => ordinalOf(b) - ordinalOf(a));
  const isMonotonic = set.spec?.podManagementPolicy !== "Parallel";
  const plan = isMonotonic ? planInOrder(wanted, condemned, view) : planInParallel(wanted, condemned, view);
  if (plan.isBlocked || set.spec?.updateStrategy?.type === "OnDelete") return plan.parts;
  return [...plan.parts, planUpdate(wanted, view)];
}

/** A pod for every wanted ordinal, those that do not exist yet as they will be created. */
function wantedPods(view: StatefulView): Pod[] {
  const { set, pods, current, update } = view;
  const present = new Map(pods.map((pod) => [ordinalOf(pod), pod]));
  const start = startOrdinal(set);
  return Array.from({ length: replicasOf(set) }, (_, position) => {
    return present.get(start + position) ?? newPod(start + position, current, update);
  });
}

interface PartialPlan {
  readonly parts: PlanPart[];
  /** Something must come to pass before anything else is done. */
  readonly isBlocked: boolean;
}

/** One step at a time: no pod is touched before those before it are well. */
function planInOrder(wanted: readonly Pod[], condemned: readonly Pod[], view: StatefulView): PartialPlan {
  const parts: PlanPart[] = [];
  for (const pod of wanted) {
    const actions = planWanted(pod, view);
    if (actions.length > 0) parts.push(actions);
    const isEnding = actions.some(({ action }) => action === "create" || action === "delete");
    if (isEnding || !isSettled(pod, view)) return { parts, isBlocked: true };
  }
  const claims = condemned.flatMap((pod) => planCondemnedClaims(pod, view));
  if (claims.length > 0) parts.push(claims);
  const victim = condemned[0];
  if (!victim) return { parts, isBlocked: false };
  if (victim.metadata.deletionTimestamp) return { parts, isBlocked: true };
  // A sick pod further down must be well first, unless the victim is the sick one itself.
  const firstUnavailable = [...wanted, ...condemned.toReversed()].find((pod) => isUnavailable(pod, view));
  if (isUnavailable(victim, view) && victim !== firstUnavailable) return { parts, isBlocked: true };
  parts.push([{ action: "delete", pod: victim }]);
  return { parts, isBlocked: true };
}

function planInParallel(wanted: readonly Pod[], condemned: readonly Pod[], view: StatefulView): PartialPlan {
  const parts = [
    wanted.flatMap((pod) => planWanted(pod, view)),
    condemned.flatMap((pod) => planCondemnedClaims(pod, view)),
    condemned.filter((pod) => !pod.metadata.deletionTimestamp).map((pod) => ({ action: "delete", pod }) as const),
  ];
  return { parts: parts.filter((actions) => actions.length > 0), isBlocked: false };
}

function planWanted(pod: Pod, view: StatefulView): PodAction[] {
  if (!isCreated(pod)) return hasStaleClaim(pod, view) ? [] : [{ action: "create", pod }];
  if (isPodFinished(pod)) return pod.metadata.deletionTimestamp ? [] : [{ action: "delete", pod }];
  const isPending = pod.status?.phase === "Pending";
  if (isPending && lacksClaims(pod, view)) return [{ action: "provideClaims", pod }];
  if (!isSettled(pod, view) && view.set.spec?.podManagementPolicy !== "Parallel") return [];
  const isRight = hasIdentity(pod) && hasStorage(pod, view.set) && !hasWrongClaimOwners(pod, view);
  return isRight ? [] : [{ action: "repair", pod }];
}

function planCondemnedClaims(pod: Pod, view: StatefulView): PodAction[] {
  return hasWrongClaimOwners(pod, view) ? [{ action: "provideClaims", pod }] : [];
}

/** Replaces outdated pods from the highest ordinal down to the partition, one at a time. */
function planUpdate(wanted: readonly Pod[], view: StatefulView): PlanPart {
  const { set, update } = view;
  const partition = set.spec?.updateStrategy?.rollingUpdate?.partition ?? 0;
  for (const pod of wanted.slice(partition).reverse()) {
    if (revisionOf(pod) !== update.name && !pod.metadata.deletionTimestamp) return [{ action: "delete", pod }];
    if (isUnavailable(pod, view)) return [];
  }
  return [];
}

/** True once the server knows the pod. */
function isCreated(pod: Pod): boolean {
  return pod.metadata.uid !== undefined;
}

/** Running, ready for long enough, and staying. */
function isSettled(pod: Pod, view: StatefulView): boolean {
  return pod.status?.phase === "Running" && isPodReady(pod) && !isUnavailable(pod, view);
}

function isUnavailable(pod: Pod, { set, nowMs }: StatefulView): boolean {
  const isAvailable = isPodAvailable(pod, set.spec?.minReadySeconds ?? 0, nowMs);
  return !isAvailable || pod.metadata.deletionTimestamp !== undefined;
}

function claimsOf(pod: Pod, { set, claim }: StatefulView): PersistentVolumeClaim[] {
  const templates = set.spec?.volumeClaimTemplates ?? [];
  const claims = templates.map((template) => claim(claimName(set, template, ordinalOf(pod))));
  return claims.filter((found) => found !== undefined);
}

function lacksClaims(pod: Pod, view: StatefulView): boolean {
  const count = claimsFor(view.set, ordinalOf(pod)).length;
  return claimsOf(pod, view).length < count || hasWrongClaimOwners(pod, view);
}

function hasWrongClaimOwners(pod: Pod, view: StatefulView): boolean {
  return claimsOf(pod, view).some((claim) => planClaimOwners(claim, { set: view.set, pod }) !== undefined);
}

function hasStaleClaim(pod: Pod, view: StatefulView): boolean {
  return claimsOf(pod, view).some((claim) => isClaimStale(claim, { set: view.set, pod }));
}
