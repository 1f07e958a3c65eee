// Tables of objects and what is wrong with each, for tests of kinds: a row is an object's part that differs from a sound base.

import assert from "node:assert/strict";
import { test } from "node:test";
import { decode } from "../../decode/decode.ts";
import { describeFieldError, type FieldError } from "../../field-error.ts";
import { applyMergePatch } from "../../patch/merge-patch.ts";
import { formatApiVersion, type UnknownObject } from "../../resource.ts";
import { schemaOfKind } from "../../types-table.ts";
import { kindDefinitionOf } from "../all.ts";
import { setDefaults } from "../defaults.ts";
import type { KindDefinition, SubresourceUpdate } from "../kind-definition.ts";
import { validateMetadataOfCreate } from "../metadata/object-meta.ts";

/** The object's fields, without those that say its kind. */
export type Input = Readonly<Record<string, unknown>>;

export type ErrorRow<Part> = readonly [name: string, part: Part, errors: readonly string[]];

/** When everything in tests happens. */
export const testTime: number = Date.parse("2026-01-02T03:04:05Z");

/** `kind` may be "Pod", of the core group, or "Deployment.v1.apps". */
export function definitionOf(kind: string): KindDefinition {
  const definition = kindDefinitionOf(...partsOf(kind));
  assert.ok(definition, `no definition of ${kind}`);
  return definition;
}

function partsOf(kind: string): [group: string, version: string, kind: string] {
  const [name = "", version = "v1", ...group] = kind.split(".");
  return [group.join("."), version, name];
}

/** The object as decoding leaves it, defaults set; its metadata as far as given. */
export function decodeKind<T = UnknownObject>(kind: string, input: Input): T {
  const [group, version, name] = partsOf(kind);
  const schema = schemaOfKind(group, version, name);
  assert.ok(schema, `no schema of ${kind}`);
  const { value } = decode(schema, structuredClone(input));
  const apiVersion = formatApiVersion({ group, version });
  const object = { metadata: {}, ...(value as object), apiVersion, kind: name };
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

/** What a merge patch of `old` is refused for; through /status or another subresource where one is named. */
export function updateErrors(kind: string, old: Input, change: Input, subresource?: string): string[] {
  const definition = definitionOf(kind);
  const oldObject = decodeKind(kind, old);
  oldObject.metadata.resourceVersion = "1";
  const object = decodeKind(kind, applyMergePatch(structuredClone(oldObject), change) as Input);
  const { prepare, validate } = updateOf(definition, subresource);
  prepare?.(object, oldObject, testTime);
  return describe(validate?.(object, oldObject) ?? []);
}

function updateOf(definition: KindDefinition, subresource: string | undefined): Partial<SubresourceUpdate> {
  if (subresource === undefined) {
    return { prepare: definition.prepareForUpdate, validate: definition.validateUpdate } as Partial<SubresourceUpdate>;
  }
  if (subresource !== "status") return definition.subresources?.[subresource] ?? {};
  const { prepareForStatusUpdate: prepare, validateStatusUpdate: validate } = definition;
  return { prepare, validate } as Partial<SubresourceUpdate>;
}

/** What is wrong with the metadata of a new object of the kind, with what else is in it. */
export function metadataErrors(kind: string, metadata: Input, namespaced: boolean, others: Input = {}): string[] {
  const { validateName } = definitionOf(kind);
  const object = decodeKind(kind, { metadata, ...others });
  const ofObject = validateName && ((name: string, isPrefix: boolean) => validateName(name, isPrefix, object));
  return describe(validateMetadataOfCreate(object.metadata, { namespaced, validateName: ofObject }));
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

export type UpdateRow = readonly [name: string, old: Input, change: Input, errors: readonly string[]];

/** A test for each row: merging `change` into `old` is refused for just these reasons. */
export function testUpdateErrors(symbol: string, kind: string, rows: readonly UpdateRow[], subresource?: string): void {
  for (const [name, old, change, errors] of rows) {
    test(`${symbol}: ${name}`, () => assert.deepEqual(updateErrors(kind, old, change, subresource), errors));
  }
}
