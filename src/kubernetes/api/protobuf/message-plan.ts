// Makes the tables of messages out of the schemas of the types table, once per type.

import emptyTable from "../generated/empty-values.json" with { type: "json" };
import pathTable from "../generated/protobuf-paths.json" with { type: "json" };
import type { Field, ObjectSchema, Schema } from "../schema.ts";
import { schemaOf } from "../types-table.ts";
import { planEmbedded, planList, planMap, planSingle, type TaggedPlan } from "./field-plans.ts";
import { type FieldPlan, type MessagePlan, messageCodec } from "./message.ts";
import { objectOrBoolCodec, objectOrListCodec, wrappedListCodec } from "./union-codecs.ts";
import { jsonCodec, scalarCodecs, type ValueCodec } from "./value-codec.ts";

const paths = pathTable as unknown as Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>;
const emptyValues = emptyTable as unknown as Readonly<
  Record<string, { readonly keep?: readonly string[]; readonly write?: Readonly<Record<string, unknown>> }>
>;
const plans = new WeakMap<ObjectSchema, MessagePlan>();

/** The table of a type's message. */
export function planOf(schema: ObjectSchema): MessagePlan {
  const known = plans.get(schema);
  if (known) return known;
  const fields = [...schema.fields.values()].map((field) => ({ field, path: pathOf(schema.name, field) }));
  const plan = planMessage(fields, schema.name);
  plans.set(schema, plan);
  return plan;
}

/** A field and the numbers that lead to it: those of the embedded messages it lies in, then its own. */
interface NumberedField {
  readonly field: Field;
  readonly path: readonly number[];
}

/** Empty for apiVersion and kind, which travel in the envelope. */
function pathOf(typeName: string, field: Field): readonly number[] {
  return paths[typeName]?.[field.name] ?? (field.protobuf ? [field.protobuf.number] : []);
}

function planMessage(fields: readonly NumberedField[], typeName: string): MessagePlan {
  const byTag: (FieldPlan | undefined)[] = [];
  const byName = new Map<string, FieldPlan>();
  for (const [number, members] of Map.groupBy(fields, ({ path }) => path[0])) {
    if (number === undefined) continue;
    const { plan, tags } = planNumber(number, members, typeName);
    for (const [tag, reading] of tags) byTag[tag] = reading;
    for (const { field } of members) byName.set(field.name, plan);
  }
  return { byTag, byName };
}

/** What travels under one number: a field, or an embedded message with several. */
function planNumber(number: number, members: readonly NumberedField[], typeName: string): TaggedPlan {
  const [only] = members;
  if (only && only.path.length === 1) return planField(only.field, number, typeName);
  const inner = members.map(({ field, path }) => ({ field, path: path.slice(1) }));
  return planEmbedded(number, planMessage(inner, typeName));
}

function planField({ name, schema, protobuf }: Field, number: number, typeName: string): TaggedPlan {
  if (schema.kind === "map") return planMap(name, number, codecOf(schema.values));
  const isWrapped = protobuf?.declaration.startsWith("optional");
  if (schema.kind === "list" && !isWrapped) return planList(name, number, codecOf(schema.items));
  return planSingle(name, number, codecOf(schema), schema.kind !== "scalar" || keepsZero(typeName, name));
}

/**
 * The wire does not tell a zero that was set from one that was not: upstream always writes fields without a Go pointer behind
 * them. So a zero counts where there is a pointer, or where answers show the field even if zero.
 */
function keepsZero(typeName: string, field: string): boolean {
  const { keep = [], write = {} } = emptyValues[typeName] ?? {};
  return keep.includes(field) || field in write;
}

function codecOf(schema: Schema): ValueCodec {
  switch (schema.kind) {
    case "scalar":
      return scalarCodecs[schema.type];
    case "any":
      return schema.name.includes(".JSONSchemaPropsOr") ? schemaPropsCodec(schema.name) : jsonCodec;
    case "object":
      return messageCodec(() => planOf(schema));
    case "list":
      return wrappedListCodec(codecOf(schema.items));
    case "map":
      throw new Error("Cannot encode a map inside a list or a map: upstream has none");
  }
}

function schemaPropsCodec(name: string): ValueCodec {
  const props = schemaOf(name.replace(/Or(Array|Bool|StringArray)$/, "")) as ObjectSchema;
  const codec = messageCodec(() => planOf(props));
  if (name.endsWith("OrBool")) return objectOrBoolCodec(codec);
  return objectOrListCodec(codec, name.endsWith("OrStringArray") ? scalarCodecs.string : codec);
}
