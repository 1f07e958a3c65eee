import assert from "node:assert/strict";
import { test } from "node:test";
import { describeFieldError } from "#kubernetes/api";
import { objectRulesOf } from "./object-rules.ts";
import type { RuledSchema, ValidationRule } from "./rule.ts";

function specSchema(
  properties: Readonly<Record<string, RuledSchema>>,
  ...rules: readonly ValidationRule[]
): RuledSchema {
  return {
    type: "object",
    properties: { spec: { type: "object", properties, "x-kubernetes-validations": rules } as RuledSchema },
  };
}

interface Objects {
  readonly spec: object;
  readonly old?: object;
}

function check(schema: RuledSchema, { spec, old }: Objects): { errors: string[]; warnings: string[] } {
  const warnings: string[] = [];
  const rules = objectRulesOf(schema);
  const errors = rules?.validate({ spec }, old && { spec: old }, (warning) => warnings.push(warning)) ?? [];
  return { errors: errors.map(describeFieldError), warnings };
}

const replicas: RuledSchema = { type: "integer" };

test("objectRulesOf: a schema without rules has none", () => {
  assert.equal(objectRulesOf({ type: "object", properties: { a: { type: "string" } } }), undefined);
});

test("validate: what a rule minds, at the object it holds for", () => {
  const schema = specSchema({ min: replicas, max: replicas }, { rule: "self.min <= self.max" });
  assert.deepEqual(check(schema, { spec: { min: 1, max: 2 } }).errors, []);
  assert.deepEqual(check(schema, { spec: { min: 3, max: 2 } }).errors, [
    "spec: Invalid value: failed rule: self.min <= self.max",
  ]);
});

test("validate: a scalar's value is shown", () => {
  const schema = specSchema({
    size: { type: "integer", "x-kubernetes-validations": [{ rule: "self > 0" }] } as RuledSchema,
  });
  assert.deepEqual(check(schema, { spec: { size: 0 } }).errors, ["spec.size: Invalid value: 0: failed rule: self > 0"]);
});

test("validate: messages, reasons and field paths", () => {
  const rule = { rule: "self.n < 5", fieldPath: ".n", reason: "FieldValueForbidden" };
  const told = (more: object) => check(specSchema({ n: replicas }, { ...rule, ...more }), { spec: { n: 7 } }).errors;
  assert.deepEqual(told({ message: " too many " }), ["spec.n: Forbidden: too many"]);
  assert.deepEqual(told({ messageExpression: "'n is %d'.format([self.n])" }), ["spec.n: Forbidden: n is 7"]);
  // A message that cannot be had gives way to the plain one.
  assert.deepEqual(told({ message: "plain", messageExpression: "'a'.substring(self.n)" }), [
    "spec.n: Forbidden: plain",
  ]);
  assert.deepEqual(told({ reason: "FieldValueRequired" }), ["spec.n: Required value: failed rule: self.n < 5"]);
  assert.deepEqual(told({ reason: "FieldValueDuplicate" }), ["spec.n: Duplicate value"]);
});

test("validate: transition rules run where there is an old value", () => {
  const schema = specSchema({ n: replicas }, { rule: "self.n >= oldSelf.n", message: "may only grow" });
  assert.deepEqual(check(schema, { spec: { n: 1 } }).errors, []);
  assert.deepEqual(check(schema, { spec: { n: 1 }, old: { n: 2 } }).errors, ["spec: Invalid value: may only grow"]);
});

test("validate: an optional oldSelf runs always", () => {
  const rule = { rule: "oldSelf.hasValue() || self.n == 0", optionalOldSelf: true, message: "starts at 0" };
  const schema = specSchema({ n: replicas }, rule);
  assert.deepEqual(check(schema, { spec: { n: 1 } }).errors, ["spec: Invalid value: starts at 0"]);
  assert.deepEqual(check(schema, { spec: { n: 1 }, old: { n: 0 } }).errors, []);
});

test("validate: items of a list that is a map are compared with their old selves", () => {
  const item: RuledSchema = {
    type: "object",
    properties: { name: { type: "string" }, n: replicas },
    "x-kubernetes-validations": [{ rule: "self.n == oldSelf.n", message: "is fixed" }],
  } as RuledSchema;
  const list = { type: "array", items: item, "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"] };
  const schema = specSchema({ list });
  const old = {
    list: [
      { name: "a", n: 1 },
      { name: "b", n: 2 },
    ],
  };
  const spec = {
    list: [
      { name: "b", n: 3 },
      { name: "c", n: 4 },
      { name: "a", n: 1 },
    ],
  };
  assert.deepEqual(check(schema, { spec, old }).errors, ["spec.list[0]: Invalid value: is fixed"]);
});

test("validate: what was wrong and has not changed is a warning", () => {
  const schema = specSchema({
    name: { type: "string", "x-kubernetes-validations": [{ rule: "self != 'bad'" }] } as RuledSchema,
    n: replicas,
  });
  const found = check(schema, { spec: { name: "bad", n: 2 }, old: { name: "bad", n: 1 } });
  assert.deepEqual(found.errors, []);
  assert.deepEqual(found.warnings, [`spec.name: Invalid value: "bad": failed rule: self != 'bad'`]);
  assert.equal(check(schema, { spec: { name: "bad" }, old: { name: "good" } }).errors.length, 1);
});

test("validate: errors of evaluation", () => {
  const schema = specSchema(
    { map: { type: "object", additionalProperties: { type: "string" } } },
    { rule: "self.map['a'] == 'b'" },
  );
  assert.deepEqual(check(schema, { spec: { map: {} } }).errors, [
    `spec: Invalid value: "object": no such key: a evaluating rule: self.map['a'] == 'b'`,
  ]);
  const either = specSchema({ port: { "x-kubernetes-int-or-string": true } }, { rule: "self.port + 1 == 2" });
  assert.deepEqual(check(either, { spec: { port: "http" } }).errors, [
    `spec: Invalid value: "object": 'no such overload': call arguments did not match a supported operator, function or ` +
      "macro signature for rule: self.port + 1 == 2",
  ]);
});

test("validate: rules that cost too much stop everything", () => {
  const numbers: RuledSchema = { type: "array", items: { type: "integer" } };
  const loop = "self.list.all(a, self.list.all(b, self.list.all(c, a + b + c >= 0)))";
  const schema = specSchema({ list: numbers }, { rule: loop }, { rule: "false" });
  const spec = { list: Array.from({ length: 100 }, (_item, index) => index) };
  assert.deepEqual(check(schema, { spec }).errors, [
    `spec: Invalid value: "object": 'operation cancelled: actual cost limit exceeded': no further validation rules will be ` +
      `run due to call cost exceeds limit for rule: ${loop}`,
  ]);
});
