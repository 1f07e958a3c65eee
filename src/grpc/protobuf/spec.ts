// How a protocol is written down: its messages and enums as tables.

/** A field's number and type: a scalar, "map" (string to string), "bytesMap" (string to bytes), the name of an enum or message, or "[]" and one of these. */
export type FieldSpec = readonly [number: number, type: string];
export type MessageSpec = Readonly<Record<string, FieldSpec>>;

/** The messages and enums of one protocol. An enum is its values' names, in the order of their numbers. */
export interface ProtocolSpec {
  readonly messages: Readonly<Record<string, MessageSpec>>;
  readonly enums: Readonly<Record<string, readonly string[]>>;
}
