import assert from "node:assert/strict";
import { test } from "node:test";
import type { PersistentVolumeClaim } from "#kubernetes/api";
import { grew, wantsToGrow } from "./plan.ts";

const claim = (asked: string, has: string, phase = "Bound"): PersistentVolumeClaim => ({
  metadata: { name: "c" },
  spec: { resources: { requests: { storage: asked } } },
  status: { phase, capacity: { storage: has } },
});

test("wantsToGrow: a bound claim that has less than it asks for", () => {
  assert.equal(wantsToGrow(claim("2Gi", "1Gi")), true);
  assert.equal(wantsToGrow(claim("1Gi", "1Gi")), false);
  assert.equal(wantsToGrow(claim("2Gi", "1Gi", "Pending")), false);
});

test("grew: only when more is asked for than before", () => {
  assert.equal(grew(claim("2Gi", "1Gi"), claim("1Gi", "1Gi")), true);
  assert.equal(grew(claim("2Gi", "1Gi"), claim("2Gi", "1Gi")), false);
});
