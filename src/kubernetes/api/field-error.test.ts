import assert from "node:assert/strict";
import { test } from "node:test";
import * as fieldError from "./field-error.ts";

const { describeFieldError: describe } = fieldError;

test("child, item, entry: write paths as upstream does", () => {
  assert.equal(fieldError.child("", "spec", "containers"), "spec.containers");
  assert.equal(fieldError.item("spec.containers", 2), "spec.containers[2]");
  assert.equal(fieldError.entry("metadata.labels", "a.b/c"), "metadata.labels[a.b/c]");
});

test("invalid: shows strings as %q and other values as Go's JSON", () => {
  assert.equal(
    describe(fieldError.invalid("a", '<\u0007\u00a0é\u0001"', "no")),
    'a: Invalid value: "<\\a\\u00a0é\\x01\\"": no',
  );
  assert.equal(describe(fieldError.invalid("a", -1, "no")), "a: Invalid value: -1: no");
  assert.equal(describe(fieldError.invalid("a", 9007199254740993n, "no")), "a: Invalid value: 9007199254740993: no");
  assert.equal(describe(fieldError.invalid("a", { b: "<&>" }, "")), 'a: Invalid value: {"b":"\\u003c\\u0026\\u003e"}');
  assert.equal(describe(fieldError.invalid("a", undefined, "no")), "a: Invalid value: null: no");
  assert.equal(describe(fieldError.invalid("a", fieldError.omittedValue, "no")), "a: Invalid value: no");
});

test("the other constructors: use upstream's words", () => {
  const errors = [
    fieldError.required("a"),
    fieldError.required("a", "why"),
    fieldError.notSupported("a", "b", ["c", "d"]),
    fieldError.forbiddenField("a", "why"),
    fieldError.duplicate("a", "b"),
    fieldError.notFoundField("a", "b"),
    fieldError.tooLong("a", 1),
    fieldError.tooLong("a", 3, "character"),
    fieldError.tooLong("a", -1),
    fieldError.tooMany("a", 3, 1),
    fieldError.tooMany("a", -1, 2),
    fieldError.tooFew("a", 0, 1),
    fieldError.tooShort("a", 2),
    fieldError.internalFieldError("a", "why"),
    fieldError.typeInvalid("a", [1], "why"),
  ];
  assert.deepEqual(errors.map(describe), [
    "a: Required value",
    "a: Required value: why",
    'a: Unsupported value: "b": supported values: "c", "d"',
    "a: Forbidden: why",
    'a: Duplicate value: "b"',
    'a: Not found: "b"',
    "a: Too long: may not be more than 1 byte",
    "a: Too long: may not be more than 3 characters",
    "a: Too long: value is too long",
    "a: Too many: 3: must have at most 1 item",
    "a: Too many: must have at most 2 items",
    "a: Too few: 0: must have at least 1 item",
    "a: Too short: must be at least 2 characters",
    "a: Internal error: why",
    "a: Invalid value: [1]: why",
  ]);
});
