import assert from "node:assert/strict";
import { test } from "node:test";
import { describeFieldError } from "../../field-error.ts";
import type { JsonSchema } from "../json-schema.ts";
import { stringFormats } from "./formats.ts";
import { validateChangedValue, validateValue } from "./validate-value.ts";

/** The errors of a value at "x". */
function errorsOf(value: unknown, schema: JsonSchema): string[] {
  return validateValue({ x: value }, { type: "object", properties: { x: schema } }).map(describeFieldError);
}

test("validateValue: the keywords, in upstream's words", () => {
  const rows: [unknown, JsonSchema, string[]][] = [
    [11, { type: "integer", maximum: 10 }, ["x: Invalid value: 11: x in body should be less than or equal to 10"]],
    [
      10,
      { type: "integer", maximum: 10, exclusiveMaximum: true },
      ["x: Invalid value: 10: x in body should be less than 10"],
    ],
    [0, { type: "integer", minimum: 1 }, ["x: Invalid value: 0: x in body should be greater than or equal to 1"]],
    [
      1.5,
      { type: "number", minimum: 1.75 },
      ["x: Invalid value: 1.5: x in body should be greater than or equal to 1.75"],
    ],
    [5, { type: "integer", multipleOf: 2 }, ["x: Invalid value: 5: x in body should be a multiple of 2"]],
    ["abc", { type: "string", maxLength: 2 }, ["x: Too long: may not be more than 2 bytes"]],
    ["a", { type: "string", minLength: 2 }, ['x: Invalid value: "a": x in body should be at least 2 chars long']],
    ["b", { type: "string", pattern: "^a$" }, [`x: Invalid value: "b": x in body should match '^a$'`]],
    ["c", { type: "string", enum: ["a", "b"] }, ['x: Unsupported value: "c": supported values: "a", "b"']],
    [[1, 2], { type: "array", maxItems: 1 }, ["x: Too many: 2: must have at most 1 item"]],
    [[], { type: "array", minItems: 1 }, ["x: Invalid value: 0: x in body should have at least 1 items"]],
    [{ a: 1 }, { type: "object", maxProperties: 0 }, ["x: Too many: 1: must have at most 0 items"]],
    [{}, { type: "object", minProperties: 1 }, ["x: Invalid value: 0: x in body should have at least 1 properties"]],
    [{}, { type: "object", required: ["a"] }, ["x.a: Required value"]],
    ["x", { type: "integer" }, ['x: Invalid value: "string": x in body must be of type integer: "string"']],
    [null, { type: "integer" }, ['x: Invalid value: "null": x in body must be of type integer: "null"']],
    [null, { type: "integer", nullable: true }, []],
    [1, { type: "number" }, []],
    [
      1.5,
      { type: "integer" },
      [
        'x: Invalid value: "number": x in body must be of type integer: "number"',
        '<nil>: Invalid value: "": Checked value must be of type integer (default format) in x',
      ],
    ],
    [
      3e9,
      { type: "integer", format: "int32" },
      ['<nil>: Invalid value: "": Checked value must be of type integer with format int32 in x'],
    ],
    ["nope", { type: "string", format: "ipv4" }, ['x: Invalid value: "nope": x in body must be of type ipv4: "nope"']],
    ["nope", { type: "string", format: "of-my-own" }, []],
    ["80", { "x-kubernetes-int-or-string": true }, []],
    [
      true,
      { "x-kubernetes-int-or-string": true },
      ['x: Invalid value: "boolean": x in body must be of type integer,string: "boolean"'],
    ],
    [
      [{ a: 1 }],
      { type: "array", items: { type: "object", properties: { a: { type: "string" } } } },
      ['x[0].a: Invalid value: "integer": x[0].a in body must be of type string: "integer"'],
    ],
    [
      { k: 1 },
      { type: "object", additionalProperties: { type: "string" } },
      ['x.k: Invalid value: "integer": x.k in body must be of type string: "integer"'],
    ],
    [
      { k: 1 },
      { type: "object", additionalProperties: false },
      ['x: Invalid value: "k": x.k in body is a forbidden property'],
    ],
  ];
  for (const [value, schema, expected] of rows) {
    assert.deepEqual(errorsOf(value, schema), expected, `${JSON.stringify(value)} ${JSON.stringify(schema)}`);
  }
});

test("validateValue: of schemas joined, the closest is told", () => {
  const least = (minimum: number): JsonSchema => ({ minimum });
  assert.deepEqual(errorsOf(1, { type: "integer", anyOf: [least(2), least(3)] }), [
    '<nil>: Invalid value: "": "x" must validate at least one schema (anyOf)',
    "x: Invalid value: 1: x in body should be greater than or equal to 2",
  ]);
  assert.deepEqual(errorsOf(4, { type: "integer", oneOf: [least(2), least(3)] }), [
    '<nil>: Invalid value: "": "x" must validate one and only one schema (oneOf). Found 2 valid alternatives',
  ]);
  assert.deepEqual(errorsOf(1, { type: "integer", allOf: [least(0), least(3)] }), [
    "x: Invalid value: 1: x in body should be greater than or equal to 3",
    '<nil>: Invalid value: "": "x" must validate all the schemas (allOf)',
  ]);
  assert.deepEqual(errorsOf(1, { type: "integer", not: least(0) }), [
    '<nil>: Invalid value: "": "x" must not validate the schema (not)',
  ]);
});

