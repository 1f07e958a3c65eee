import assert from "node:assert/strict";
import { test } from "node:test";
import { describeFieldError } from "../field-error.ts";
import { validateDefaults } from "./check-defaults.ts";
import { findUnsupported, validateStructural } from "./check-structural.ts";
import { settleEmbedded, validateEmbedded } from "./embedded-resources.ts";
import type { JsonSchema } from "./json-schema.ts";
import { validateListTypes } from "./list-types.ts";
import { ownershipSchemaOf } from "./ownership-schema.ts";
import { pruneUnknown } from "./prune.ts";
import { publishSchema } from "./publish.ts";
import { dropNulls, setSchemaDefaults } from "./set-defaults.ts";
import { settleDefaults } from "./settle-defaults.ts";

const text: JsonSchema = { type: "string" };
const object = (properties: Record<string, JsonSchema>, rest: JsonSchema = {}): JsonSchema => ({
  type: "object",
  properties,
  ...rest,
});

function pruned(value: unknown, schema: JsonSchema | undefined, isRoot = false) {
  const copy = structuredClone(value);
  return [copy, pruneUnknown(copy, schema, isRoot)];
}

test("pruneUnknown: drops what the schema does not declare, and tells where it was", () => {
  const schema = object({ spec: object({ a: text, list: { type: "array", items: object({ b: text }) } }) });
  const value = { kind: "X", spec: { a: "1", z: 1, list: [{ b: "2", y: {} }] }, other: 1 };
  assert.deepEqual(pruned(value, schema, true), [
    { kind: "X", spec: { a: "1", list: [{ b: "2" }] } },
    ["other", "spec.list[0].y", "spec.z"],
  ]);
});

test("pruneUnknown: keeps what is to be kept, and prunes declared fields further down", () => {
  const keep = { "x-kubernetes-preserve-unknown-fields": true } as const;
  const schema = object({ free: { type: "object", ...keep }, half: object({ a: object({ b: text }) }, keep) });
  const value = { free: { x: { y: 1 } }, half: { a: { b: "1", c: 1 }, d: 1 } };
  assert.deepEqual(pruned(value, schema), [{ free: { x: { y: 1 } }, half: { a: { b: "1" }, d: 1 } }, ["half.a.c"]]);
});

test("pruneUnknown: maps keep their keys, embedded resources their type and metadata", () => {
  const embedded = object({ spec: object({}) }, { "x-kubernetes-embedded-resource": true });
  const schema = object({ labels: { type: "object", additionalProperties: text }, template: embedded });
  const value = { labels: { a: "1" }, template: { apiVersion: "v1", kind: "Pod", metadata: { name: "a" }, x: 1 } };
  assert.deepEqual(pruned(value, schema), [
    { labels: { a: "1" }, template: { apiVersion: "v1", kind: "Pod", metadata: { name: "a" } } },
    ["template.x"],
  ]);
});

test("setSchemaDefaults: sets what is absent or null against the schema, also within defaults", () => {
  const schema = object({
    color: { ...text, default: "red" },
    nested: { ...object({ size: { type: "integer", default: 3 } }), default: {} },
    nullable: { ...text, nullable: true, default: "x" },
    list: { type: "array", items: object({ a: { ...text, default: "1" } }) },
    map: { type: "object", additionalProperties: { ...text, default: "d" } },
  });
  const value = { color: null, nullable: null, list: [{}], map: { a: null } };
  setSchemaDefaults(value, schema);
  const expected = { color: "red", nested: { size: 3 }, nullable: null, list: [{ a: "1" }], map: { a: "d" } };
  assert.deepEqual(value, expected);
});

test("dropNulls: nulls go where they can neither be nor be defaulted", () => {
  const schema = object({ a: text, b: { ...text, nullable: true }, c: { ...text, default: "1" } });
  const value = { a: null, b: null, c: null };
  dropNulls(value, schema);
  assert.deepEqual(value, { b: null, c: null });
});

function structuralErrors(schema: JsonSchema): string[] {
  return validateStructural(schema, "s").map(describeFieldError);
}

test("validateStructural: every field has a type, and value validation declares nothing", () => {
  const rows: [JsonSchema, string[]][] = [
    [object({ a: {} }), ["s.properties[a].type: Required value: must not be empty for specified object fields"]],
    [{}, ["s.type: Required value: must not be empty at the root"]],
    [
      { type: "array" },
      ["s.items: Required value: must be specified", 's.type: Invalid value: "array": must be object at the root'],
    ],
    [
      object({ a: text }, { anyOf: [{ properties: { b: { minLength: 1 } } }] }),
      ["s.properties[b]: Required value: because it is defined in s.anyOf[0].properties[b]"],
    ],
    [
      object({ a: text }, { not: { properties: { a: { type: "string" } } } }),
      ["s.not.properties[a].type: Forbidden: must be empty to be structural"],
    ],
    [
      object({ metadata: object({ labels: { type: "object" } }) }),
      [
        "s.properties[metadata]: Forbidden: must not specify anything other than name and generateName, but metadata is implicitly specified",
      ],
    ],
    [object({ metadata: object({ name: text }) }), []],
    [object({ p: { "x-kubernetes-int-or-string": true, anyOf: [{ type: "integer" }, { type: "string" }] } }), []],
  ];
  for (const [schema, expected] of rows) assert.deepEqual(structuralErrors(schema), expected, JSON.stringify(schema));
});

