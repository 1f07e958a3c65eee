import assert from "node:assert/strict";
import { test } from "node:test";
import { describeFieldError } from "#kubernetes/api";
import type { RuledSchema } from "./rule.ts";
import { schemaRules } from "./schema-rules.ts";

function check(schema: RuledSchema, isUnchanged = false): string[] {
  const run = schemaRules.beginSchema(schema, { isUnchanged });
  const errors = run.check({ schema, path: "root", steps: [], uncorrelatablePath: undefined });
  return [...errors, ...run.finish("root")].map(describeFieldError);
}

function withRule(rule: object, properties: Readonly<Record<string, RuledSchema>> = {}): RuledSchema {
  return { type: "object", properties, "x-kubernetes-validations": [rule] } as RuledSchema;
}

const at = "root.x-kubernetes-validations[0]";
const shown = (rule: string): string =>
  `{"Rule":"${rule}","Message":"","MessageExpression":"","Reason":null,"FieldPath":"","OptionalOldSelf":null}`;

test("check: rules that do not compile", () => {
  assert.deepEqual(check(withRule({ rule: "self.x ==" })), [
    `${at}.rule: Invalid value: ${shown("self.x ==")}: compilation failed: ERROR: <input>:1:10: Syntax error: mismatched ` +
      "input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, " +
      "STRING, BYTES, IDENTIFIER}\n | self.x ==\n | .........^",
  ]);
  assert.deepEqual(check(withRule({ rule: "1" })), [
    `${at}.rule: Invalid value: ${shown("1")}: cel expression must evaluate to a bool`,
  ]);
});

test("check: every resource has a name", () => {
  assert.deepEqual(check(withRule({ rule: "self.metadata.name.startsWith('a')" })), []);
});

test("check: a rule over unbounded lists costs too much", () => {
  const list: RuledSchema = { type: "array", items: { type: "string" } };
  const rule = { rule: "self.list.all(a, self.list.all(b, a != b || a == b))" };
  const hint =
    "(try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)";
  assert.deepEqual(check(withRule(rule, { list })), [
    `${at}.rule: Forbidden: estimated rule cost exceeds budget by factor of more than 100x ${hint}`,
    `${at}.rule: Forbidden: contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema`,
    `root: Forbidden: x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema exceeds budget by ` +
      `factor of more than 100x ${hint}`,
  ]);
  const bounded: RuledSchema = { ...list, items: { type: "string", maxLength: 10 }, maxItems: 20 };
  assert.deepEqual(check(withRule(rule, { list: bounded })), []);
});

test("check: oldSelf", () => {
  assert.deepEqual(check(withRule({ rule: "true", optionalOldSelf: true })), [
    `${at}.optionalOldSelf: Invalid value: true: may not be set if oldSelf is not used in rule`,
  ]);
  const schema = withRule({ rule: "self == oldSelf" });
  const run = schemaRules.beginSchema(schema, { isUnchanged: false });
  const errors = run.check({ schema, path: "root", steps: [], uncorrelatablePath: "root.items" });
  assert.deepEqual(errors.map(describeFieldError), [
    `${at}.rule: Invalid value: "self == oldSelf": oldSelf cannot be used on the uncorrelatable portion of the schema within ` +
      "root.items",
  ]);
});

test("checkDefault: what rules mind of a default", () => {
  const schema = { type: "string", "x-kubernetes-validations": [{ rule: "self != 'a'" }] } as RuledSchema;
  assert.deepEqual(schemaRules.checkDefault("b", schema, "x.default", false), []);
  assert.deepEqual(schemaRules.checkDefault("a", schema, "x.default", false).map(describeFieldError), [
    `x.default: Invalid value: "a": failed rule: self != 'a'`,
  ]);
});
