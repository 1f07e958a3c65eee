import assert from "node:assert/strict";
import { test } from "node:test";
import type { KubeObject } from "#kubernetes/api";
import { planProtection, withProtection } from "./protection.ts";

const object = (deletionTimestamp?: string, ...finalizers: string[]): KubeObject => ({
  metadata: { name: "a", finalizers, ...(deletionTimestamp !== undefined && { deletionTimestamp }) },
});
const deleted = "2026-01-01T00:00:00Z";

test("planProtection: protects what lives, and lets go of what nobody uses", async () => {
  assert.equal(await planProtection(object(), "f", () => false), "add");
  assert.equal(await planProtection(object(undefined, "f"), "f", () => false), "keep");
  assert.equal(await planProtection(object(deleted, "f"), "f", () => true), "keep");
  assert.equal(await planProtection(object(deleted, "f"), "f", () => false), "remove");
  assert.equal(await planProtection(object(deleted, "g"), "f", () => false), "keep");
});

test("withProtection: leaves others' finalizers alone", () => {
  assert.deepEqual(withProtection(object(undefined, "g"), "f", "add").metadata.finalizers, ["g", "f"]);
  assert.deepEqual(withProtection(object(deleted, "f", "g"), "f", "remove").metadata.finalizers, ["g"]);
});