test("findUnsupported: keywords that no structural schema has", () => {
  assert.equal(findUnsupported(object({ a: { $ref: "#/x" } })), "OpenAPIV3Schema '$ref' is not supported");
  assert.equal(findUnsupported({ items: [text] }), "OpenAPIV3Schema 'items' must be a schema, but is an array");
  assert.equal(findUnsupported(object({ a: text })), undefined);
});

test("validateDefaults: a default is what its schema allows", () => {
  const schema = object({
    bad: { ...text, default: 1 },
    unknown: { ...object({ a: text }), default: { a: "1", b: 1 } },
    good: { ...text, default: "x" },
  });
  assert.deepEqual(validateDefaults(schema, "s", { requirePruned: true }).map(describeFieldError), [
    's.properties[bad].default: Invalid value: "integer": s.properties[bad].default in body must be of type string: "integer"'.replace(
      "s.properties[bad].default in body",
      " in body",
    ),
    's.properties[unknown].default: Invalid value: {"a":"1","b":1}: must not have unknown fields',
  ]);
});

test("settleDefaults: prunes defaults, and leaves schemas alone that need none of it", () => {
  const good = object({ a: { ...text, default: "x" } });
  assert.equal(settleDefaults(good), good);
  const bad = object({ a: { ...object({ b: text }), default: { c: 1 } } });
  assert.deepEqual(settleDefaults(bad).properties?.["a"]?.default, {});
});

test("embedded resources: their metadata is read and checked like any object's", () => {
  const schema = object({ template: { type: "object", "x-kubernetes-embedded-resource": true } });
  const value = { template: { kind: "Pod", apiVersion: "a/b/c", metadata: { name: "A_", x: 1, labels: {} } } };
  assert.deepEqual(settleEmbedded(value, schema, { malformed: "refuse" }), ["template.metadata.x"]);
  assert.deepEqual(value.template.metadata, { name: "A_" });
  assert.deepEqual(validateEmbedded(value, schema).map(describeFieldError), [
    'template.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c',
  ]);
  const broken = { template: { apiVersion: "v1", metadata: { name: 1, labels: { a: "b" } } } };
  assert.throws(() => settleEmbedded(broken, schema, { malformed: "refuse" }), /template.metadata: Invalid value/);
  settleEmbedded(broken, schema, { malformed: "drop" });
  assert.deepEqual(broken.template.metadata, { labels: { a: "b" } });
});

test("validateListTypes: sets and map lists hold nothing twice", () => {
  const set: JsonSchema = { type: "array", "x-kubernetes-list-type": "set", items: text };
  const map: JsonSchema = {
    type: "array",
    "x-kubernetes-list-type": "map",
    "x-kubernetes-list-map-keys": ["a", "b"],
    items: object({ a: text, b: text }),
  };
  const value = { set: ["x", "x", "x"], map: [{ a: "1", b: "2" }, { b: "2", a: "1" }, { a: "1" }] };
  assert.deepEqual(validateListTypes(value, object({ set, map })).map(describeFieldError), [
    'set[1]: Duplicate value: "x"',
    'map[1]: Duplicate value: {"a":"1","b":"2"}',
  ]);
});

test("ownershipSchemaOf: shapes as server-side apply sees them", () => {
  const schema = ownershipSchemaOf(
    object({
      spec: object({
        list: {
          type: "array",
          "x-kubernetes-list-type": "map",
          "x-kubernetes-list-map-keys": ["a"],
          items: object({ a: text }),
        },
        atomic: object({ a: text }, { "x-kubernetes-map-type": "atomic" }),
        map: { type: "object", additionalProperties: text },
        port: { "x-kubernetes-int-or-string": true },
        any: { "x-kubernetes-preserve-unknown-fields": true },
      }),
    }),
  );
  const spec = schema.fields.get("spec")?.schema;
  assert.ok(spec?.kind === "object");
  const shapes = [...spec.fields.values()].map(({ schema: of }) =>
    "structure" in of ? `${of.kind} ${of.structure}` : of.kind,
  );
  assert.deepEqual(shapes, ["list map", "object atomic", "map granular", "scalar", "any"]);
  assert.equal(schema.fields.get("metadata")?.schema.kind, "object");
});

test("publishSchema: version 2 loses what old kubectls stumble over", () => {
  const schema = object(
    { free: { type: "object", "x-kubernetes-preserve-unknown-fields": true }, n: { ...text, nullable: true } },
    { required: ["free", "n"], anyOf: [{ required: ["n"] }] },
  );
  const options = { preserveUnknown: false, metadata: () => ({}) };
  assert.deepEqual(publishSchema(schema, "v2", options), {
    type: "object",
    properties: { free: { "x-kubernetes-preserve-unknown-fields": true }, n: {} },
    required: ["free"],
  });
  assert.deepEqual(publishSchema(schema, "v3", options), schema);
});
