// PartialObjectMetadata and its list: what the API answers to those who want metadata only. No table of upstream's lists their
// shape, since they have no OpenAPI of their own.

import type { Field, ObjectSchema, Schema } from "./schema.ts";
import { schemaOf } from "./types-table.ts";

const metaV1 = "io.k8s.apimachinery.pkg.apis.meta.v1";

export const partialObjectMetadata: ObjectSchema = define("PartialObjectMetadata", () => ({
  metadata: schemaOf(`${metaV1}.ObjectMeta`),
}));

export const partialObjectMetadataList: ObjectSchema = define("PartialObjectMetadataList", () => ({
  metadata: schemaOf(`${metaV1}.ListMeta`),
  items: { kind: "list", items: partialObjectMetadata, structure: "atomic", keys: [] },
}));

/** `fields` in the order of their numbers; apiVersion and kind come first. */
function define(name: string, fields: () => Readonly<Record<string, Schema>>): ObjectSchema {
  const text: Schema = { kind: "scalar", type: "string" };
  const all: Field[] = ["apiVersion", "kind"].map((field) => ({ name: field, schema: text, required: false }));
  for (const [index, [field, schema]] of Object.entries(fields()).entries()) {
    const declaration = schema.kind === "list" ? "repeated" : "optional";
    all.push({ name: field, schema, required: false, protobuf: { number: index + 1, declaration } });
  }
  return {
    kind: "object",
    name: `${metaV1}.${name}`,
    fields: new Map(all.map((field) => [field.name, field])),
    structure: "granular",
    preserveUnknown: false,
  };
}
