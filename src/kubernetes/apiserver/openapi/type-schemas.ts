// The types table as OpenAPI schemas, in the dialect of either version of the specification. They say what kubectl and other
// clients go by: fields, types, how lists and maps merge, which values there are, and in a few words what it all means.

import { type Field, kindsOfType, type ScalarType, type Schema, schemaOf, valuesOfField } from "#kubernetes/api";
import { describeField } from "./descriptions/fields.ts";
import { describeType } from "./descriptions/kinds.ts";

/** An OpenAPI schema, as JSON. */
export type JsonSchema = Record<string, unknown>;

export type Dialect = "v2" | "v3";

const prefixes = { v2: "#/definitions/", v3: "#/components/schemas/" } as const;

/** Types the documents need that no kind refers to. */
const free: Readonly<Record<string, JsonSchema>> = {
  "io.k8s.apimachinery.pkg.apis.meta.v1.Patch": { type: "object" },
};

export function reference(typeName: string, dialect: Dialect): JsonSchema {
  return { $ref: prefixes[dialect] + typeName };
}

/** The schemas of the named types and of all they refer to, by name, in order. */
export function collectTypes(names: Iterable<string>, dialect: Dialect): Record<string, JsonSchema> {
  const found = new Map<string, JsonSchema>();
  const waiting = [...names];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (found.has(name)) continue;
    const writer = new TypeWriter(dialect);
    found.set(name, free[name] ?? writer.writeType(name));
    waiting.push(...writer.referred);
  }
  return Object.fromEntries([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}

class TypeWriter {
  /** Names met on the way. */
  readonly referred = new Set<string>();
  readonly #dialect: Dialect;

  constructor(dialect: Dialect) {
    this.#dialect = dialect;
  }

  writeType(name: string): JsonSchema {
    const description = describeType(name);
    return { ...(description !== undefined && { description }), ...this.#writeShape(name) };
  }

  #writeShape(name: string): JsonSchema {
    const schema = schemaOf(name);
    if (schema.kind === "scalar") return scalarType(schema.type, this.#dialect);
    if (schema.kind !== "object") return schema.kind === "any" && schema.shape === "any" ? {} : { type: "object" };
    const fields = [...schema.fields.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    const required = [...schema.fields.values()].filter((field) => field.required).map((field) => field.name);
    const kinds = kindsOfType(name).map(([group, version, kind]) => ({ group, kind, version }));
    return {
      type: "object",
      ...(required.length > 0 && { required }),
      ...(fields.length > 0 && {
        properties: Object.fromEntries(fields.map((field) => [field.name, this.#writeField(name, field)])),
      }),
      ...(kinds.length > 0 && { "x-kubernetes-group-version-kind": kinds }),
      ...(schema.structure === "atomic" && { "x-kubernetes-map-type": "atomic" }),
      ...(schema.unions && {
        "x-kubernetes-unions": schema.unions.map(({ discriminator, members }) => ({
          ...(discriminator !== undefined && { discriminator }),
          "fields-to-discriminateBy": members,
        })),
      }),
    };
  }

  #writeField(typeName: string, { name, schema, patch, default: given }: Field): JsonSchema {
    const written = limit(this.#write(schema), valuesOfField(typeName, name));
    const description = describeField(typeName, name);
    const extras = {
      ...(description !== undefined && { description }),
      ...(given !== undefined && { default: given }),
      ...(patch?.mergeKey !== undefined && { "x-kubernetes-patch-merge-key": patch.mergeKey }),
      ...(patch && { "x-kubernetes-patch-strategy": patch.strategies.join(",") }),
    };
    // Beside a reference other words do not count in version 3.
    if (this.#dialect === "v3" && "$ref" in written) return { ...extras, allOf: [written] };
    return { ...written, ...extras };
  }

  #write(schema: Schema): JsonSchema {
    switch (schema.kind) {
      case "list":
        return {
          type: "array",
          items: this.#write(schema.items),
          ...(schema.keys.length > 0 && { "x-kubernetes-list-map-keys": schema.keys }),
          "x-kubernetes-list-type": schema.structure,
        };
      case "map":
        return {
          type: "object",
          additionalProperties: this.#write(schema.values),
          ...(schema.structure === "atomic" && { "x-kubernetes-map-type": "atomic" }),
        };
      case "scalar": {
        const named = namedScalars[schema.type];
        return named === undefined ? scalarType(schema.type, this.#dialect) : this.#refer(named);
      }
      default:
        return schema.name === "" ? { type: "object" } : this.#refer(schema.name);
    }
  }

  #refer(name: string): JsonSchema {
    this.referred.add(name);
    return reference(name, this.#dialect);
  }
}

function limit(schema: JsonSchema, values: readonly string[] | undefined): JsonSchema {
  if (!values) return schema;
  return schema["items"]
    ? { ...schema, items: { ...(schema["items"] as object), enum: values } }
    : { ...schema, enum: values };
}

const namedScalars: Readonly<Partial<Record<ScalarType, string>>> = {
  quantity: "io.k8s.apimachinery.pkg.api.resource.Quantity",
  "int-or-string": "io.k8s.apimachinery.pkg.util.intstr.IntOrString",
  time: "io.k8s.apimachinery.pkg.apis.meta.v1.Time",
  "micro-time": "io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime",
};

function scalarType(type: ScalarType, dialect: Dialect): JsonSchema {
  switch (type) {
    case "string":
    case "boolean":
      return { type };
    case "int32":
    case "int64":
      return { type: "integer", format: type };
    case "double":
      return { type: "number", format: "double" };
    case "bytes":
      return { type: "string", format: "byte" };
    case "time":
    case "micro-time":
      return { type: "string", format: "date-time" };
    case "quantity":
      return dialect === "v2" ? { type: "string" } : { oneOf: [{ type: "string" }, { type: "number" }] };
    case "int-or-string":
      return dialect === "v2"
        ? { type: "string", format: "int-or-string" }
        : { format: "int-or-string", oneOf: [{ type: "integer" }, { type: "string" }] };
  }
}
