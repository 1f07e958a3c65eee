// Checks values against the OpenAPI keywords of a schema, in the order and with the words of upstream's validator (kube-openapi's
// validation/validate). On updates, what is wrong already and has not changed is let pass.

import type { FieldError } from "../../field-error.ts";
import { deepEqual } from "../../kinds/values/semantic-equal.ts";
import { Correlation } from "../correlation.ts";
import { additionalOf, isRecord, itemsOf, type JsonSchema, propertyOf } from "../json-schema.ts";
import { checkFormat } from "./check-format.ts";
import { checkNumber } from "./check-number.ts";
import { checkString } from "./check-string.ts";
import { checkType } from "./check-type.ts";
import { fieldErrorsOf, Outcome } from "./outcome.ts";

/** Everything wrong with a value. `path` is where it lies in its object: "" for the object itself. */
export function validateValue(value: unknown, schema: JsonSchema | undefined, path = ""): FieldError[] {
  return schema ? errorsOf(value, schema, path) : [];
}

/** As validateValue, without what was as wrong before. */
export function validateChangedValue(
  value: unknown,
  old: unknown,
  schema: JsonSchema | undefined,
  path = "",
): FieldError[] {
  return schema ? errorsOf(value, schema, path, new Correlation(value, old, schema)) : [];
}

function errorsOf(value: unknown, schema: JsonSchema, path: string, correlation?: Correlation): FieldError[] {
  const outcome = new Outcome();
  validate(value, { schema, path: "", correlation, isRoot: true }, outcome);
  return outcome.problems.length === 0 ? [] : fieldErrorsOf(outcome, path);
}

interface Place {
  readonly schema: JsonSchema;
  readonly path: string;
  /** Undefined where no old value can be told to be the same one. */
  readonly correlation: Correlation | undefined;
  readonly isRoot: boolean;
}

function validate(value: unknown, place: Place, outcome: Outcome): void {
  if (!place.correlation) {
    validateNew(value, place, outcome);
    return;
  }
  const own = new Outcome();
  validateNew(value, place, own);
  if (own.problems.length > 0 && place.correlation.isUnchanged()) outcome.matched += own.matched;
  else outcome.merge(own);
}

function validateNew(value: unknown, place: Place, outcome: Outcome): void {
  const { schema, path } = place;
  const isTypeRight = checkType(value, schema, path, outcome);
  if (isTypeRight && value === null) outcome.matched++;
  if (value === null) {
    checkEnum(value, schema, path, outcome);
    return;
  }
  if (isTypeRight !== undefined) outcome.matched += isTypeRight ? 2 : 1;
  validateJunctors(value, place, outcome);
  outcome.matched++;
  if (typeof value === "string") {
    checkString(value, schema, path, outcome);
    outcome.matched++;
    if (checkFormat(value, schema, path, outcome)) outcome.matched++;
  } else if (typeof value === "number" || typeof value === "bigint") {
    checkNumber(value, schema, path, outcome);
    outcome.matched += 2;
  } else if (Array.isArray(value)) {
    validateList(value, place, outcome);
    outcome.matched += 2;
  }
  checkEnum(value, schema, path, outcome);
  outcome.matched++;
  if (isRecord(value)) {
    validateRecord(value, place, outcome);
    outcome.matched++;
  }
  outcome.matched++;
}

function validateJunctors(value: unknown, place: Place, outcome: Outcome): void {
  const { anyOf, oneOf, allOf, not } = place.schema;
  if (anyOf?.length) validateAnyOf(value, anyOf, place, outcome);
  if (oneOf?.length) validateOneOf(value, oneOf, place, outcome);
  if (allOf?.length) validateAllOf(value, allOf, place, outcome);
  if (not && outcomeOf(value, not, place).problems.length === 0) {
    addPlain(outcome, `"${place.path}" must not validate the schema (not)`);
  }
  outcome.matched++;
}

/** Of a schema that speaks of the same value; it lets nothing pass because it was wrong before. */
function outcomeOf(value: unknown, schema: JsonSchema, place: Place): Outcome {
  const outcome = new Outcome();
  validateNew(value, { ...place, schema, correlation: undefined }, outcome);
  return outcome;
}

function addPlain(outcome: Outcome, text: string): void {
  outcome.add({ kind: "plain", path: "", text });
}

function validateAnyOf(value: unknown, schemas: readonly JsonSchema[], place: Place, outcome: Outcome): void {
  let best: Outcome | undefined;
  for (const schema of schemas) {
    const found = outcomeOf(value, schema, place);
    if (found.problems.length === 0) {
      outcome.matched += found.matched;
      return;
    }
    if (!best || found.matched > best.matched) best = found;
  }
  addPlain(outcome, `"${place.path}" must validate at least one schema (anyOf)`);
  outcome.merge(best!);
}

