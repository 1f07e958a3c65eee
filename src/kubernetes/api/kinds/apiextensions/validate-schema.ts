// The schema of one version, or of all: what upstream minds of the whole, then of each schema in it, then its rules.

import { child, entry, type FieldError, forbiddenField, invalid, item, notSupported } from "../../field-error.ts";
import { validateDefaults } from "../../structural/check-defaults.ts";
import { findUnsupported, validateStructural } from "../../structural/check-structural.ts";
import { additionalOf, itemsOf, type JsonSchema, typeAndMetadata } from "../../structural/json-schema.ts";
import { type DefinitionRules, openApiTypes } from "./definition-rules.ts";
import { shownSchema } from "./internal-definition.ts";
import { validateListKeys, validateListType, validateMapType } from "./list-rules.ts";
import type { SchemaRulesCheck, SchemaStep } from "./schema-rules.ts";
import { validateRuleFields } from "./validate-rule-fields.ts";

export interface SchemaPart {
  readonly schema: JsonSchema | undefined;
  /** Such as "spec.versions[0].schema"; the schema itself lies in its openAPIV3Schema. */
  readonly path: string;
  readonly hasStatus: boolean;
  readonly isUnchanged: boolean;
}

export function validateSchemaPart(
  { schema, path, hasStatus, isUnchanged }: SchemaPart,
  rules: DefinitionRules,
): FieldError[] {
  if (!schema) return [];
  const at = child(path, "openAPIV3Schema");
  const errors: FieldError[] = [];
  if (hasStatus) errors.push(...validateRootWithStatus(schema, at));
  if (schema.nullable) errors.push(forbiddenField(`${at}.nullable`, "nullable cannot be true at the root"));
  const unsupported = rules.requireStructural ? findUnsupported(schema) : undefined;
  let check: SchemaRulesCheck | undefined;
  if (rules.requireStructural && unsupported === undefined) {
    const found = structuralErrors(schema, at, rules);
    errors.push(...found);
    if (found.length === 0) check = rules.schemaRules?.beginSchema(schema, { isUnchanged, ...rules });
  }
  errors.push(...validateOpenApi(schema, at, rules, check));
  if (errors.length === 0 && unsupported !== undefined) errors.push(invalid(at, "", unsupported));
  if (check) errors.push(...check.finish(at));
  return errors;
}

function structuralErrors(schema: JsonSchema, path: string, rules: DefinitionRules): FieldError[] {
  const errors = validateStructural(schema, path);
  if (errors.length > 0) return errors;
  const { schemaRules } = rules;
  return validateDefaults(schema, path, {
    requirePruned: rules.requirePrunedDefaults,
    ...(schemaRules && { checkRules: (...of) => schemaRules.checkDefault(...of) }),
  });
}

/** In the order of Go's struct, by the names messages use. */
const rootKeywords: readonly (readonly [string, keyof JsonSchema])[] = [
  ["Description", "description"],
  ["Type", "type"],
  ["Format", "format"],
  ["Title", "title"],
  ["Maximum", "maximum"],
  ["ExclusiveMaximum", "exclusiveMaximum"],
  ["Minimum", "minimum"],
  ["ExclusiveMinimum", "exclusiveMinimum"],
  ["MaxLength", "maxLength"],
  ["MinLength", "minLength"],
  ["Pattern", "pattern"],
  ["MaxItems", "maxItems"],
  ["MinItems", "minItems"],
  ["UniqueItems", "uniqueItems"],
  ["MultipleOf", "multipleOf"],
  ["Required", "required"],
  ["Items", "items"],
  ["Properties", "properties"],
  ["ExternalDocs", "externalDocs"],
  ["Example", "example"],
  ["XPreserveUnknownFields", "x-kubernetes-preserve-unknown-fields"],
  ["XValidations", "x-kubernetes-validations"],
];
const keywordsAtRoot = new Set<string>(rootKeywords.map(([, keyword]) => keyword));

