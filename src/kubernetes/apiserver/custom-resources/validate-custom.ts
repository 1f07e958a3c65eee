// Everything wrong with a custom resource: its type, its schema, its scale, embedded resources, lists that are sets or maps.

import {
  type CheckContext,
  type FieldError,
  goTypeOf,
  invalid,
  isRecord,
  type JsonSchema,
  type KubeObject,
  printGo,
  validateChangedValue,
  validateEmbedded,
  validateListTypes,
  validateValue,
} from "#kubernetes/api";
import type { VersionScale } from "./custom-kind.ts";
import type { ObjectRules } from "./object-rules.ts";

export interface ValidationOptions extends Pick<CheckContext, "ofMetadata" | "warn"> {
  readonly schema: JsonSchema | undefined;
  readonly scale: VersionScale | undefined;
  /** The rules (x-kubernetes-validations) of the schema. */
  readonly rules: ObjectRules | undefined;
}

export function validateNewCustom(object: KubeObject, options: ValidationOptions): FieldError[] {
  const { schema, scale } = options;
  const errors = [
    ...validateValue(object, schema),
    ...validateSpecReplicas(object, scale),
    ...validateStatusReplicas(object, scale),
    ...validateEmbedded(object, schema),
    ...validateListTypes(object, schema),
  ];
  return [...errors, ...applyRules(errors, options, object, undefined)];
}

export function validateChangedCustom(object: KubeObject, old: KubeObject, options: ValidationOptions): FieldError[] {
  const { schema, scale } = options;
  const errors = [
    ...validateChangedValue(object, old, schema),
    ...validateSpecReplicas(object, scale),
    ...validateStatusReplicas(object, scale),
    ...validateEmbedded(object, schema),
    ...changedListErrors(object, old, schema),
  ];
  return [...errors, ...applyRules(errors, options, object, old)];
}

export function validateCustomStatus(object: KubeObject, old: KubeObject, options: ValidationOptions): FieldError[] {
  const { schema, scale } = options;
  const errors = [
    ...validateStatusValue(object, old, schema?.properties?.["status"]),
    ...validateStatusReplicas(object, scale),
    ...changedListErrors(object, old, schema),
  ];
  return [...errors, ...applyRules(errors, options, object, old)];
}

/** Where its type is wrong nothing else of an object is looked at. */
export function validateTypeMeta(
  object: KubeObject,
  { kind, apiVersion }: { readonly kind: string; readonly apiVersion: string },
): FieldError[] {
  const errors: FieldError[] = [];
  if (object.kind !== kind) errors.push(invalid("kind", object.kind ?? "", `must be ${kind}`));
  if (object.apiVersion !== apiVersion) {
    errors.push(invalid("apiVersion", object.apiVersion ?? "", `must be ${apiVersion}`));
  }
  return errors;
}

function validateStatusValue(object: KubeObject, old: KubeObject, schema: JsonSchema | undefined): FieldError[] {
  const { status } = object as { status?: unknown };
  if (status === undefined) return [];
  const { status: before } = old as { status?: unknown };
  return validateChangedValue(status, before ?? null, schema, "status");
}

/** Lists that were wrong already may stay so. */
function changedListErrors(object: KubeObject, old: KubeObject, schema: JsonSchema | undefined): FieldError[] {
  const errors = validateListTypes(object, schema);
  return errors.length === 0 || validateListTypes(old, schema).length > 0 ? [] : errors;
}

/** Rules are not looked at where the object, its metadata included, is so wrong that they might stumble over it. */
function applyRules(
  errors: readonly FieldError[],
  { rules, ofMetadata, warn }: ValidationOptions,
  object: KubeObject,
  old: KubeObject | undefined,
): FieldError[] {
  if (!rules) return [];
  const isBlocked = [...ofMetadata, ...errors].some(({ type }) => blocking.has(type));
  return isBlocked ? [notChecked] : rules.validate(object, old, warn);
}

const blocking = new Set<FieldError["type"]>([
  "FieldValueNotSupported",
  "FieldValueRequired",
  "FieldValueTooLong",
  "FieldValueTooMany",
  "FieldValueTypeInvalid",
]);

const notChecked = invalid(
  "<nil>",
  null,
  "some validation rules were not checked because the object was invalid; correct the existing errors to complete validation",
);

const mostReplicas = 2 ** 31 - 1;

function validateSpecReplicas(object: KubeObject, scale: VersionScale | undefined): FieldError[] {
  return scale ? validateReplicas(object, scale.specReplicasPath) : [];
}

function validateStatusReplicas(object: KubeObject, scale: VersionScale | undefined): FieldError[] {
  if (!scale) return [];
  const errors = validateReplicas(object, scale.statusReplicasPath);
  if (scale.labelSelectorPath === undefined) return errors;
  const found = readNested(object, scale.labelSelectorPath, "string");
  return "problem" in found ? [...errors, invalid(scale.labelSelectorPath, "", found.problem)] : errors;
}

function validateReplicas(object: KubeObject, path: string): FieldError[] {
  const found = readNested(object, path, "int64");
  if ("problem" in found) return [invalid(path, 0, found.problem)];
  const replicas = Number(found.value ?? 0);
  if (replicas < 0) return [invalid(path, found.value, "should be a non-negative integer")];
  return replicas > mostReplicas ? [invalid(path, found.value, `should be less than or equal to ${mostReplicas}`)] : [];
}

function readNested(object: object, path: string, type: "int64" | "string"): { value: unknown } | { problem: string } {
  const steps = path.replace(/^\./, "").split(".");
  let value: unknown = object;
  for (const [index, step] of steps.entries()) {
    if (value === null) return { value: undefined };
    if (!isRecord(value)) {
      const at = `.${steps.slice(0, index + 1).join(".")}`;
      return { problem: `${at} accessor error: ${describe(value)}, expected map[string]interface{}` };
    }
    if (!Object.hasOwn(value, step)) return { value: undefined };
    value = value[step];
  }
  if (goTypeOf(value) === type) return { value };
  const at = `.${steps.join(".")}`;
  return { problem: `${at} accessor error: ${describe(value)}, expected ${type}` };
}

function describe(value: unknown): string {
  return `${printGo(value)} is of the type ${goTypeOf(value)}`;
}
