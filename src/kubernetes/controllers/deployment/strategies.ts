// How the old ReplicaSets give way to the new one: step by step, or all at once.

import type { ReplicaSet } from "#kubernetes/api";
import { isRollingUpdate, maxSurge, maxUnavailable, replicasOf } from "./limits.ts";
import { type Rollout, sizeOf, sumOf } from "./rollout.ts";
import { compareByAge } from "./templates.ts";

/** The size the new set may have now. `all` includes it. */
export function sizeForNewSet(rollout: Rollout, all: readonly ReplicaSet[], newSet: ReplicaSet): number {
  const { deployment } = rollout;
  const wished = replicasOf(deployment);
  if (!isRollingUpdate(deployment)) return wished;
  const room = wished + maxSurge(deployment) - sumOf(all, sizeOf);
  if (room <= 0) return sizeOf(newSet);
  return sizeOf(newSet) + Math.min(room, wished - sizeOf(newSet));
}

/** One step of a rolling update. Answers whether anything was scaled. */
export function planRollingStep(rollout: Rollout): boolean {
  return growNewSet(rollout) || shrinkOldSets(rollout);
}

function growNewSet(rollout: Rollout): boolean {
  const { deployment, newSet } = rollout;
  const wished = replicasOf(deployment);
  if (!newSet || sizeOf(newSet) === wished) return false;
  if (sizeOf(newSet) > wished) return rollout.scale(newSet, wished);
  return rollout.scale(newSet, sizeForNewSet(rollout, rollout.allSets, newSet));
}

/** Takes away what does not work first, then as much of what works as the new set makes up for. */
function shrinkOldSets(rollout: Rollout): boolean {
  const { deployment, newSet } = rollout;
  const active = rollout.oldSets.filter((set) => sizeOf(set) > 0);
  if (!newSet || active.length === 0) return false;
  const minAvailable = replicasOf(deployment) - maxUnavailable(deployment);
  const newUnavailable = sizeOf(newSet) - availableOf(newSet);
  const removable = sumOf(rollout.allSets, sizeOf) - minAvailable - newUnavailable;
  if (removable <= 0) return false;
  const removed = removeUnhealthy(rollout, removable) + removeHealthy(rollout, minAvailable);
  return removed > 0;
}

function removeUnhealthy(rollout: Rollout, most: number): number {
  let removed = 0;
  for (const set of activeByAge(rollout)) {
    const count = Math.min(most - removed, sizeOf(set) - availableOf(set));
    if (count <= 0) continue;
    rollout.scale(set, sizeOf(set) - count);
    removed += count;
  }
  return removed;
}

function removeHealthy(rollout: Rollout, minAvailable: number): number {
  const most = sumOf(rollout.activeSets, availableOf) - minAvailable;
  let removed = 0;
  for (const set of activeByAge(rollout)) {
    const count = Math.min(most - removed, sizeOf(set));
    if (count <= 0) continue;
    rollout.scale(set, sizeOf(set) - count);
    removed += count;
  }
  return removed;
}

function activeByAge(rollout: Rollout): readonly ReplicaSet[] {
  return rollout.oldSets.filter((set) => sizeOf(set) > 0).sort(compareByAge);
}

function availableOf(set: ReplicaSet): number {
  return set.status?.availableReplicas ?? 0;
}

/** Takes all old pods away. Answers whether there were any to take. */
export function scaleDownForRecreate(rollout: Rollout): boolean {
  let hasScaled = false;
  for (const set of rollout.oldSets) if (sizeOf(set) > 0) hasScaled = rollout.scale(set, 0) || hasScaled;
  return hasScaled;
}
