import assert from "node:assert/strict";
import { test } from "node:test";
import { planTtl, ttlStep } from "./plan.ts";

test("ttlStep: larger clusters ask less often, and not at every node", () => {
  assert.equal(ttlStep(0, 100), 0);
  assert.equal(ttlStep(0, 101), 1);
  assert.equal(ttlStep(1, 95), 1);
  assert.equal(ttlStep(1, 89), 0);
  assert.equal(ttlStep(0, 5000), 4);
  assert.equal(ttlStep(4, 3), 0);
});

test("planTtl: only where the node says something else", () => {
  const node = (ttl?: string) => ({
    metadata: { name: "n", ...(ttl !== undefined && { annotations: { "node.alpha.kubernetes.io/ttl": ttl } }) },
  });
  assert.equal(planTtl(node(), 0), "0");
  assert.equal(planTtl(node("0"), 0), undefined);
  assert.equal(planTtl(node("0"), 2), "30");
});
