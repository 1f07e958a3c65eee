// The Go types behind fields, as errors name them: "[]v1.Container", "map[string]string", "v1.RestartPolicy".

import table from "../generated/go-types.json" with { type: "json" };
import type { Field, Schema } from "../schema.ts";

const named = table.named as Readonly<Record<string, string>>;
const differing = table.fields as Readonly<Record<string, Readonly<Record<string, string>>>>;

/** What Go says of a field beyond the types table. */
export interface GoField {
  readonly type: string;
  readonly via: string | undefined;
}

/** "PodSpec" of io.k8s.api.core.v1.PodSpec. */
export function goStructName(typeName: string): string {
  return typeName.slice(typeName.lastIndexOf(".") + 1);
}

/** The Go type of a schema where nothing else is known. */
export function goTypeOf(schema: Schema): string {
  switch (schema.kind) {
    case "object":
    case "any":
      return schema.name.split(".").slice(-2).join(".");
    case "list":
      return `[]${goTypeOf(schema.items)}`;
    case "map":
      return `map[string]${goTypeOf(schema.values)}`;
    case "scalar":
      return goScalars[schema.type];
  }
}

/** The Go type of a field of a named type. */
export function goFieldOf(typeName: string, { name, schema, protobuf }: Field): GoField {
  const fact = differing[typeName]?.[name] ?? ":";
  const [via = "", type = ""] = fact.includes(":") ? fact.split(":") : ["", fact];
  const isTypeMeta = protobuf === undefined && (name === "apiVersion" || name === "kind");
  return { type: type || goTypeOf(schema), via: isTypeMeta ? "TypeMeta" : via || undefined };
}

/** The type of a list's items or a map's values. */
export function goElementOf(goType: string): string {
  const type = named[goType] ?? goType;
  return type.slice(type.indexOf("]") + 1).replace(/^\*/, "");
}

const goScalars = {
  string: "string",
  boolean: "bool",
  int32: "int32",
  int64: "int64",
  double: "float64",
  bytes: "[]uint8",
  time: "v1.Time",
  "micro-time": "v1.MicroTime",
  quantity: "resource.Quantity",
  "int-or-string": "intstr.IntOrString",
} as const;
