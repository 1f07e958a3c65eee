// The numbers a Deployment's spec sets: how many pods, how many more for a while, how many fewer. Pure.

import { type Deployment, scaleIntOrPercent } from "#kubernetes/api";

/** Means "no limit" where upstream has no other way to say it. */
const unlimited = 2 ** 31 - 1;

export function replicasOf(deployment: Deployment): number {
  return deployment.spec?.replicas ?? 1;
}

export function isRollingUpdate(deployment: Deployment): boolean {
  return deployment.spec?.strategy?.type === "RollingUpdate";
}

/** How many pods may be there beyond the wished number. */
export function maxSurge(deployment: Deployment): number {
  return isRollingUpdate(deployment) ? resolveFenceposts(deployment).surge : 0;
}

/** How many of the wished pods may be missing. */
export function maxUnavailable(deployment: Deployment): number {
  if (!isRollingUpdate(deployment)) return 0;
  return Math.min(resolveFenceposts(deployment).unavailable, replicasOf(deployment));
}

/** Both cannot come to 0, by rounding or otherwise: nothing would ever move. */
function resolveFenceposts(deployment: Deployment): { surge: number; unavailable: number } {
  const { maxSurge = 0, maxUnavailable = 0 } = deployment.spec?.strategy?.rollingUpdate ?? {};
  const surge = scaleIntOrPercent(maxSurge, replicasOf(deployment), true);
  const unavailable = scaleIntOrPercent(maxUnavailable, replicasOf(deployment), false);
  return { surge, unavailable: surge === 0 && unavailable === 0 ? 1 : unavailable };
}

/** In milliseconds; undefined where progress is not judged. */
export function progressDeadlineMs(deployment: Deployment): number | undefined {
  const seconds = deployment.spec?.progressDeadlineSeconds;
  return seconds === undefined || seconds === unlimited ? undefined : seconds * 1000;
}

/** How many old ReplicaSets are kept; undefined: all. */
export function revisionHistoryLimit(deployment: Deployment): number | undefined {
  const limit = deployment.spec?.revisionHistoryLimit;
  return limit === unlimited ? undefined : limit;
}
