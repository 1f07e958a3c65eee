// What a CustomResourceDefinition is held to: everything for a new one; for an update, nothing the old one already broke.

import type { CustomResourceDefinition } from "../../generated/types.ts";
import { hasDefaults } from "../../structural/check-defaults.ts";
import { findUnsupported, validateStructural } from "../../structural/check-structural.ts";
import { type JsonSchema, someSchema } from "../../structural/json-schema.ts";
import { settleDefaults } from "../../structural/settle-defaults.ts";
import { deepEqual } from "../values/semantic-equal.ts";
import { validateCABundle } from "./ca-bundle.ts";
import { isConditionTrue } from "./conditions.ts";
import { schemaOfVersion, schemasOf } from "./internal-definition.ts";
import { isInvalidListKeys, isNonAtomicSet } from "./list-rules.ts";
import type { SchemaRules } from "./schema-rules.ts";

export interface DefinitionRules {
  readonly requireRecognizedReviewVersion: boolean;
  readonly requireImmutableNames: boolean;
  readonly requireSchema: boolean;
  readonly requireValidTypes: boolean;
  readonly requireStructural: boolean;
  readonly requirePrunedDefaults: boolean;
  readonly requireAtomicSets: boolean;
  readonly requireListKeys: boolean;
  readonly allowInvalidCABundle: boolean;
  /** Whether a version, or "" for all of them, may have more selectable fields than there may be. */
  readonly allowManySelectableFields: (version: string) => boolean;
  /** Versions whose schema is as before. */
  readonly unchangedVersions: ReadonlySet<string>;
  /** The engine of x-kubernetes-validations; absent: they are not looked at. */
  readonly schemaRules: SchemaRules | undefined;
  /** Expressions that were there before: these may use what new ones may not. */
  readonly knownExpressions: ReadonlySet<string>;
}

const recognizedReviewVersions: readonly string[] = ["v1", "v1beta1"];
export const mostSelectableFields = 8;

export function rulesOfCreate(schemaRules: SchemaRules | undefined): DefinitionRules {
  return {
    requireRecognizedReviewVersion: true,
    requireImmutableNames: false,
    requireSchema: true,
    requireValidTypes: true,
    requireStructural: true,
    requirePrunedDefaults: true,
    requireAtomicSets: true,
    requireListKeys: true,
    // It is not established yet, and will not be with such a bundle.
    allowInvalidCABundle: true,
    allowManySelectableFields: () => false,
    unchangedVersions: new Set(),
    schemaRules,
    knownExpressions: new Set(),
  };
}

export function rulesOfUpdate(
  definition: CustomResourceDefinition,
  old: CustomResourceDefinition,
  schemaRules: SchemaRules | undefined,
): DefinitionRules {
  const schemas = schemasOf(old);
  const versions = old.spec.versions ?? [];
  const reviewVersions = old.spec.conversion?.webhook?.conversionReviewVersions ?? [];
  const none = (matches: (schema: JsonSchema) => boolean) => !schemas.some((schema) => someSchema(schema, matches));
  return {
    requireRecognizedReviewVersion: reviewVersions.length === 0 || reviewVersions.some(isRecognized),
    requireImmutableNames: isConditionTrue(old, "Established"),
    requireSchema: versions.every((version) => schemaOfVersion(version) !== undefined),
    requireValidTypes: none(({ type }) => Boolean(type) && !openApiTypes.includes(type!)),
    requireStructural: schemas.every(isStructural),
    requirePrunedDefaults: !schemas.some(hasUnprunedDefaults),
    requireAtomicSets: none(isNonAtomicSet),
    requireListKeys: none(isInvalidListKeys),
    allowInvalidCABundle: allowsInvalidCABundle(old),
    allowManySelectableFields: manySelectableFieldsOf(definition, old),
    unchangedVersions: unchangedVersionsOf(definition, old),
    schemaRules,
    knownExpressions: expressionsOf(schemas),
  };
}

export const openApiTypes: readonly string[] = ["array", "boolean", "integer", "number", "object", "string"];

function isRecognized(version: string): boolean {
  return recognizedReviewVersions.includes(version);
}

export function isStructural(schema: JsonSchema): boolean {
  return findUnsupported(schema) === undefined && validateStructural(schema, "").length === 0;
}

function hasUnprunedDefaults(schema: JsonSchema): boolean {
  return hasDefaults(schema) && isStructural(schema) && settleDefaults(schema) !== schema;
}

function allowsInvalidCABundle(old: CustomResourceDefinition): boolean {
  if (!isConditionTrue(old, "Established")) return true;
  const bundle = old.spec.conversion?.webhook?.clientConfig?.caBundle;
  return bundle !== undefined && bundle !== "" && validateCABundle(bundle, "").length > 0;
}

function manySelectableFieldsOf(
  definition: CustomResourceDefinition,
  old: CustomResourceDefinition,
): (version: string) => boolean {
  return (name) => {
    const find = (of: CustomResourceDefinition) =>
      (of.spec.versions ?? []).find((version) => name === "" || version.name === name)?.selectableFields ?? [];
    const before = find(old);
    return before.length > mostSelectableFields && deepEqual(before, find(definition));
  };
}

function unchangedVersionsOf(definition: CustomResourceDefinition, old: CustomResourceDefinition): Set<string> {
  const before = new Map((old.spec.versions ?? []).map((version) => [version.name, version]));
  const unchanged = (definition.spec.versions ?? []).filter((version) => {
    const previous = before.get(version.name);
    return previous !== undefined && deepEqual(previous.schema, version.schema);
  });
  return new Set(unchanged.map(({ name }) => name));
}

function expressionsOf(schemas: readonly JsonSchema[]): Set<string> {
  const found = new Set<string>();
  const collect = (schema: JsonSchema): boolean => {
    for (const { rule, messageExpression } of schema["x-kubernetes-validations"] ?? []) {
      found.add(rule);
      if (messageExpression) found.add(messageExpression);
    }
    return false;
  };
  for (const schema of schemas) someSchema(schema, collect);
  return found;
}
