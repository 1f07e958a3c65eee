import assert from "node:assert/strict";
import { test } from "node:test";
import { describeFieldError, invalid, required } from "#kubernetes/api";
import { type ValidationOptions, validateCustomStatus, validateNewCustom } from "./validate-custom.ts";

const object = { apiVersion: "ex.example/v1", kind: "Widget", metadata: { name: "a" } };
const rules = { validate: () => [invalid("spec", "x", "by a rule")] };
const options: ValidationOptions = {
  ofMetadata: [],
  schema: { type: "object" },
  scale: undefined,
  rules,
  warn: () => undefined,
};
const notChecked =
  "<nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the " +
  "existing errors to complete validation";

test("validateNewCustom: rules are not looked at where metadata lacks something", () => {
  const found = (ofMetadata: ValidationOptions["ofMetadata"]) =>
    validateNewCustom(object, { ...options, ofMetadata }).map(describeFieldError);
  assert.deepEqual(found([required("metadata.name", "")]), [notChecked]);
  assert.deepEqual(found([invalid("metadata.name", "A", "…")]), ['spec: Invalid value: "x": by a rule']);
});

test("validateCustomStatus: what lies on the way to replicas", () => {
  const scale = { specReplicasPath: ".spec.a.replicas", statusReplicasPath: ".status.a.replicas" };
  const found = (status: unknown) =>
    validateCustomStatus({ ...object, status } as never, object, { ...options, scale, rules: undefined }).map(
      describeFieldError,
    );
  assert.deepEqual(found({ a: "x" }), [
    ".status.a.replicas: Invalid value: 0: .status.a.replicas accessor error: x is of the type string, expected map[string]interface{}",
  ]);
  assert.deepEqual(found("x"), [
    ".status.a.replicas: Invalid value: 0: .status.a accessor error: x is of the type string, expected map[string]interface{}",
  ]);
  assert.deepEqual(found({ a: { replicas: { b: [1] } } }), [
    ".status.a.replicas: Invalid value: 0: .status.a.replicas accessor error: map[b:[1]] is of the type map[string]interface {}, " +
      "expected int64",
  ]);
  assert.deepEqual(found({ a: null }), []);
});
