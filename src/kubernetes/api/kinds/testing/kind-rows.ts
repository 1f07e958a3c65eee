// Tables of objects and what is wrong with each, for tests of kinds: a row is an object's part that differs from a sound base.

import assert from "node:assert/strict";
import { test } from "node:test";
import { decode } from "../../decode/decode.ts";
import { describeFieldError, type FieldError } from "../../field-error.ts";
import type { UnknownObject } from "../../resource.ts";
import { schemaOfKind } from "../../types-table.ts";
import { kindDefinitionOf } from "../all.ts";
import { setDefaults } from "../defaults.ts";
import type { KindDefinition } from "../kind-definition.ts";
import { validateMetadataOfCreate } from "../metadata/object-meta.ts";

/** The object's fields, without those that say its kind. */
export type Input = Readonly<Record<string, unknown>>;

export type ErrorRow<Part> = readonly [name: string, part: Part, errors: readonly string[]];

/** When everything in tests happens. */
export const testTime: number = Date.parse("2026-01-02T03:04:05Z");

export function definitionOf(kind: string): KindDefinition {
  const definition = kindDefinitionOf("", "v1", kind);
  assert.ok(definition, `no definition of ${kind}`);
  return definition;
}

/** The object as decoding leaves it, defaults set; its metadata as far as given. */
export function decodeKind<T = UnknownObject>(kind: string, input: Input): T {
  const schema = schemaOfKind("", "v1", kind);
  assert.ok(schema, `no schema of ${kind}`);
  const { value } = decode(schema, structuredClone(input));
  const object = { metadata: {}, ...(value as object), apiVersion: "v1", kind };
  setDefaults(object);
  return object as T;
}

/** What a create of the object is refused for, one text each; the examples of what would be right are cut off. */
export function createErrors(kind: string, input: Input): string[] {
  const definition = definitionOf(kind);
  const object = decodeKind(kind, input);
  definition.prepareForCreate?.(object, testTime);
  return describe(definition.validate?.(object) ?? []);
}

/** What an update of `old` is refused for; through /status or another subresource where one is named. */
export function updateErrors(kind: string, input: Input, old: Input, subresource?: string): string[] {
  const definition = definitionOf(kind);
  const [object, oldObject] = [decodeKind(kind, input), decodeKind(kind, old)];
  if (subresource === "status") {
    definition.prepareForStatusUpdate?.(object, oldObject, testTime);
    return describe(definition.validateStatusUpdate?.(object, oldObject) ?? []);
  }
  if (subresource !== undefined) {
    definition.subresources?.[subresource]?.prepare(object, oldObject, testTime);
    return describe(definition.subresources?.[subresource]?.validate(object, oldObject) ?? []);
  }
  definition.prepareForUpdate?.(object, oldObject, testTime);
  return describe(definition.validateUpdate?.(object, oldObject) ?? []);
}

/** What is wrong with the metadata of a new object of the kind. */
export function metadataErrors(kind: string, metadata: Input, namespaced: boolean): string[] {
  const { validateName } = definitionOf(kind);
  return describe(validateMetadataOfCreate(decodeKind(kind, { metadata }).metadata, { namespaced, validateName }));
}

export function describe(errors: readonly FieldError[]): string[] {
  return errors.map((error) => describeFieldError(error).replace(/ \((e\.g\.|regex used).*/s, " (…)"));
}

/** A test for each row: creating `base(part)` is refused for just these reasons. */
export function testCreateErrors<Part>(
  symbol: string,
  kind: string,
  base: (part: Part) => Input,
  rows: readonly ErrorRow<Part>[],
): void {
  for (const [name, part, errors] of rows) {
    test(`${symbol}: ${name}`, () => assert.deepEqual(createErrors(kind, base(part)), errors));
  }
}