test("validateChangedValue: what was wrong before and has not changed passes", () => {
  const item: JsonSchema = {
    type: "object",
    properties: { id: { type: "string" }, n: { type: "integer", maximum: 1 } },
  };
  const schema: JsonSchema = {
    type: "object",
    properties: {
      a: { type: "integer", maximum: 1 },
      b: { type: "string" },
      map: { type: "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["id"], items: item },
      list: { type: "array", items: item },
    },
  };
  const old = { a: 5, b: "x", map: [{ id: "p", n: 5 }], list: [{ id: "p", n: 5 }] };
  const errors = (value: unknown) => validateChangedValue(value, old, schema).map(describeFieldError);
  assert.deepEqual(errors({ ...old, b: "y" }), []);
  assert.deepEqual(errors({ ...old, a: 6 }), ["a: Invalid value: 6: a in body should be less than or equal to 1"]);
  assert.deepEqual(errors({ ...old, map: [{ id: "q" }, { id: "p", n: 5 }] }), []);
  assert.deepEqual(errors({ ...old, list: [{ id: "q" }, { id: "p", n: 5 }] }), [
    "list[1].n: Invalid value: 5: list[1].n in body should be less than or equal to 1",
  ]);
});

test("validateChangedValue: what cannot be told to be the same, or lies within joined schemas, is minded again", () => {
  const list: JsonSchema = {
    type: "array",
    "x-kubernetes-list-type": "map",
    "x-kubernetes-list-map-keys": ["id"],
    items: { type: "object", properties: { id: { type: "string" } } },
  };
  const errors = (schema: JsonSchema, value: unknown) => validateChangedValue(value, value, schema).length;
  assert.equal(errors(list, ["x"]), 1);
  assert.equal(errors({ type: "object", minProperties: 2 }, { unknown: 1 }), 1);
  const wrong: JsonSchema = { properties: { a: { maximum: 1 } } };
  const properties = { a: { type: "integer" } };
  const joined: JsonSchema = { type: "object", properties, anyOf: [wrong] };
  assert.equal(errors(joined, { a: 5 }), 0);
  assert.equal(validateChangedValue({ a: 5, b: 1 }, { a: 5 }, joined).length, 2);
});

test("stringFormats: what each takes and refuses", () => {
  const rows: [string, string[], string[]][] = [
    ["bsonobjectid", ["507f1f77bcf86cd799439011"], ["x"]],
    ["uri", ["https://example.com/a?b", "/path", "mailto:a"], ["a b", "", "example"]],
    ["email", ["a@b.example", "Some One <a@b.example>"], ["a", "a@", "<a@b> c"]],
    ["hostname", ["a.example.com", "localhost"], ["-a", "a..b", "a.1"]],
    ["ipv4", ["10.0.0.1"], ["::1", "10.0.0"]],
    ["ipv6", ["::1"], ["10.0.0.1"]],
    ["cidr", ["10.0.0.0/8", "::/0"], ["10.0.0.0"]],
    ["mac", ["01:23:45:67:89:ab", "0123.4567.89ab"], ["01:23"]],
    ["uuid", ["A987FBC9-4BED-3078-CF07-9141BA07C9F3"], ["x"]],
    ["uuid4", ["57b73598-8764-4ad0-a76a-679bb6640eb1"], ["A987FBC9-4BED-3078-CF07-9141BA07C9F3"]],
    ["isbn", ["0321751043", "978-0321751041"], ["0321751044"]],
    ["creditcard", ["4111-1111-1111-1111"], ["4111-1111-1111-1112"]],
    ["ssn", ["111-11-1111"], ["1111"]],
    ["hexcolor", ["#FFFFFF", "fff"], ["#ff"]],
    ["rgbcolor", ["rgb(255, 255, 255)"], ["rgb(256,0,0)"]],
    ["byte", ["aGVsbG8="], ["a", ""]],
    ["date", ["2026-02-28"], ["2026-02-30"]],
    ["duration", ["22ns", "3 days"], ["x"]],
    ["datetime", ["2014-12-15T19:30:20.000Z"], ["2014-12-15"]],
    ["k8sshortname", ["a-b"], ["A", "a."]],
    ["k8slongname", ["a.b"], ["a..b"]],
  ];
  for (const [format, good, bad] of rows) {
    for (const value of good) assert.ok(stringFormats.get(format)?.(value), `${format} ${value}`);
    for (const value of bad) assert.ok(!stringFormats.get(format)?.(value), `${format} ${value}`);
  }
});
