// Distributes a change of a Deployment's size over its ReplicaSets, in proportion, so that scaling does not hurry a roll-out.

import type { Deployment, ReplicaSet } from "#kubernetes/api";
import { isRollingUpdate, maxSurge, replicasOf } from "./limits.ts";
import { desiredReplicas, maxReplicas } from "./replica-set-annotations.ts";
import { isSaturated, type Rollout, sizeOf, sumOf } from "./rollout.ts";
import { compareByAge } from "./templates.ts";

/** True where the Deployment's size has changed since its ReplicaSets were last sized. */
export function isScalingEvent(rollout: Rollout): boolean {
  const wished = replicasOf(rollout.deployment);
  return rollout.activeSets.some((set) => (desiredReplicas(set) ?? wished) !== wished);
}

export function planScaling(rollout: Rollout): void {
  const { deployment, newSet } = rollout;
  const only = findActiveOrLatest(rollout);
  if (only) {
    rollout.scale(only, replicasOf(deployment));
  } else if (isSaturated(rollout, newSet && desiredReplicas(newSet))) {
    for (const set of rollout.oldSets) rollout.scale(set, 0);
  } else if (isRollingUpdate(deployment)) {
    scaleInProportion(rollout);
  }
}

/** The one set that has pods, or the newest where none has; undefined where several have. */
function findActiveOrLatest({ activeSets, newSet, oldSets }: Rollout): ReplicaSet | undefined {
  if (activeSets.length > 1) return undefined;
  return activeSets[0] ?? newSet ?? oldSets.toSorted(compareByAge).at(-1);
}

function scaleInProportion(rollout: Rollout): void {
  const { deployment } = rollout;
  const wished = replicasOf(deployment);
  const allowed = wished > 0 ? wished + maxSurge(deployment) : 0;
  const toAdd = allowed - sumOf(rollout.activeSets, sizeOf);
  // Large sets first; among equals the newer grow and the older shrink.
  const direction = toAdd > 0 ? -1 : 1;
  const sets = rollout.activeSets.toSorted((a, b) => sizeOf(b) - sizeOf(a) || direction * compareByAge(a, b));
  let added = 0;
  const sizes = sets.map((set) => {
    const share = toAdd === 0 ? 0 : limitShare(shareOf(set, deployment), toAdd - added);
    added += share;
    return sizeOf(set) + share;
  });
  for (const [position, set] of sets.entries()) {
    const leftover = position === 0 ? toAdd - added : 0;
    rollout.scale(set, Math.max(0, sizes[position]! + leftover), true);
  }
}

function limitShare(share: number, left: number): number {
  return left > 0 ? Math.min(share, left) : Math.max(share, left);
}

/** By how much a set should grow (or shrink) if everything kept its proportion. */
function shareOf(set: ReplicaSet, deployment: Deployment): number {
  const size = sizeOf(set);
  const wished = replicasOf(deployment);
  if (wished === 0) return -size;
  const before = maxReplicas(set) || deployment.status?.replicas || 0;
  if (before === 0) return 0;
  return Math.round((size * (wished + maxSurge(deployment))) / before) - size;
}
