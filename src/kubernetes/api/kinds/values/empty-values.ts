// Empty values, settled as upstream's encoding settles them: most fields vanish when they hold "", 0, false, [] or {}, some are
// always written, and those a Go pointer stands behind stay as they were given. One form for equal objects: what answers
// show, what fieldsets own, and what an update is compared with.

import table from "../../generated/empty-values.json" with { type: "json" };
import type { ObjectSchema, Schema } from "../../schema.ts";

/** Of one type: fields whose empty value means something, and fields that are written even if empty, with that value. */
interface EmptyValues {
  readonly keep?: readonly string[];
  readonly write?: Readonly<Record<string, unknown>>;
}

/** What to do with one field of a type. */
interface FieldPlan {
  readonly name: string;
  readonly keep: boolean;
  /** The value upstream writes when there is none; undefined: the field vanishes. */
  readonly written: unknown;
  readonly settle: ((value: never) => void) | undefined;
}

interface TypePlan {
  readonly fields: ReadonlyMap<string, FieldPlan>;
  readonly written: readonly FieldPlan[];
}

const emptyValues = table as unknown as Readonly<Record<string, EmptyValues>>;
const plans = new WeakMap<Schema, TypePlan>();

/** Settles the empty values of an object of a built-in type, in place, at every depth. */
export function settleEmptyValues(schema: ObjectSchema, object: object): void {
  settleObject(planOf(schema), object as Record<string, unknown>);
}

function settleObject(plan: TypePlan, object: Record<string, unknown>): void {
  for (const key in object) {
    const field = plan.fields.get(key);
    if (!field) continue;
    const value = object[key];
    if (isEmpty(value) && !(field.keep && value !== null)) {
      if (field.written === undefined) delete object[key];
      else writeEmpty(field, object);
    } else if (field.settle && typeof value === "object") {
      field.settle(value as never);
    }
  }
  for (const field of plan.written) {
    if (object[field.name] === undefined) writeEmpty(field, object);
  }
}

function writeEmpty(field: FieldPlan, object: Record<string, unknown>): void {
  if (typeof field.written !== "object" || field.written === null) {
    object[field.name] = field.written;
    return;
  }
  const value = {};
  object[field.name] = value;
  field.settle?.(value as never);
}

function isEmpty(value: unknown): boolean {
  if (value === "" || value === 0 || value === false || value === null || value === undefined) return true;
  if (typeof value !== "object") return false;
  for (const _key in value) return false;
  return true;
}

function planOf(schema: ObjectSchema): TypePlan {
  const known = plans.get(schema);
  if (known) return known;
  const fields = new Map<string, FieldPlan>();
  const written: FieldPlan[] = [];
  // Types refer to each other in circles: the plan is known before its fields are.
  plans.set(schema, { fields, written });
  const { keep = [], write = {} } = emptyValues[schema.name] ?? {};
  for (const [name, { schema: fieldSchema }] of schema.fields) {
    const plan: FieldPlan = {
      name,
      keep: keep.includes(name) || isNeverEmpty(fieldSchema),
      written: name in write ? write[name] : undefined,
      settle: settlerOf(fieldSchema),
    };
    fields.set(name, plan);
    if (plan.written !== undefined) written.push(plan);
  }
  return plans.get(schema)!;
}

/** To Go an IntOrString is a struct, which is never empty; so is a value of free form. */
function isNeverEmpty(schema: Schema): boolean {
  return schema.kind === "any" || (schema.kind === "scalar" && schema.type === "int-or-string");
}

/** Settles a value of the schema's shape; undefined where nothing inside can be empty. */
function settlerOf(schema: Schema): ((value: never) => void) | undefined {
  switch (schema.kind) {
    case "object":
      return (value: Record<string, unknown>) => settleObject(planOf(schema), value);
    case "list":
      return settleItems(settlerOf(schema.items));
    case "map":
      return settleEntries(settlerOf(schema.values));
    default:
      return undefined;
  }
}

function settleItems(settle: ((value: never) => void) | undefined): ((values: readonly never[]) => void) | undefined {
  if (!settle) return undefined;
  return (values) => {
    for (const value of values) {
      if (typeof value === "object" && value !== null) settle(value);
    }
  };
}

function settleEntries(
  settle: ((value: never) => void) | undefined,
): ((values: Record<string, never>) => void) | undefined {
  if (!settle) return undefined;
  return (values) => {
    for (const value of Object.values(values)) settle(value);
  };
}