/** What is said at the root would be lost where the status is validated by itself. */
function validateRootWithStatus(schema: JsonSchema, path: string): FieldError[] {
  if (schema.type !== undefined && schema.type !== "object") {
    const why = `only "object" is allowed as the type at the root of the schema if the status subresource is enabled`;
    return [invalid(`${path}.type`, schema.type, why)];
  }
  const isOther = Object.entries(schema).some(
    ([keyword, value]) => value !== undefined && value !== false && !keywordsAtRoot.has(keyword),
  );
  if (!isOther) return [];
  const names = rootKeywords.map(([name]) => name).join(" ");
  const why = `only [${names}] fields are allowed at the root of the schema if the status subresource is enabled`;
  return [invalid(path, shownSchema(schema), why)];
}

interface Place {
  readonly schema: JsonSchema;
  readonly path: string;
  readonly isRoot: boolean;
  /** Within apiVersion, kind or metadata of a resource. */
  readonly isMetadata: boolean;
  /** Why there may be no default here. */
  readonly noDefault: string | undefined;
  readonly uncorrelatablePath: string | undefined;
  /** The way from the root; undefined within value validation, whose rules are not looked at. */
  readonly steps: readonly SchemaStep[] | undefined;
}

/** What is wrong with the schemas comes first, what with their rules last. */
function validateOpenApi(
  schema: JsonSchema,
  path: string,
  rules: DefinitionRules,
  check: SchemaRulesCheck | undefined,
): FieldError[] {
  const place: Place = {
    schema,
    path,
    isRoot: true,
    isMetadata: false,
    noDefault: undefined,
    uncorrelatablePath: undefined,
    steps: [],
  };
  const { schemaErrors, ruleErrors } = validatePlace(place, rules, check);
  return [...schemaErrors, ...ruleErrors];
}

interface Found {
  readonly schemaErrors: FieldError[];
  readonly ruleErrors: FieldError[];
}

function validatePlace(place: Place, rules: DefinitionRules, check: SchemaRulesCheck | undefined): Found {
  const { schema, path, steps } = place;
  const schemaErrors = checkKeywords(place, rules);
  const ruleErrors: FieldError[] = [];
  for (const below of placesBelow(place)) {
    const found = validatePlace(below, rules, check);
    schemaErrors.push(...found.schemaErrors);
    ruleErrors.push(...found.ruleErrors);
  }
  schemaErrors.push(...checkExtensions(schema, path, rules));
  schemaErrors.push(...validateRuleFields(schema, path));
  // Rules over a schema that is wrong itself would only add confusion.
  if (schemaErrors.length === 0 && check && steps) {
    ruleErrors.push(...check.check({ schema, path, steps, uncorrelatablePath: place.uncorrelatablePath }));
  }
  return { schemaErrors, ruleErrors };
}

function checkKeywords({ schema, path, noDefault, isMetadata }: Place, rules: DefinitionRules): FieldError[] {
  const errors: FieldError[] = [];
  const { type } = schema;
  const forbid = (keyword: string, why: string) => errors.push(forbiddenField(child(path, keyword), why));
  if (rules.requireValidTypes && type && !openApiTypes.includes(type)) {
    errors.push(notSupported(child(path, "type"), type, openApiTypes));
  }
  if (schema.default !== undefined && noDefault !== undefined) forbid("default", `must not be set ${noDefault}`);
  if (schema.id) forbid("id", "id is not supported");
  for (const keyword of ["additionalItems", "patternProperties", "definitions", "dependencies", "$ref"] as const) {
    if (schema[keyword] !== undefined) forbid(keyword, `${keyword} is not supported`);
  }
  if (type === "null") forbid("type", "type cannot be set to null, use nullable as an alternative");
  if (Array.isArray(schema.items) && schema.items.length > 0) {
    forbid("items", "items must be a schema object and not an array");
  }
  if (isMetadata && schema["x-kubernetes-embedded-resource"]) {
    forbid("x-kubernetes-embedded-resource", "must not be used inside of resource meta");
  }
  if (schema.uniqueItems) {
    forbid("uniqueItems", "uniqueItems cannot be set to true since the runtime complexity becomes quadratic");
  }
  const { additionalProperties } = schema;
  const hasProperties = Object.keys(schema.properties ?? {}).length > 0;
  if (hasProperties && additionalProperties !== undefined && additionalProperties !== true) {
    forbid("additionalProperties", "additionalProperties and properties are mutual exclusive");
  }
  return errors;
}

