import assert from "node:assert/strict";
import test from "node:test";
import { isStatusError } from "../status-error.ts";
import { applyMergePatch } from "./merge-patch.ts";

test("applyMergePatch: merges objects, replaces the rest, takes away by null", () => {
  const target = { a: { b: 1, c: 2 }, list: [1, 2], gone: "x", stays: { deep: true } };
  const merged = applyMergePatch(target, { a: { b: null, d: 3 }, list: [3], gone: null, missing: null });
  assert.deepEqual(merged, { a: { c: 2, d: 3 }, list: [3], stays: { deep: true } });
  assert.equal(merged["stays"], target.stays);
  assert.deepEqual(target.list, [1, 2]);
});

test("applyMergePatch: a patch that changes nothing gives the target itself", () => {
  const target = { a: { b: 1 }, c: "x" };
  assert.equal(applyMergePatch(target, { a: { b: 1 }, c: "x", none: null }), target);
  assert.equal(applyMergePatch(target, {}), target);
});

test("applyMergePatch: drops nulls from what is new, but not from a list that replaces an object", () => {
  assert.deepEqual(applyMergePatch({}, { a: { b: null, c: { d: null } } }), { a: { c: {} } });
  assert.deepEqual(applyMergePatch({}, { l: [null, { a: null }] }), { l: [null, {}] });
  assert.deepEqual(applyMergePatch({ l: [1] }, { l: [{ a: null }] }), { l: [{}] });
  assert.deepEqual(applyMergePatch({ l: "x" }, { l: { a: null } }), { l: {} });
  assert.deepEqual(applyMergePatch({ l: {} }, { l: [{ a: null }] }), { l: [{ a: null }] });
});

test("applyMergePatch: keys that every object inherits are keys like any other", () => {
  const patch = JSON.parse('{"constructor":{"a":1},"__proto__":{"b":1}}');
  const merged = applyMergePatch({}, patch);
  assert.deepEqual(Object.keys(merged), ["constructor", "__proto__"]);
  assert.equal(Object.getPrototypeOf(merged), Object.prototype);
});

test("applyMergePatch: refuses what is no object", () => {
  const refusals: [patch: unknown, message: string][] = [
    ["x", "error decoding patch: json: cannot unmarshal string into Go value of type map[string]interface {}"],
    [[], "error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}"],
    [true, "error decoding patch: json: cannot unmarshal bool into Go value of type map[string]interface {}"],
    [null, "Invalid JSON Patch"],
  ];
  for (const [patch, message] of refusals) {
    assert.throws(
      () => applyMergePatch({}, patch),
      (error) => isStatusError(error) && error.code === 400 && error.message === message,
    );
  }
});
