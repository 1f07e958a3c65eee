// Objects of every kind, made up at random, with fields missing, null or senseless: whatever decoding lets through, no function of
// a kind's definition may fail on it. Refusals are answers; anything else thrown is a bug.

import assert from "node:assert/strict";
import { test } from "node:test";
import { DecodeError } from "../decode/context.ts";
import { decode } from "../decode/decode.ts";
import { formatApiVersion, type UnknownObject } from "../resource.ts";
import { builtInResources } from "../resources.ts";
import type { ObjectSchema } from "../schema.ts";
import { StatusError } from "../status-error.ts";
import { generateValue } from "../testing/generate-value.ts";
import { createRandom, type Random } from "../testing/random.ts";
import { schemaOfKind } from "../types-table.ts";
import { kindDefinitionOf } from "./all.ts";
import { setDefaults } from "./defaults.ts";
import type { KindDefinition } from "./kind-definition.ts";
import { testTime } from "./testing/kind-rows.ts";

const rounds = 60;

const kinds = new Map(builtInResources.map((info) => [`${info.kind}.${info.version}.${info.group}`, info]));
for (const [name, { group, version, kind }] of kinds) {
  const definition = kindDefinitionOf(group, version, kind);
  const schema = schemaOfKind(group, version, kind);
  if (!definition || !schema) continue;
  test(`no function fails on whatever is decoded: ${name}`, () => {
    const random = createRandom(hash(name));
    const apiVersion = formatApiVersion({ group, version });
    for (let round = 0; round < rounds; round++) {
      const [object, old] = [makeUp(schema, random), makeUp(schema, random)];
      const both = [object, old].map((each) => each && { ...each, apiVersion, kind });
      assert.doesNotThrow(() => callAll(definition, both[0], both[1]), `round ${round}`);
    }
  });
}

/** Undefined where decoding refuses it. */
function makeUp(schema: ObjectSchema, random: Random): UnknownObject | undefined {
  const value = spoil(generateValue(schema, random, 3 + random.below(4)), random);
  const metadata = { name: "a", creationTimestamp: "2026-01-02T03:04:05Z", resourceVersion: "1" };
  try {
    const decoded = decode(schema, { ...(value as object), metadata }).value as UnknownObject;
    decoded.metadata ??= {};
    return decoded;
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}

/** Some fields taken away, some null. */
function spoil(value: unknown, random: Random): unknown {
  if (Array.isArray(value)) return value.map((item) => spoil(item, random));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(() => random.chance(0.9));
  return Object.fromEntries(entries.map(([key, item]) => [key, random.chance(0.05) ? null : spoil(item, random)]));
}

function callAll(definition: KindDefinition, object: UnknownObject | undefined, old: UnknownObject | undefined): void {
  if (!object || !old) return;
  try {
    setDefaults(object);
    setDefaults(old);
  } catch (error) {
    if (error instanceof StatusError) return;
    throw error;
  }
  const copy = (): UnknownObject => structuredClone(object);
  const created = copy();
  definition.preparationWarnings?.(created);
  definition.prepareForCreate?.(created, testTime);
  definition.validate?.(created);
  definition.warnings?.(created, undefined);
  const updated = copy();
  definition.prepareForUpdate?.(updated, old, testTime);
  definition.validateUpdate?.(updated, old);
  definition.warnings?.(updated, old);
  const status = copy();
  definition.prepareForStatusUpdate?.(status, old, testTime);
  definition.validateStatusUpdate?.(status, old);
  definition.statusWarnings?.(status, old);
  for (const { prepare, validate } of Object.values(definition.subresources ?? {})) {
    const changed = copy();
    prepare(changed, old, testTime);
    validate(changed, old);
  }
  definition.gracePeriodSeconds?.(object, undefined);
  for (const read of Object.values(definition.selectableFields ?? {})) assert.equal(typeof read(object), "string");
  definition.tableCells?.(object, testTime);
}

function hash(text: string): number {
  let value = 0;
  for (const character of text) value = (Math.imul(value, 31) + character.charCodeAt(0)) | 0;
  return value;
}
