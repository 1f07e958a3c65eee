// Protobuf for gRPC, driven by tables: a message is a record of fields, a field its number and type. The TypeScript types of
// messages are derived from the same tables, so a field is written down once. Knows nothing of any one service.

import { compileMessage, type MessageType, type ScalarTypes, type Values } from "./message-type.ts";
import { Reader, readMessage } from "./reader.ts";
import type { ProtocolSpec } from "./spec.ts";
import { Writer, writeMessage } from "./writer.ts";

/** What is sent: every field may be left out. */
export type Sent<P extends ProtocolSpec, T extends string> = T extends `[]${infer Item}`
  ? readonly Sent<P, Item>[]
  : T extends keyof ScalarTypes
    ? ScalarTypes[T]
    : T extends keyof P["enums"]
      ? P["enums"][T][number]
      : T extends keyof P["messages"]
        ? { readonly [F in keyof P["messages"][T]]?: Sent<P, P["messages"][T][F][1]> | undefined }
        : never;

/** What is received: absent scalars, lists and maps are their zero value; absent messages are undefined. */
export type Received<P extends ProtocolSpec, T extends string> = T extends `[]${infer Item}`
  ? readonly Received<P, Item>[]
  : T extends keyof ScalarTypes
    ? ScalarTypes[T]
    : T extends keyof P["enums"]
      ? P["enums"][T][number]
      : T extends keyof P["messages"]
        ? {
            readonly [F in keyof P["messages"][T]]: P["messages"][T][F][1] extends keyof P["messages"]
              ? Received<P, P["messages"][T][F][1]> | undefined
              : Received<P, P["messages"][T][F][1]>;
          }
        : never;

export interface Codec<P extends ProtocolSpec> {
  /** The bytes of a message. Throws for a name that is not in the table. */
  encode<T extends keyof P["messages"] & string>(message: T, value: Sent<P, T>): Buffer;
  /** Reads a message; fields not in the table are skipped. Throws RangeError for bytes that end too early. */
  decode<T extends keyof P["messages"] & string>(message: T, bytes: Uint8Array): Received<P, T>;
}

/** A codec for the messages of `protocol`. */
export function createCodec<P extends ProtocolSpec>(protocol: P): Codec<P> {
  const types = new Map<string, MessageType>();
  const typeOf = (name: string): MessageType => {
    let type = types.get(name);
    if (!type) {
      type = compileMessage(name, protocol, typeOf);
      types.set(name, type);
    }
    return type;
  };
  return {
    encode(message, value) {
      const writer = new Writer();
      writeMessage(writer, typeOf(message), value as Values);
      return writer.finish();
    },
    decode(message, bytes) {
      const reader = new Reader(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
      return readMessage(reader, typeOf(message), bytes.byteLength) as never;
    },
  };
}
