// The decisions of a leader election, from the lease as it is and when we saw it change. Pure.

import type { LeaseSpec } from "#kubernetes/api";
import { formatMicroTime } from "../time.ts";

/** The lease as last read, and when it was first seen to be so: clocks of different machines are never compared. */
export interface ObservedLease {
  readonly spec: LeaseSpec;
  readonly resourceVersion: string | undefined;
  readonly observedAtMs: number;
}

/** True while the holder's time is not up by our own clock. */
export function isHeld(observed: ObservedLease, nowMs: number): boolean {
  const { holderIdentity, leaseDurationSeconds = 0 } = observed.spec;
  return !!holderIdentity && observed.observedAtMs + leaseDurationSeconds * 1000 > nowMs;
}

export interface Candidate {
  readonly identity: string;
  readonly leaseDurationMs: number;
  readonly nowMs: number;
}

/** The spec with which a candidate takes or keeps a lease. `old` is undefined where there is none yet. */
export function specToHold(old: LeaseSpec | undefined, { identity, leaseDurationMs, nowMs }: Candidate): LeaseSpec {
  const now = formatMicroTime(nowMs);
  const isOurs = old?.holderIdentity === identity;
  return {
    ...old,
    holderIdentity: identity,
    leaseDurationSeconds: Math.floor(leaseDurationMs / 1000),
    acquireTime: isOurs ? (old.acquireTime ?? now) : now,
    renewTime: now,
    leaseTransitions: old ? (old.leaseTransitions ?? 0) + (isOurs ? 0 : 1) : 0,
  };
}

/** The spec that lets everybody else have the lease at once. */
export function specToRelease(old: LeaseSpec, nowMs: number): LeaseSpec {
  const now = formatMicroTime(nowMs);
  return { ...old, holderIdentity: "", leaseDurationSeconds: 1, acquireTime: now, renewTime: now };
}
