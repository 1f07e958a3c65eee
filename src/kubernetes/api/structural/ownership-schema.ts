// A structural schema as server-side apply sees it: which fields are owned one by one, which lists are sets or maps.

import type { Field, ListSchema, ObjectSchema, ScalarSchema, ScalarType, Schema } from "../schema.ts";
import { schemaOf } from "../types-table.ts";
import { additionalOf, itemsOf, type JsonSchema } from "./json-schema.ts";

/** The shape of a custom resource's objects. `schema` is absent where nothing was ever said of them. */
export function ownershipSchemaOf(schema: JsonSchema | undefined, preserveUnknown = false): ObjectSchema {
  const declared = schema?.properties ?? {};
  const fields = new Map<string, Field>(metadataFields());
  const keepsUnknown = preserveUnknown || !schema || schema["x-kubernetes-preserve-unknown-fields"] === true;
  for (const [name, property] of Object.entries(declared)) {
    if (!fields.has(name)) fields.set(name, new DeclaredField(name, property, keepsUnknown));
  }
  return { kind: "object", name: "", fields, structure: "granular", preserveUnknown: keepsUnknown };
}

const text: ScalarSchema = { kind: "scalar", type: "string" };
const anything: Schema = { kind: "any", shape: "any", name: "" };

function metadataFields(): [string, Field][] {
  const metadata = schemaOf("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta");
  return [
    ["apiVersion", { name: "apiVersion", schema: text, required: false }],
    ["kind", { name: "kind", schema: text, required: false }],
    ["metadata", { name: "metadata", schema: metadata, required: false }],
  ];
}

/** Makes its schema on first use: of most custom resources few are ever asked for. */
class DeclaredField implements Field {
  readonly name: string;
  readonly required = false;
  readonly default?: unknown;
  readonly #declared: JsonSchema;
  readonly #keepsUnknown: boolean;
  #schema: Schema | undefined;

  constructor(name: string, declared: JsonSchema, keepsUnknown: boolean) {
    this.name = name;
    this.#declared = declared;
    this.#keepsUnknown = keepsUnknown;
    if (declared.default !== undefined) this.default = declared.default;
  }

  get schema(): Schema {
    this.#schema ??= shapeOf(this.#declared, this.#keepsUnknown);
    return this.#schema;
  }
}

const scalars: Readonly<Record<string, ScalarType>> = {
  string: "string",
  integer: "int64",
  number: "double",
  boolean: "boolean",
};

/** `inherited`: a schema above keeps unknown fields, hence so do all below it. */
function shapeOf(schema: JsonSchema, inherited: boolean): Schema {
  const keepsUnknown = inherited || schema["x-kubernetes-preserve-unknown-fields"] === true;
  if (schema["x-kubernetes-int-or-string"]) return { kind: "scalar", type: "int-or-string" };
  const scalar = scalars[schema.type ?? ""];
  if (scalar) return { kind: "scalar", type: scalar };
  if (schema.type === "array") return listOf(schema, keepsUnknown);
  return schema.type === "object" || schema.properties ? recordOf(schema, keepsUnknown) : anything;
}

function listOf(schema: JsonSchema, keepsUnknown: boolean): ListSchema {
  const type = schema["x-kubernetes-list-type"];
  const items = itemsOf(schema);
  return {
    kind: "list",
    items: items ? shapeOf(items, keepsUnknown) : anything,
    structure: type === "set" || type === "map" ? type : "atomic",
    keys: type === "map" ? (schema["x-kubernetes-list-map-keys"] ?? []) : [],
  };
}

function recordOf(schema: JsonSchema, keepsUnknown: boolean): Schema {
  const structure = schema["x-kubernetes-map-type"] === "atomic" ? "atomic" : "granular";
  const declared = Object.entries(schema.properties ?? {});
  const additional = additionalOf(schema);
  if (declared.length === 0 && additional) {
    return { kind: "map", values: shapeOf(additional, keepsUnknown), structure };
  }
  const fields = new Map<string, Field>(schema["x-kubernetes-embedded-resource"] ? metadataFields() : []);
  for (const [name, property] of declared) {
    if (!fields.has(name)) fields.set(name, new DeclaredField(name, property, keepsUnknown));
  }
  const isOpen = keepsUnknown || declared.length === 0 || schema.additionalProperties === true;
  return { kind: "object", name: "", fields, structure, preserveUnknown: isOpen };
}
