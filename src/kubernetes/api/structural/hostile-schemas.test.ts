// Schemas and objects of any form at all: definitions are refused or taken, objects too, and nothing breaks.

import assert from "node:assert/strict";
import { test } from "node:test";
import { DecodeError } from "../decode/context.ts";
import { decode } from "../decode/decode.ts";
import { defineCustomResourceDefinition } from "../kinds/apiextensions/custom-resource-definition.ts";
import { setDefaults } from "../kinds/defaults.ts";
import type { KubeObject } from "../resource.ts";
import { createRandom, type Random } from "../testing/random.ts";
import { schemaOfKind } from "../types-table.ts";
import { findUnsupported, validateStructural } from "./check-structural.ts";
import { settleEmbedded, validateEmbedded } from "./embedded-resources.ts";
import type { JsonSchema } from "./json-schema.ts";
import { validateListTypes } from "./list-types.ts";
import { pruneUnknown } from "./prune.ts";
import { publishSchema } from "./publish.ts";
import { dropNulls, setSchemaDefaults } from "./set-defaults.ts";
import { settleDefaults } from "./settle-defaults.ts";
import { validateValue } from "./values/validate-value.ts";

const names = ["a", "b", "kind", "metadata", "__proto__", "constructor"];

function randomValue(random: Random, depth: number): unknown {
  const leaves = [null, true, 0, -1.5, 2 ** 53, "", "x", "10.0.0.1", 9007199254740993n];
  if (depth === 0) return random.pick(leaves);
  switch (random.pick(["leaf", "list", "object", "object"])) {
    case "leaf":
      return random.pick(leaves);
    case "list":
      return [randomValue(random, depth - 1), randomValue(random, depth - 1)];
    default:
      return Object.fromEntries(
        [random.pick(names), random.pick(names)].map((name) => [name, randomValue(random, depth - 1)]),
      );
  }
}

function randomSchema(random: Random, depth: number): unknown {
  const schema: Record<string, unknown> = {};
  const below = () => (depth === 0 ? random.pick([{}, { type: "string" }]) : randomSchema(random, depth - 1));
  const parts: Record<string, () => unknown> = {
    type: () => random.pick(["object", "array", "string", "integer", "number", "boolean", "null", "what", ""]),
    properties: () => Object.fromEntries([random.pick(names), random.pick(names)].map((name) => [name, below()])),
    items: () => random.pick([below(), [below()]]),
    additionalProperties: () => random.pick([true, false, below()]),
    default: () => randomValue(random, 2),
    enum: () => [randomValue(random, 1), randomValue(random, 0)],
    anyOf: () => [below(), below()],
    oneOf: () => [below()],
    allOf: () => [below()],
    not: below,
    required: () => [random.pick(names)],
    pattern: () => random.pick(["^a$", "(", "(?=x)", "[[:alpha:]]+"]),
    format: () => random.pick(["ipv4", "date-time", "int32", "?"]),
    maximum: () => random.pick([0, 1e300, -5]),
    multipleOf: () => random.pick([0, 2, 0.5]),
    maxLength: () => random.pick([0, -1, 3]),
    nullable: () => true,
    uniqueItems: () => true,
    "x-kubernetes-preserve-unknown-fields": () => random.pick([true, false]),
    "x-kubernetes-embedded-resource": () => true,
    "x-kubernetes-int-or-string": () => true,
    "x-kubernetes-list-type": () => random.pick(["set", "map", "atomic", "?"]),
    "x-kubernetes-list-map-keys": () => [random.pick(names)],
    "x-kubernetes-map-type": () => random.pick(["atomic", "granular", "?"]),
    "x-kubernetes-validations": () => [
      { rule: random.pick(["", "self.a", "\n"]), fieldPath: random.pick([".a", ".['", "", "x"]) },
    ],
  };
  for (const [keyword, make] of Object.entries(parts))
    if (random.pick([true, false, false, false])) schema[keyword] = make();
  return schema;
}

function definitionOf(schema: unknown): KubeObject {
  const spec = {
    group: "ex.example",
    scope: "Namespaced",
    names: { plural: "xs", kind: "X" },
    versions: [
      { name: "v1", served: true, storage: true, schema: { openAPIV3Schema: schema }, subresources: { status: {} } },
    ],
  };
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: "xs.ex.example" },
    spec,
  } as never;
}

test("definitions with any schema are taken or refused", () => {
  const random = createRandom(7);
  const kind = defineCustomResourceDefinition();
  const shape = schemaOfKind("apiextensions.k8s.io", "v1", "CustomResourceDefinition")!;
  for (let count = 0; count < 60; count++) {
    const raw = definitionOf(randomSchema(random, 3));
    let object: KubeObject;
    try {
      object = decode(shape, structuredClone(raw)).value as KubeObject;
    } catch (error) {
      assert.ok(error instanceof DecodeError, String(error));
      continue;
    }
    setDefaults(object);
    kind.prepareForCreate?.(object as never, 0);
    assert.ok(Array.isArray(kind.validate?.(object as never)));
    assert.ok(Array.isArray(kind.validateUpdate?.(object as never, object as never)));
    assert.ok(Array.isArray(kind.warnings?.(object as never, undefined)));
  }
});

test("objects of any form pass through any schema", () => {
  const random = createRandom(8);
  for (let count = 0; count < 300; count++) {
    const schema = randomSchema(random, 3) as JsonSchema;
    if (findUnsupported(schema) !== undefined) continue;
    validateStructural(schema, "s");
    settleDefaults(schema);
    publishSchema(schema, "v2", { preserveUnknown: false, metadata: () => ({}) });
    const value = randomValue(random, 4);
    validateValue(value, schema);
    validateListTypes(value, schema);
    pruneUnknown(value, schema, true);
    dropNulls(value, schema);
    settleEmbedded(value, schema, { malformed: "drop" });
    setSchemaDefaults(value, schema);
    assert.ok(Array.isArray(validateEmbedded(value, schema)));
  }
});
