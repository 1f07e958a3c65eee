// What an empty object of a built-in kind looks like in JSON: Go encodes fields that are structs, or that are not marked
// omitempty, even when nothing was set. An update that creates an object is compared with this, so such fields count as
// there from the start. The table is read off the Go types of upstream's API (k8s.io/api and its siblings at 1.36).

import { isObject, type JsonObject } from "../../patch/json-value.ts";
import type { ObjectSchema, Schema } from "../../schema.ts";
import table from "./generated/zero-fields.json" with { type: "json" };

/** By type: the fields an empty value has; {} stands for the empty value of the field's own type. */
const zeroFields: Readonly<Record<string, JsonObject>> = table;

const zeroObjects = new WeakMap<Schema, JsonObject>();

/** The empty object of a kind; {} for a custom resource. Shared: not to be changed. */
export function zeroObjectOf(schema: Schema): JsonObject {
  let zero = zeroObjects.get(schema);
  if (!zero) {
    zero = schema.kind === "object" ? makeZero(schema) : {};
    zeroObjects.set(schema, zero);
  }
  return zero;
}

function makeZero(schema: ObjectSchema): JsonObject {
  const zero: { [name: string]: unknown } = {};
  for (const [name, value] of Object.entries(zeroFields[schema.name] ?? {})) {
    const field = schema.fields.get(name)?.schema;
    zero[name] = isObject(value) && field ? zeroObjectOf(field) : value;
  }
  return zero;
}
