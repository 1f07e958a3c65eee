// Defaults of a structural schema: each must be what its own schema allows, without fields the schema does not know.

import { CodecError } from "../codec-error.ts";
import { child, describeFieldError, entry, type FieldError, invalid } from "../field-error.ts";
import { deepEqual } from "../kinds/values/semantic-equal.ts";
import { settleEmbedded, validateEmbedded } from "./embedded-resources.ts";
import { itemsOf, type JsonSchema, someSchema, typeAndMetadata } from "./json-schema.ts";
import { sortKeys } from "./list-types.ts";
import { pruneUnknown } from "./prune.ts";
import { validateValue } from "./values/validate-value.ts";

export interface DefaultsRules {
  /** Defaults with unknown fields are refused. */
  readonly requirePruned: boolean;
  /** What the schema's own rules (x-kubernetes-validations) mind of a default. */
  readonly checkRules?: (value: unknown, schema: JsonSchema, path: string, isRoot: boolean) => FieldError[];
}

export function hasDefaults(schema: JsonSchema | undefined): boolean {
  return someSchema(schema, (each) => each.default !== undefined);
}

/** Everything wrong with the defaults of a resource's schema. */
export function validateDefaults(schema: JsonSchema, path: string, rules: DefaultsRules): FieldError[] {
  const errors: FieldError[] = [];
  if (!hasDefaults(schema)) return errors;
  const root = { ...schema, "x-kubernetes-embedded-resource": true };
  visit({ schema: root, path, root, wrap: (value) => value, isMetadata: false }, rules, errors);
  return errors;
}

interface Place {
  readonly schema: JsonSchema;
  readonly path: string;
  /** The resource around: the whole one, or the innermost embedded one. */
  readonly root: JsonSchema;
  /** The resource with nothing but a value at this place. */
  readonly wrap: (value: unknown) => unknown;
  /** Within apiVersion, kind or metadata of that resource. */
  readonly isMetadata: boolean;
}

function visit(given: Place, rules: DefaultsRules, errors: FieldError[]): void {
  const isEmbedded = given.schema["x-kubernetes-embedded-resource"] === true;
  const place: Place = isEmbedded ? { ...given, root: given.schema, wrap: (value) => value, isMetadata: false } : given;
  const { schema, path } = place;
  if (schema.default !== undefined) errors.push(...checkDefault(place, rules));
  const items = itemsOf(schema);
  if (items) {
    const wrap = (value: unknown) => place.wrap([value]);
    visit({ ...place, schema: items, path: child(path, "items"), wrap }, rules, errors);
  }
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    visit(
      {
        ...place,
        schema: property,
        path: entry(child(path, "properties"), name),
        wrap: (value) => place.wrap({ [name]: value }),
        isMetadata: place.isMetadata || (isEmbedded && typeAndMetadata.has(name)),
      },
      rules,
      errors,
    );
  }
}

function checkDefault(place: Place, { requirePruned, checkRules }: DefaultsRules): FieldError[] {
  const { schema, root, isMetadata } = place;
  const path = child(place.path, "default");
  const value = structuredClone(schema.default);
  const errors: FieldError[] = [];
  if (!isMetadata && requirePruned) {
    pruneUnknown(value, schema, schema["x-kubernetes-embedded-resource"] === true);
    if (!deepEqual(value, schema.default)) {
      errors.push(invalid(path, sortKeys(schema.default), "must not have unknown fields"));
    }
  }
  const found =
    (isMetadata ? checkMetadataDefault(place, path) : checkEmbeddedDefault(schema, path)) ??
    nonEmpty(validateValue(schema.default, schema, path)) ??
    checkRules?.(schema.default, schema, path, schema === root) ??
    [];
  return [...errors, ...found];
}

function nonEmpty(errors: FieldError[]): FieldError[] | undefined {
  return errors.length > 0 ? errors : undefined;
}

function checkEmbeddedDefault(schema: JsonSchema, path: string): FieldError[] | undefined {
  const value = structuredClone(schema.default);
  try {
    settleEmbedded(value, schema, { malformed: "refuse" });
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    return [invalid(path, sortKeys(schema.default), error.message)];
  }
  return nonEmpty(validateEmbedded(value, schema, path));
}

/** What lies within metadata is judged by the metadata it makes. */
function checkMetadataDefault({ schema, root, wrap }: Place, path: string): FieldError[] | undefined {
  const whole = {
    apiVersion: "validation/v1",
    kind: "Validation",
    ...(wrap(structuredClone(schema.default)) as object),
  };
  const refuse = (why: string) => [invalid(path, sortKeys(schema.default), `must result in valid metadata: ${why}`)];
  try {
    settleEmbedded(whole, root, { malformed: "refuse", isRoot: true });
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    return refuse(error.message);
  }
  const errors = validateEmbedded(whole, root, "", true);
  return errors.length === 0 ? undefined : refuse(joinErrors(errors));
}

function joinErrors(errors: readonly FieldError[]): string {
  const texts = errors.map(describeFieldError);
  return texts.length === 1 ? texts[0]! : `[${texts.join(", ")}]`;
}