function validateOneOf(value: unknown, schemas: readonly JsonSchema[], place: Place, outcome: Outcome): void {
  const outcomes = schemas.map((schema) => outcomeOf(value, schema, place));
  const valid = outcomes.filter(({ problems }) => problems.length === 0);
  if (valid.length === 1) {
    outcome.matched += valid[0]!.matched;
    return;
  }
  const found = valid.length === 0 ? "Found none valid" : `Found ${valid.length} valid alternatives`;
  addPlain(outcome, `"${place.path}" must validate one and only one schema (oneOf). ${found}`);
  if (valid.length === 0) outcome.merge(outcomes.reduce((best, each) => (each.matched > best.matched ? each : best)));
}

function validateAllOf(value: unknown, schemas: readonly JsonSchema[], place: Place, outcome: Outcome): void {
  let valid = 0;
  for (const schema of schemas) {
    const found = outcomeOf(value, schema, place);
    if (found.problems.length === 0) valid++;
    outcome.merge(found);
  }
  if (valid === schemas.length) return;
  addPlain(outcome, `"${place.path}" must validate all the schemas (allOf)${valid === 0 ? ". None validated" : ""}`);
}

function checkEnum(value: unknown, { enum: allowed }: JsonSchema, path: string, outcome: Outcome): void {
  if (!allowed?.length || allowed.some((each) => isAllowed(value, each))) return;
  outcome.add({ kind: "enum", path, text: `${path} in body should be one of`, value, allowed });
}

/** To Go a number is brought into the allowed one's type first. Null is never one of the allowed. */
function isAllowed(value: unknown, allowed: unknown): boolean {
  if (value === null || allowed === null) return false;
  if (typeof value === "number" && Number.isInteger(allowed)) return Math.trunc(value) === allowed;
  return deepEqual(value, allowed);
}

function validateList(list: readonly unknown[], place: Place, outcome: Outcome): void {
  const { schema, path } = place;
  const items = itemsOf(schema);
  if (items) {
    for (const [index, item] of list.entries()) {
      const correlation = place.correlation?.item(index);
      validate(item, { schema: items, path: `${path}[${index}]`, correlation, isRoot: false }, outcome);
    }
  }
  const { minItems, maxItems } = schema;
  if (minItems !== undefined && list.length < minItems) {
    const text = `${path} in body should have at least ${minItems} items`;
    outcome.add({ kind: "invalid", path, text, value: list.length });
  }
  if (maxItems !== undefined && list.length > maxItems) {
    const text = `${path} in body should have at most ${maxItems} items`;
    outcome.add({ kind: "too-many", path, text, actual: list.length, limit: maxItems });
  }
  if (schema.uniqueItems && hasDuplicates(list)) {
    outcome.add({ kind: "invalid", path, text: `${path} in body shouldn't contain duplicates` });
  }
}

function hasDuplicates(list: readonly unknown[]): boolean {
  return list.some((item, index) => list.slice(0, index).some((before) => deepEqual(item, before)));
}

function validateRecord(record: Readonly<Record<string, unknown>>, place: Place, outcome: Outcome): void {
  const { schema } = place;
  checkSize(record, place, outcome);
  const additional = additionalOf(schema);
  if (schema.additionalProperties === false) forbidOthers(record, place, outcome);
  else if (additional) {
    for (const key of Object.keys(record)) {
      if (!propertyOf(schema, key)) validateField(record, key, additional, place, outcome);
    }
  }
  const { properties } = schema;
  for (const key in properties) {
    if (Object.hasOwn(record, key)) validateField(record, key, properties[key]!, place, outcome);
  }
  for (const key of schema.required ?? []) {
    if (Object.hasOwn(record, key)) continue;
    const path = `${place.path}.${key}`;
    outcome.add({ kind: "required", path, text: `${path} in body is required` });
  }
}

function validateField(
  record: Readonly<Record<string, unknown>>,
  key: string,
  schema: JsonSchema,
  { path, correlation: around, isRoot }: Place,
  outcome: Outcome,
): void {
  // The type of an object's old form is the new one's: it has been converted.
  const isConverted = isRoot && (key === "kind" || key === "apiVersion");
  const correlation = isConverted ? undefined : around?.field(key);
  validate(record[key], { schema, path: path === "" ? key : `${path}.${key}`, correlation, isRoot: false }, outcome);
}

function checkSize(record: object, { schema, path }: Place, outcome: Outcome): void {
  const { minProperties, maxProperties } = schema;
  if (minProperties === undefined && maxProperties === undefined) return;
  const size = Object.keys(record).length;
  if (minProperties !== undefined && size < minProperties) {
    const text = `${path} in body should have at least ${minProperties} properties`;
    outcome.add({ kind: "invalid", path, text, value: size });
  }
  if (maxProperties !== undefined && size > maxProperties) {
    const text = `${path} in body should have at most ${maxProperties} properties`;
    outcome.add({ kind: "too-many", path, text, actual: size, limit: maxProperties });
  }
}

function forbidOthers(record: object, { schema, path }: Place, outcome: Outcome): void {
  for (const key of Object.keys(record)) {
    if (propertyOf(schema, key)) continue;
    outcome.add({ kind: "invalid", path, text: `${path}.${key} in body is a forbidden property`, value: key });
  }
}
