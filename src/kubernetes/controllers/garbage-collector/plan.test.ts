import assert from "node:assert/strict";
import { test } from "node:test";
import type { OwnerReference } from "#kubernetes/api";
import { foregroundFinalizer, orphanFinalizer } from "./finalizers.ts";
import { planGarbage } from "./plan.ts";

const owner = (uid: string): OwnerReference => ({ apiVersion: "v1", kind: "X", name: uid, uid });
const none = { solid: [], dangling: [], waiting: [] };
const alone = { hasAny: false, someDeletingDependents: false };

test("planGarbage: an object with an owner that stays is kept, without references to others", () => {
  assert.deepEqual(planGarbage({}, { ...none, solid: [owner("a")] }, alone), { action: "keep" });
  const owners = { solid: [owner("a")], dangling: [owner("b")], waiting: [owner("c")] };
  assert.deepEqual(planGarbage({}, owners, alone), { action: "removeReferences", ownerUids: ["b", "c"] });
});

test("planGarbage: without any, it goes as its finalizers say", () => {
  const owners = { ...none, dangling: [owner("a")] };
  const policy = (finalizers: string[]) => {
    const plan = planGarbage({ finalizers }, owners, alone);
    assert.ok(plan.action === "delete" && !plan.unblockFirst);
    return plan.policy;
  };
  assert.equal(policy([]), "Background");
  assert.equal(policy([foregroundFinalizer]), "Foreground");
  assert.equal(policy([orphanFinalizer, foregroundFinalizer]), "Orphan");
});

test("planGarbage: an owner's foreground deletion goes on to dependents that have dependents", () => {
  const owners = { ...none, waiting: [owner("a")] };
  const gone = planGarbage({}, owners, alone);
  assert.deepEqual(gone, { action: "delete", policy: "Background", unblockFirst: false });
  const parent = planGarbage({}, owners, { hasAny: true, someDeletingDependents: false });
  assert.deepEqual(parent, { action: "delete", policy: "Foreground", unblockFirst: false });
  const circle = planGarbage({}, owners, { hasAny: true, someDeletingDependents: true });
  assert.deepEqual(circle, { action: "delete", policy: "Foreground", unblockFirst: true });
});
