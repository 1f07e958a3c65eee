// Objects to protobuf messages and back, by schema. Fields that have no number, apiVersion and kind, are left to the envelope.

import type { ObjectSchema } from "../schema.ts";
import { type Message, readMessage, writeMessage } from "./message.ts";
import { planOf } from "./message-plan.ts";
import { ProtobufReader } from "./reader.ts";
import { ProtobufWriter } from "./writer.ts";

// Encoding is never interrupted, so one buffer serves all of it.
const writer = new ProtobufWriter();

/** The message of an object of a built-in type. What the schema does not know is left out. */
export function encodeMessage(schema: ObjectSchema, object: object): Buffer {
  return collect(() => writeMessage(writer, planOf(schema), object as Message));
}

/** Reads a message as the API would answer it in JSON. Throws CodecError. */
export function decodeMessage(schema: ObjectSchema, bytes: Uint8Array): Record<string, unknown> {
  const object: Message = {};
  readMessage(new ProtobufReader(bytes), planOf(schema), object);
  return object;
}

/** The bytes that `write` writes, last first. */
export function collect(write: (writer: ProtobufWriter) => void): Buffer {
  const mark = writer.written;
  try {
    write(writer);
    return writer.takeFrom(mark);
  } catch (error) {
    writer.rewind(mark);
    throw error;
  }
}
