// The envelope of objects in protobuf: four bytes that tell the format, then a runtime.Unknown with apiVersion, kind and message.

import { formatApiVersion } from "../resource.ts";
import type { ObjectSchema } from "../schema.ts";
import { collect } from "./codec.ts";
import { type Message, writeMessage } from "./message.ts";
import { planOf } from "./message-plan.ts";
import { ProtobufError, ProtobufReader, wireBytes } from "./reader.ts";
import { message, tagOf } from "./value-codec.ts";
import type { ProtobufWriter } from "./writer.ts";

const magic = Buffer.from("k8s\0");

export interface Envelope {
  readonly apiVersion: string;
  readonly kind: string;
  /** The message of the object; a view of the bytes given. */
  readonly raw: Uint8Array;
}

/** Encodes an object of a built-in type in its envelope. */
export function encodeEnvelope(
  schema: ObjectSchema,
  kind: { group: string; version: string; kind: string },
  object: object,
): Buffer {
  return collect((writer) => {
    writeText(writer, 4, "");
    writeText(writer, 3, "");
    const mark = writer.written;
    writeMessage(writer, planOf(schema), object as Message);
    writer.writeLengthSince(mark);
    writer.writeVarint(tagOf(2, wireBytes));
    typeMeta.write(writer, { apiVersion: formatApiVersion(kind), kind: kind.kind } as never);
    writer.writeVarint(tagOf(1, wireBytes));
    writer.writeRaw(magic);
  });
}

/** Tells bytes in the envelope from all else. */
export function isEnvelope(bytes: Uint8Array): boolean {
  return magic.equals(bytes.subarray(0, magic.length));
}

/** Opens an envelope. Throws ProtobufError. */
export function openEnvelope(bytes: Uint8Array): Envelope {
  if (bytes.length === 0) throw new ProtobufError("empty data");
  if (!isEnvelope(bytes)) {
    throw new ProtobufError(
      `provided data does not appear to be a protobuf message, expected prefix [${magic.join(" ")}]`,
    );
  }
  if (bytes.length === magic.length) throw new ProtobufError("empty body");
  const reader = new ProtobufReader(bytes.subarray(magic.length));
  let meta: TypeMeta = { apiVersion: "", kind: "" };
  let raw: Uint8Array = new Uint8Array();
  while (reader.at < reader.end) {
    const tag = reader.readVarint();
    if (tag === tagOf(1, wireBytes)) meta = typeMeta.read(reader) as TypeMeta;
    else if (tag === tagOf(2, wireBytes)) raw = reader.readBytes();
    else reader.skip(tag & 7);
  }
  return { ...meta, raw };
}

interface TypeMeta {
  readonly apiVersion: string;
  readonly kind: string;
}

const typeMeta = message<TypeMeta>(
  (reader): TypeMeta => {
    let [apiVersion, kind] = ["", ""];
    while (reader.at < reader.end) {
      const tag = reader.readVarint();
      if (tag === tagOf(1, wireBytes)) apiVersion = reader.readString();
      else if (tag === tagOf(2, wireBytes)) kind = reader.readString();
      else reader.skip(tag & 7);
    }
    return { apiVersion, kind };
  },
  (writer, { apiVersion, kind }) => {
    writeText(writer, 2, kind);
    writeText(writer, 1, apiVersion);
  },
);

function writeText(writer: ProtobufWriter, number: number, text: string): void {
  writer.writeString(text);
  writer.writeVarint(tagOf(number, wireBytes));
}
