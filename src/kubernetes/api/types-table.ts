// The schemas of all built-in types, made from the generated table on first use. Answers "what shape has a Pod?".

import typesTable from "./generated/types.json" with { type: "json" };
import type { AnySchema, Field, ListSchema, ObjectSchema, PatchStrategy, ScalarType, Schema, Union } from "./schema.ts";

interface TableField {
  readonly t: string;
  readonly n?: number;
  readonly p?: string;
  readonly req?: boolean;
  readonly list?: ListSchema["structure"];
  readonly keys?: readonly string[];
  readonly map?: "granular" | "atomic";
  readonly patch?: string;
  readonly mergeKey?: string;
  readonly default?: unknown;
}

interface TableType {
  readonly fields?: Readonly<Record<string, TableField>>;
  readonly scalar?: string;
  readonly map?: "granular" | "atomic";
  readonly unions?: readonly { discriminator?: string; "fields-to-discriminateBy": Record<string, string> }[];
  readonly gvk?: readonly (readonly [group: string, version: string, kind: string])[];
}

const table = typesTable as unknown as Readonly<Record<string, TableType>>;
const schemas = new Map<string, Schema>();
let namesByKind: Map<string, string> | undefined;

/** The schema of a type by its OpenAPI name. Throws for a name the table does not have. */
export function schemaOf(name: string): Schema {
  const known = schemas.get(name);
  if (known) return known;
  const type = table[name];
  if (!type) throw new Error(`Cannot find the type "${name}": the types table has no such name`);
  const schema = namedScalar(name) ?? (type.fields ? objectSchema(name, type, type.fields) : emptyOrAny(name, type));
  schemas.set(name, schema);
  return schema;
}

/** The schema of a built-in kind, or undefined for one the table does not have. */
export function schemaOfKind(group: string, version: string, kind: string): ObjectSchema | undefined {
  const name = typeNameOfKind(group, version, kind);
  const schema = name === undefined ? undefined : schemaOf(name);
  return schema?.kind === "object" ? schema : undefined;
}

/** The OpenAPI name of a built-in kind, such as io.k8s.api.core.v1.Pod. */
export function typeNameOfKind(group: string, version: string, kind: string): string | undefined {
  namesByKind ??= indexKinds();
  return namesByKind.get(`${group}/${version}/${kind}`);
}

/** The names of all types in the table. */
export function typeNames(): readonly string[] {
  return Object.keys(table);
}

/** The group, version, kind triples a type is known by; several for types such as DeleteOptions. */
export function kindsOfType(name: string): readonly (readonly [group: string, version: string, kind: string])[] {
  return table[name]?.gvk ?? [];
}

function indexKinds(): Map<string, string> {
  const index = new Map<string, string>();
  for (const [name, type] of Object.entries(table)) {
    for (const [group, version, kind] of type.gvk ?? []) index.set(`${group}/${version}/${kind}`, name);
  }
  return index;
}

function objectSchema(name: string, type: TableType, tableFields: Readonly<Record<string, TableField>>): ObjectSchema {
  const fields = new Map<string, Field>();
  for (const [fieldName, field] of Object.entries(tableFields))
    fields.set(fieldName, new TableDrivenField(fieldName, field));
  const unions = type.unions?.map(readUnion);
  return {
    kind: "object",
    name,
    fields,
    structure: type.map ?? "granular",
    preserveUnknown: false,
    ...(unions && { unions }),
  };
}

function readUnion(union: { discriminator?: string; "fields-to-discriminateBy": Record<string, string> }): Union {
  const members = union["fields-to-discriminateBy"];
  return union.discriminator === undefined ? { members } : { discriminator: union.discriminator, members };
}

/** A table type without fields: a message that is really empty, or one that holds free-form JSON. */
function emptyOrAny(name: string, type: TableType): Schema {
  const free = [
    "FieldsV1",
    "RawExtension",
    "JSON",
    "JSONSchemaPropsOrArray",
    "JSONSchemaPropsOrBool",
    "JSONSchemaPropsOrStringArray",
  ];
  if (free.some((word) => name.endsWith(`.${word}`))) {
    return { kind: "any", shape: type.scalar === "any" ? "any" : "object", name } satisfies AnySchema;
  }
  return { kind: "object", name, fields: new Map(), structure: type.map ?? "granular", preserveUnknown: false };
}

function namedScalar(name: string): Schema | undefined {
  const types: Readonly<Record<string, ScalarType>> = {
    "io.k8s.apimachinery.pkg.api.resource.Quantity": "quantity",
    "io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime": "micro-time",
    "io.k8s.apimachinery.pkg.apis.meta.v1.Time": "time",
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString": "int-or-string",
  };
  const type = types[name];
  return type && { kind: "scalar", type };
}

/** Looks its type up on first use, since types refer to each other in circles. */
class TableDrivenField implements Field {
  readonly name: string;
  readonly required: boolean;
  readonly protobuf?: { number: number; declaration: string };
  readonly patch?: { strategies: readonly PatchStrategy[]; mergeKey?: string };
  readonly default?: unknown;
  readonly #field: TableField;
  #schema: Schema | undefined;

  constructor(name: string, field: TableField) {
    this.name = name;
    this.required = field.req ?? false;
    this.#field = field;
    if (field.n !== undefined) this.protobuf = { number: field.n, declaration: field.p ?? "" };
    if (field.patch !== undefined) {
      const strategies = field.patch.split(",") as PatchStrategy[];
      this.patch = field.mergeKey === undefined ? { strategies } : { strategies, mergeKey: field.mergeKey };
    }
    if ("default" in field) this.default = field.default;
  }

  get schema(): Schema {
    this.#schema ??= readType(this.#field.t, this.#field);
    return this.#schema;
  }
}

/** Reads a type expression: "[]X" a list, "map:X" a map, a dotted name another type, else a scalar such as "integer:int32". */
function readType(text: string, field: TableField | undefined): Schema {
  if (text.startsWith("[]")) {
    return {
      kind: "list",
      items: readType(text.slice(2), undefined),
      structure: field?.list ?? "atomic",
      keys: field?.keys ?? [],
    };
  }
  if (text.startsWith("map:")) {
    return { kind: "map", values: readType(text.slice("map:".length), undefined), structure: field?.map ?? "granular" };
  }
  if (text.startsWith("io.k8s.")) return withStructure(schemaOf(text), field?.map);
  return { kind: "scalar", type: readScalar(text) };
}

/** A field may say otherwise than its type who owns it: PersistentVolumeSpec.claimRef does. */
function withStructure(schema: Schema, structure: "granular" | "atomic" | undefined): Schema {
  if (structure === undefined || schema.kind !== "object" || schema.structure === structure) return schema;
  return { ...schema, structure };
}

function readScalar(text: string): ScalarType {
  const types: Readonly<Record<string, ScalarType>> = {
    string: "string",
    boolean: "boolean",
    "integer:int32": "int32",
    "integer:int64": "int64",
    "number:double": "double",
    "string:byte": "bytes",
  };
  const type = types[text];
  if (!type) throw new Error(`Cannot read the types table: unknown type expression "${text}"`);
  return type;
}
