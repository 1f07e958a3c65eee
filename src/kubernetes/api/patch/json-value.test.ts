import assert from "node:assert/strict";
import test from "node:test";
import { equalJson, isObject, setKey, valueAt } from "./json-value.ts";

test("valueAt: finds only what the object itself has", () => {
  const object = JSON.parse('{"a":1,"constructor":"mine"}');
  assert.equal(valueAt(object, "a"), 1);
  assert.equal(valueAt(object, "constructor"), "mine");
  assert.equal(valueAt({}, "constructor"), undefined);
  assert.equal(valueAt({}, "__proto__"), undefined);
});

test("setKey: __proto__ becomes a key and leaves the prototype alone", () => {
  const object = {};
  setKey(object, "__proto__", { polluted: true });
  assert.deepEqual(Object.keys(object), ["__proto__"]);
  assert.equal(Object.getPrototypeOf(object), Object.prototype);
  assert.deepEqual(valueAt(object, "__proto__"), { polluted: true });
});

test("equalJson: compares by value, whatever the order of keys", () => {
  assert.ok(equalJson({ a: [1, { b: null }], c: "x" }, { c: "x", a: [1, { b: null }] }));
  assert.ok(equalJson({ a: 1, gone: undefined }, { a: 1 }));
  for (const [a, b] of [
    [{ a: 1 }, { a: 1, b: 1 }],
    [{ a: 1 }, { b: 1 }],
    [[1], { 0: 1 }],
    [[], {}],
    [null, {}],
    [1, "1"],
    [
      [1, 2],
      [2, 1],
    ],
  ]) {
    assert.ok(!equalJson(a, b));
    assert.ok(!equalJson(b, a));
  }
});

test("isObject: neither null nor lists are objects", () => {
  assert.deepEqual([{}, [], null, "x", undefined].map(isObject), [true, false, false, false, false]);
});
