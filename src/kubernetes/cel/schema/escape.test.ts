import assert from "node:assert/strict";
import { test } from "node:test";
import { escapeName, unescapeName } from "./escape.ts";

test("escapeName", () => {
  const cases: Readonly<Record<string, string | undefined>> = {
    name: "name",
    "a-b": "a__dash__b",
    "a.b/c": "a__dot__b__slash__c",
    a__b: "a__underscores__b",
    _a: "_a",
    in: "__in__",
    namespace: "__namespace__",
    int: "int",
    "1a": undefined,
    "a b": undefined,
    "": undefined,
  };
  for (const [name, escaped] of Object.entries(cases)) {
    assert.equal(escapeName(name), escaped, name);
    if (escaped !== undefined) assert.equal(unescapeName(escaped), name);
  }
});

test("unescapeName: what is no escape stands for no field", () => {
  assert.equal(unescapeName("a__unknown__b"), undefined);
  assert.equal(unescapeName("__in__b"), undefined);
});
