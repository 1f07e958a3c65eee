import assert from "node:assert/strict";
import test from "node:test";
import type { ManagedFieldsEntry } from "../generated/types.ts";
import { managedFieldsAfterScale, scaleManagedFields } from "./scale-ownership.ts";

const paths = { "apps/v1": ["spec", "replicas"], "apps/v1beta1": ["spec", "count"], "apps/v0": null };
const both = { "f:spec": { "f:replicas": {}, "f:selector": {} } };
const replicas = { "f:spec": { "f:replicas": {} } };
const selector = { "f:spec": { "f:selector": {} } };

test("scaleManagedFields: those who own replicas own them of the Scale, at its version", () => {
  const parent = [
    entry("a", "Apply", both, { time: "t" }),
    entry("b", "Update", selector),
    entry("c", "Update", { "f:spec": { "f:count": {} } }, { apiVersion: "apps/v1beta1" }),
    entry("d", "Update", replicas, { apiVersion: "apps/v10" }),
    entry("e", "Update", replicas, { apiVersion: "apps/v0" }),
    entry("f", "Update", replicas, { subresource: "scale" }),
  ];
  assert.deepEqual(scaleManagedFields(parent, paths), [
    entry("a", "Apply", replicas, { time: "t", apiVersion: "autoscaling/v1" }),
    entry("c", "Update", replicas, { apiVersion: "autoscaling/v1" }),
    entry("f", "Update", replicas, { apiVersion: "autoscaling/v1", subresource: "scale" }),
  ]);
  assert.equal(scaleManagedFields([entry("b", "Update", selector)], paths), undefined);
});

test("managedFieldsAfterScale: replicas go over to who scaled", () => {
  const scaled = [entry("s", "Update", replicas, { apiVersion: "autoscaling/v1", subresource: "scale", time: "t" })];
  for (const operation of ["Apply", "Update"] as const) {
    const after = managedFieldsAfterScale([entry("a", operation, both)], scaled, { apiVersion: "apps/v1", paths });
    assert.deepEqual(
      after,
      [entry("a", operation, selector), entry("s", "Update", replicas, { subresource: "scale" })].toSorted(
        bySubresourceLast,
      ),
    );
  }
  assert.deepEqual(managedFieldsAfterScale([entry("a", "Apply", replicas)], scaled, { apiVersion: "apps/v1", paths }), [
    entry("s", "Update", replicas, { subresource: "scale" }),
  ]);
});

test("managedFieldsAfterScale: who still owns the replicas of the Scale keeps its entry", () => {
  const parent = [entry("a", "Apply", both), entry("u", "Update", both)];
  const scale = [
    ...scaleManagedFields(parent, paths)!,
    entry("a", "Apply", replicas, { apiVersion: "autoscaling/v1", subresource: "scale" }),
  ];
  assert.deepEqual(managedFieldsAfterScale(parent, scale, { apiVersion: "apps/v1", paths }), [
    parent[0],
    entry("a", "Apply", replicas, { subresource: "scale" }),
    parent[1],
  ]);
});

test("managedFieldsAfterScale: entries at unknown versions go, those at versions without scale stay", () => {
  const parent = [
    entry("a", "Apply", selector, { apiVersion: "apps/v10" }),
    entry("b", "Apply", replicas, { apiVersion: "apps/v0" }),
  ];
  const scaled = [
    entry("s", "Update", replicas, { apiVersion: "autoscaling/v1" }),
    entry("t", "Update", { "f:status": { "f:replicas": {} } }, { apiVersion: "autoscaling/v1" }),
  ];
  assert.deepEqual(managedFieldsAfterScale(parent, scaled, { apiVersion: "apps/v1", paths }), [
    parent[1],
    entry("s", "Update", replicas),
  ]);
});

function entry(
  manager: string,
  operation: "Apply" | "Update",
  fieldsV1: Record<string, unknown>,
  rest: Partial<ManagedFieldsEntry> = {},
): ManagedFieldsEntry {
  return { manager, operation, apiVersion: "apps/v1", fieldsType: "FieldsV1", fieldsV1, ...rest };
}

function bySubresourceLast(a: ManagedFieldsEntry, b: ManagedFieldsEntry): number {
  return (a.subresource ?? "").length - (b.subresource ?? "").length;
}
