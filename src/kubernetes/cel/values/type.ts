// The types of CEL: what the checker works out and what `type(x)` gives. At run time only a type's name counts.

export type TypeKind =
  | "any"
  | "bool"
  | "bytes"
  | "double"
  | "duration"
  | "dyn"
  | "error"
  | "int"
  | "list"
  | "map"
  | "null"
  | "opaque"
  | "string"
  | "struct"
  | "timestamp"
  | "type"
  | "typeParam"
  | "uint";

export class CelType {
  readonly kind: TypeKind;
  /** Such as "int", "list", "google.protobuf.Duration", or the name of an object's type. */
  readonly name: string;
  /** A list's item type, a map's key and value types, what a type is the type of. */
  readonly params: readonly CelType[];

  constructor(kind: TypeKind, name: string, params: readonly CelType[] = []) {
    this.kind = kind;
    this.name = name;
    this.params = params;
  }

  /** As messages at run time write it. */
  toString(): string {
    if (this.kind === "typeParam") return `<${this.name}>`;
    return this.params.length === 0 ? this.name : `${this.name}(${this.params.join(", ")})`;
  }
}

export const types = {
  any: new CelType("any", "google.protobuf.Any"),
  bool: new CelType("bool", "bool"),
  bytes: new CelType("bytes", "bytes"),
  double: new CelType("double", "double"),
  duration: new CelType("duration", "google.protobuf.Duration"),
  dyn: new CelType("dyn", "dyn"),
  error: new CelType("error", "error"),
  int: new CelType("int", "int"),
  null: new CelType("null", "null_type"),
  string: new CelType("string", "string"),
  timestamp: new CelType("timestamp", "google.protobuf.Timestamp"),
  type: new CelType("type", "type"),
  uint: new CelType("uint", "uint"),
} as const;

export function listType(items: CelType): CelType {
  return new CelType("list", "list", [items]);
}

export function mapType(keys: CelType, values: CelType): CelType {
  return new CelType("map", "map", [keys, values]);
}

export function optionalType(value: CelType): CelType {
  return new CelType("opaque", "optional_type", [value]);
}

export function objectType(name: string): CelType {
  return new CelType("struct", name);
}

export function opaqueType(name: string): CelType {
  return new CelType("opaque", name);
}

export function paramType(name: string): CelType {
  return new CelType("typeParam", name);
}

export function typeType(of: CelType): CelType {
  return new CelType("type", "type", [of]);
}

/** What `type(x)` gives for values whose parts' types are not known. */
export const runtimeTypes = {
  list: listType(types.dyn),
  map: mapType(types.dyn, types.dyn),
  optional: opaqueType("optional_type"),
} as const;

export function isDyn(type: CelType): boolean {
  return type.kind === "dyn" || type.kind === "any";
}

export function isOptional(type: CelType): boolean {
  return type.kind === "opaque" && type.name === "optional_type";
}

const SHORT_NAMES: Partial<Record<TypeKind, string>> = {
  any: "any",
  duration: "duration",
  error: "!error!",
  null: "null",
  timestamp: "timestamp",
};

/** As the checker's messages write it. */
export function formatType(type: CelType): string {
  const short = SHORT_NAMES[type.kind];
  if (short !== undefined) return short;
  if (type.params.length === 0) return type.name;
  return `${type.name}(${type.params.map(formatType).join(", ")})`;
}

export function isExactType(a: CelType, b: CelType): boolean {
  if (a === b) return true;
  if (a.kind !== b.kind || a.name !== b.name || a.params.length !== b.params.length) return false;
  return a.params.every((param, i) => isExactType(param, b.params[i]!));
}
