// What a schema says of the fields a strategic merge patch names: their schema, how they merge, by which key. Upstream reads
// the same from its Go types' tags, hence the words of the errors.

import { quote } from "../go-format.ts";
import type { ObjectSchema, PatchStrategy, Schema } from "../schema.ts";
import { unforeseen } from "./patch-errors.ts";

/** How one field merges. */
export interface PatchField {
  readonly schema: Schema;
  /** retainKeys apart: it says how clients make patches, not how they are applied. */
  readonly strategy: Exclude<PatchStrategy, "retainKeys"> | undefined;
  readonly mergeKey: string;
}

/** Looks a field up as Go's JSON does: by its exact name, else without regard to case. Throws when there is none. */
export function patchFieldOf(schema: Schema, name: string): PatchField {
  if (schema.kind !== "object" && schema.kind !== "any") {
    const kind = { map: "map", list: "slice", scalar: "string" }[schema.kind];
    throw unforeseen(`merging an object in json but data type is not struct, instead is: ${kind}`);
  }
  const field = schema.kind === "object" ? findField(schema, name) : undefined;
  if (!field) {
    const type = schema.name.slice(schema.name.lastIndexOf(".") + 1);
    throw unforeseen(`unable to find api field in struct ${type} for the json field ${quote(name)}`);
  }
  const strategy = field.patch?.strategies.find((one) => one !== "retainKeys");
  return { schema: field.schema, strategy, mergeKey: field.patch?.mergeKey ?? "" };
}

/** The schema of a list field's items. */
export function itemSchemaOf(schema: Schema): Schema {
  if (schema.kind === "list") return schema.items;
  throw unforeseen(`expected slice or array type, but got: ${schema.kind === "map" ? "map" : "struct"}`);
}

function findField(schema: ObjectSchema, name: string): ReturnType<ObjectSchema["fields"]["get"]> {
  const exact = schema.fields.get(name);
  if (exact) return exact;
  const folded = name.toLowerCase();
  for (const field of schema.fields.values()) if (field.name.toLowerCase() === folded) return field;
  return undefined;
}