function* placesBelow(place: Place): Generator<Place> {
  const { schema, path } = place;
  const additional = additionalOf(schema);
  if (additional) yield additionalPlace(place, additional);
  for (const [name, property] of Object.entries(schema.properties ?? {})) yield propertyPlace(place, name, property);
  const nested = (each: JsonSchema, at: string): Place => ({
    ...place,
    schema: each,
    path: at,
    isRoot: false,
    steps: undefined,
  });
  if (schema.not) yield nested(schema.not, child(path, "not"));
  for (const junctor of ["allOf", "oneOf", "anyOf"] as const) {
    for (const [index, each] of (schema[junctor] ?? []).entries())
      yield nested(each, item(child(path, junctor), index));
  }
  for (const [name, each] of Object.entries((schema.definitions ?? {}) as Record<string, JsonSchema>)) {
    yield nested(each, entry(child(path, "definitions"), name));
  }
  yield* itemPlaces(place);
  for (const [name, each] of Object.entries(schema.dependencies ?? {})) {
    if (typeof each === "object" && !Array.isArray(each)) {
      yield nested(each as JsonSchema, entry(child(path, "dependencies"), name));
    }
  }
}

function additionalPlace(place: Place, schema: JsonSchema): Place {
  const step = { kind: "additionalProperties", schema } as const;
  return {
    ...below(place, step),
    path: child(place.path, "additionalProperties"),
    ...(place.isMetadata && { noDefault: "inside additionalProperties applying to object metadata" }),
  };
}

function propertyPlace(place: Place, name: string, schema: JsonSchema): Place {
  const { schema: parent, path, isRoot } = place;
  const isCorrelatable = ["granular", "atomic"].includes(parent["x-kubernetes-map-type"] ?? "granular");
  const isMetadata = (isRoot || parent["x-kubernetes-embedded-resource"] === true) && typeAndMetadata.has(name);
  return {
    ...below(place, { kind: "property", name, schema }),
    path: entry(child(path, "properties"), name),
    ...(!isCorrelatable && { uncorrelatablePath: place.uncorrelatablePath ?? path }),
    ...(isMetadata && { isMetadata: true, ...(isRoot && { noDefault: `in top-level ${name}` }) }),
  };
}

/** Only items of map lists are the same ones before and after. */
function* itemPlaces(place: Place): Generator<Place> {
  const { schema, path } = place;
  const uncorrelatablePath =
    schema["x-kubernetes-list-type"] === "map" ? place.uncorrelatablePath : (place.uncorrelatablePath ?? path);
  const items = itemsOf(schema);
  const at = child(path, "items");
  if (items) yield { ...below(place, { kind: "items", schema: items }), path: at, uncorrelatablePath };
  if (!Array.isArray(schema.items)) return;
  for (const [index, each] of (schema.items as readonly JsonSchema[]).entries()) {
    yield { ...below(place, { kind: "items", schema: each }), path: item(at, index), uncorrelatablePath };
  }
}

function below(place: Place, step: SchemaStep): Place {
  return { ...place, schema: step.schema, isRoot: false, steps: place.steps && [...place.steps, step] };
}

function checkExtensions(schema: JsonSchema, path: string, rules: DefinitionRules): FieldError[] {
  const errors: FieldError[] = [];
  if (schema["x-kubernetes-preserve-unknown-fields"] === false) {
    errors.push(invalid(child(path, "x-kubernetes-preserve-unknown-fields"), false, "must be true or undefined"));
  }
  errors.push(...validateMapType(schema, path));
  errors.push(...validateListType(schema, path, rules.requireAtomicSets));
  if (rules.requireListKeys) errors.push(...validateListKeys(schema, path));
  return errors;
}
