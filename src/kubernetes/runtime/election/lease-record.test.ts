import assert from "node:assert/strict";
import { test } from "node:test";
import { isHeld, specToHold, specToRelease } from "./lease-record.ts";

const now = Date.UTC(2026, 0, 1);
const time = "2026-01-01T00:00:00.000000Z";
const spec = {
  holderIdentity: "a",
  leaseDurationSeconds: 15,
  acquireTime: "then",
  renewTime: "then",
  leaseTransitions: 3,
};

test("isHeld: for the lease's duration from when we saw it change, whatever it says of times", () => {
  const observed = { spec, resourceVersion: "1", observedAtMs: now };
  assert.ok(isHeld(observed, now + 14_999));
  assert.ok(!isHeld(observed, now + 15_000));
  assert.ok(!isHeld({ ...observed, spec: { ...spec, holderIdentity: "" } }, now));
});

test("specToHold: a first lease, a renewal, a take-over", () => {
  const candidate = { identity: "a", leaseDurationMs: 15_000, nowMs: now };
  const held = { holderIdentity: "a", leaseDurationSeconds: 15, renewTime: time };
  assert.deepEqual(specToHold(undefined, candidate), { ...held, acquireTime: time, leaseTransitions: 0 });
  assert.deepEqual(specToHold(spec, candidate), { ...held, acquireTime: "then", leaseTransitions: 3 });
  const taken = specToHold(spec, { ...candidate, identity: "b" });
  assert.deepEqual(taken, { ...held, holderIdentity: "b", acquireTime: time, leaseTransitions: 4 });
});

test("specToRelease: anybody may have it at once", () => {
  const released = specToRelease(spec, now);
  assert.deepEqual([released.holderIdentity, released.leaseDurationSeconds, released.leaseTransitions], ["", 1, 3]);
});
