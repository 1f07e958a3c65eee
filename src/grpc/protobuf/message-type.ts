// A message's table made ready for reading and writing: what each field is, found by name and by number.

import type { ProtocolSpec } from "./spec.ts";

/** The scalars there are, by the names the tables use. */
export interface ScalarTypes {
  string: string;
  bool: boolean;
  int32: number;
  uint32: number;
  /** A number: beyond 2^53 (nanoseconds since the epoch) the last digits are rounded. */
  int64: number;
  uint64: number;
  double: number;
  bytes: Uint8Array;
  map: Readonly<Record<string, string>>;
  bytesMap: Readonly<Record<string, Uint8Array>>;
}

export type Values = Readonly<Record<string, unknown>>;

export interface MessageType {
  readonly fields: readonly FieldType[];
  readonly byNumber: ReadonlyMap<number, FieldType>;
}

export interface FieldType {
  readonly name: string;
  readonly number: number;
  readonly repeated: boolean;
  readonly kind: ScalarKind;
  readonly enumNames: readonly string[];
  message(): MessageType;
}

export type ScalarKind = keyof ScalarTypes | "enum" | "message";

const scalarKinds = new Set<string>([
  "string",
  "bool",
  "int32",
  "uint32",
  "int64",
  "uint64",
  "double",
  "bytes",
  "map",
  "bytesMap",
] satisfies (keyof ScalarTypes)[]);

/** Makes the table of one message ready; `typeOf` finds the others it refers to. Throws for an unknown name. */
export function compileMessage(
  name: string,
  protocol: ProtocolSpec,
  typeOf: (name: string) => MessageType,
): MessageType {
  const spec = protocol.messages[name];
  if (!spec) throw new Error(`Cannot encode or decode "${name}": the protocol has no such message`);
  const fields = Object.entries(spec).map(([fieldName, [number, type]]): FieldType => {
    const repeated = type.startsWith("[]");
    const item = repeated ? type.slice(2) : type;
    const enumNames = protocol.enums[item];
    const kind = scalarKinds.has(item) ? (item as ScalarKind) : enumNames ? "enum" : "message";
    return { name: fieldName, number, repeated, kind, enumNames: enumNames ?? [], message: () => typeOf(item) };
  });
  return { fields, byNumber: new Map(fields.map((field) => [field.number, field])) };
}

/** The wire type: 0 varint, 1 eight bytes, 2 bytes with a length before them. */
export function wireTypeOf(kind: ScalarKind): 0 | 1 | 2 {
  if (kind === "double") return 1;
  return kind === "string" || kind === "bytes" || kind === "message" || isMap(kind) ? 2 : 0;
}

export function isMap(kind: ScalarKind): kind is "map" | "bytesMap" {
  return kind === "map" || kind === "bytesMap";
}

/** Whether a list of these is one run of values. */
export function isPacked(kind: ScalarKind): boolean {
  return wireTypeOf(kind) !== 2;
}
