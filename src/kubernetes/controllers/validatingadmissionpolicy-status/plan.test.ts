import assert from "node:assert/strict";
import { test } from "node:test";
import { isObserved } from "./plan.ts";

test("isObserved: until the next change", () => {
  const policy = (generation: number, observedGeneration?: number) => ({
    metadata: { name: "p", generation },
    ...(observedGeneration !== undefined && { status: { observedGeneration } }),
  });
  assert.equal(isObserved(policy(1)), false);
  assert.equal(isObserved(policy(1, 1)), true);
  assert.equal(isObserved(policy(2, 1)), false);
});
