// Makes decoders out of schemas, once per schema: for objects, lists, maps and values of free form.

import type { AnySchema, Field, ListSchema, MapSchema, ObjectSchema, Schema } from "../schema.ts";
import { schemaOf } from "../types-table.ts";
import type { DecodeContext, FieldStep } from "./context.ts";
import { goElementOf, goFieldOf, goStructName, goTypeOf } from "./go-type.ts";
import { type Decoder, scalarDecoder, zeroOf } from "./scalars.ts";

type JsonObject = Record<string, unknown>;

/** A field of an object as its decoder knows it. */
interface FieldPlan extends FieldStep {
  /** Its place among the fields of the schema. */
  readonly index: number;
  decode: Decoder;
}

const decoders = new WeakMap<Schema, Decoder>();

/** The decoder of values of a schema. */
export function decoderOf(schema: Schema): Decoder {
  const known = decoders.get(schema);
  if (known) return known;
  const decoder = compile(schema, goTypeOf(schema));
  decoders.set(schema, decoder);
  return decoder;
}

function compile(schema: Schema, goType: string): Decoder {
  switch (schema.kind) {
    case "object":
      return objectDecoder(schema, goType);
    case "list":
      return listDecoder(schema, goType);
    case "map":
      return mapDecoder(schema, goType);
    case "any":
      return anyDecoder(schema);
    case "scalar":
      return scalarDecoder(schema.type, goType);
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function objectDecoder(schema: ObjectSchema, goType: string): Decoder {
  let plans: ReadonlyMap<string, FieldPlan> | undefined;
  return (value, context) => {
    if (!isObject(value)) return context.mismatch(value, goType);
    plans ??= planFields(schema);
    return decodeFields(value, plans, context);
  };
}

function planFields(schema: ObjectSchema): Map<string, FieldPlan> {
  const plans = new Map<string, FieldPlan>();
  for (const field of schema.fields.values()) plans.set(field.name, planField(schema.name, field, plans.size));
  return plans;
}

function planField(typeName: string, field: Field, index: number): FieldPlan {
  const go = goFieldOf(typeName, field);
  const plan: FieldPlan = {
    name: field.name,
    structName: goStructName(typeName),
    via: go.via,
    index,
    decode(value, context) {
      // Types refer to each other in circles: a field's decoder is made when it is first needed.
      plan.decode = field.schema.kind === "object" ? decoderOf(field.schema) : compile(field.schema, go.type);
      return plan.decode(value, context);
    },
  };
  return plan;
}

/** A fresh object with the known fields in the schema's order; fields that are null or unknown are left out. */
function decodeFields(source: JsonObject, plans: ReadonlyMap<string, FieldPlan>, context: DecodeContext): JsonObject {
  const found: FieldPlan[] = [];
  const values: unknown[] = [];
  let inOrder = true;
  for (const key in source) {
    const plan = plans.get(key);
    if (plan === undefined) {
      context.reportUnknown(key);
      continue;
    }
    const value = source[key];
    if (value === null) continue;
    context.path.push(plan);
    const decoded = plan.decode(value, context);
    context.path.pop();
    if (decoded === undefined) continue;
    if (found.length > 0 && found[found.length - 1]!.index > plan.index) inOrder = false;
    found.push(plan);
    values.push(decoded);
  }
  if (!inOrder) sortByIndex(found, values);
  const result: JsonObject = {};
  for (let at = 0; at < found.length; at++) result[found[at]!.name] = values[at];
  return result;
}

/** Sorts a few plans and their values by insertion. */
function sortByIndex(plans: FieldPlan[], values: unknown[]): void {
  for (let next = 1; next < plans.length; next++) {
    const plan = plans[next]!;
    const value = values[next];
    let at = next;
    for (; at > 0 && plans[at - 1]!.index > plan.index; at--) {
      plans[at] = plans[at - 1]!;
      values[at] = values[at - 1];
    }
    plans[at] = plan;
    values[at] = value;
  }
}

function listDecoder(schema: ListSchema, goType: string): Decoder {
  const decodeItem = elementDecoder(schema.items, goType);
  return (value, context) => {
    if (!Array.isArray(value)) return context.mismatch(value, goType);
    for (let index = 0; index < value.length; index++) {
      context.path.push(index);
      value[index] = decodeItem(value[index], context);
      context.path.pop();
    }
    return value;
  };
}

function mapDecoder(schema: MapSchema, goType: string): Decoder {
  const decodeValue = elementDecoder(schema.values, goType);
  return (value, context) => {
    if (!isObject(value)) return context.mismatch(value, goType);
    for (const key in value) {
      context.path.push(key);
      const before = value[key];
      const decoded = decodeValue(before, context);
      if (decoded !== before) value[key] = decoded;
      context.path.pop();
    }
    return value;
  };
}

/** Decodes items of lists and values of maps, where null is Go's zero value. */
function elementDecoder(schema: Schema, goType: string): Decoder {
  let decode: Decoder | undefined;
  return (value, context) => {
    if (value === null) return zeroElement(schema);
    decode ??= schema.kind === "object" ? decoderOf(schema) : compile(schema, goElementOf(goType));
    return decode(value, context);
  };
}

function zeroElement(schema: Schema): unknown {
  if (schema.kind === "scalar") return zeroOf(schema.type);
  if (schema.kind === "list") return [];
  return schema.kind === "any" ? null : {};
}

/** Values of free form are kept as they came; but a JSONSchemaPropsOr… holds schemas, whose unknown fields go. */
function anyDecoder(schema: AnySchema): Decoder {
  if (!schema.name.includes(".JSONSchemaPropsOr")) return (value) => value;
  const props = schemaOf(schema.name.replace(/Or(Array|Bool|StringArray)$/, ""));
  return (value, context) => {
    context.quiet++;
    const decoded = decodeSchemaProps(value, schema.name, decoderOf(props), context);
    context.quiet--;
    return decoded;
  };
}

function decodeSchemaProps(value: unknown, name: string, decodeProps: Decoder, context: DecodeContext): unknown {
  if (isObject(value)) return decodeProps(value, context);
  if (name.endsWith("OrBool"))
    return typeof value === "boolean" ? value : context.fail("boolean or JSON schema expected");
  if (!Array.isArray(value)) return undefined;
  return name.endsWith("OrStringArray")
    ? value.map((item) => (typeof item === "string" ? item : context.mismatch(item, "string")))
    : value.map((item) => (isObject(item) ? decodeProps(item, context) : context.mismatch(item, "v1.JSONSchemaProps")));
}
