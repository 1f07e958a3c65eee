import assert from "node:assert/strict";
import test from "node:test";
import { makeObject } from "../testing/random-objects.ts";
import { shareFields } from "./shared-fields.ts";

const manager = { name: "m", operation: "Update", apiVersion: "v1", subresource: "", time: undefined } as const;

test("shareFields: equal sets of one manager and kind are one object", () => {
  const schema = makeObject(new Map());
  const first = shareFields(manager, { "f:a": { "f:b": {} } }, schema);
  assert.equal(shareFields(manager, { "f:a": { "f:b": {} } }, schema), first);
  assert.notEqual(shareFields(manager, { "f:a": { "f:b": {} } }, makeObject(new Map())), first);
});

test("shareFields: sets that differ share what is alike, and say what they said", () => {
  const schema = makeObject(new Map());
  const first = shareFields(manager, { "f:a": { "f:b": {}, "f:c": {} }, "f:x": {} }, schema);
  const second = shareFields(manager, { "f:a": { "f:b": {}, "f:c": {} }, "f:y": { "f:z": {} } }, schema);
  assert.deepEqual(second, { "f:a": { "f:b": {}, "f:c": {} }, "f:y": { "f:z": {} } });
  assert.equal(second["f:a"], first["f:a"]);
  const subset = shareFields(manager, { "f:a": { "f:b": {} } }, schema);
  assert.deepEqual(subset, { "f:a": { "f:b": {} } });
});
