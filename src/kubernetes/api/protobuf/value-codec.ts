// How values that are no messages of the types table travel: scalars, and the messages apimachinery encodes in its own way.

import { encodeJson } from "../json/encode.ts";
import { parseJsonValue } from "../json/parse.ts";
import { canonicalizeQuantity } from "../quantity/format.ts";
import { QuantityError } from "../quantity/parse.ts";
import type { ScalarType } from "../schema.ts";
import type { UnixTime } from "../time/rfc3339.ts";
import { formatUnixMicroTime, formatUnixTime, parseUnixMicroTime, parseUnixTime } from "../time/time.ts";
import { ProtobufError, type ProtobufReader, wireBytes, wireFixed64, wireVarint } from "./reader.ts";
import type { ProtobufWriter } from "./writer.ts";

/** Reads and writes one value, its length included where it has one, its tag not. */
export interface ValueCodec {
  readonly wire: number;
  /** Undefined: the bytes stand for no value. */
  read(reader: ProtobufReader): unknown;
  write(writer: ProtobufWriter, value: never): void;
}

export const scalarCodecs: Readonly<Record<ScalarType, ValueCodec>> = {
  string: {
    wire: wireBytes,
    read: (reader) => reader.readString(),
    write: (writer, value: string) => writer.writeString(value),
  },
  boolean: {
    wire: wireVarint,
    read: (reader) => reader.readBool(),
    write: (writer, value: boolean) => writer.writeVarint(value ? 1 : 0),
  },
  int32: {
    wire: wireVarint,
    read: (reader) => reader.readInt32(),
    write: (writer, value: number) => writer.writeInt(value),
  },
  int64: {
    wire: wireVarint,
    read: (reader) => reader.readInt64(),
    write: (writer, value: number) => writer.writeInt(value),
  },
  double: {
    wire: wireFixed64,
    read: (reader) => reader.readDouble(),
    write: (writer, value: number) => writer.writeDouble(value),
  },
  bytes: {
    wire: wireBytes,
    read: (reader) => reader.readBytes().toString("base64"),
    write: (writer, value: string) => writer.writeBytes(Buffer.from(value, "base64")),
  },
  time: message(
    (fields) => {
      const { 1: seconds, isEmpty } = readFields(fields);
      return isEmpty ? undefined : formatUnixTime(checkTime(seconds, 0));
    },
    (writer, value: string) => writeUnixTime(writer, { ...parseUnixTime(value), nanos: 0 }),
  ),
  "micro-time": message(
    (fields) => {
      const { 1: seconds, 2: nanos, isEmpty } = readFields(fields);
      return isEmpty ? undefined : formatUnixMicroTime(checkTime(seconds, nanos));
    },
    (writer, value: string) => writeUnixTime(writer, parseUnixMicroTime(value)),
  ),
  quantity: message(
    (fields) => readQuantity(readFields(fields).text ?? ""),
    (writer, value: string) => writeField(writer, 1, value),
  ),
  "int-or-string": message(
    (fields) => {
      const { 1: type, 2: number, text } = readFields(fields);
      return type === 1 ? (text ?? "") : (number ?? 0) | 0;
    },
    (writer, value: number | string) => {
      const isText = typeof value === "string";
      writeField(writer, 3, isText ? value : "");
      writeField(writer, 2, isText ? 0 : value);
      writeField(writer, 1, isText ? 1 : 0);
    },
  ),
};

/** RawExtension, FieldsV1 and JSON: a message around a JSON text. */
export const jsonCodec: ValueCodec = message(
  (fields) => {
    const { text = "" } = readFields(fields);
    return text === "" ? undefined : parseJsonValue(text);
  },
  (writer, value: unknown) => writeField(writer, 1, encodeJson(value)),
);

/** A codec of messages from the codec of what is inside. */
export function message<T>(
  read: (reader: ProtobufReader) => unknown,
  write: (writer: ProtobufWriter, value: T) => void,
): ValueCodec {
  return {
    wire: wireBytes,
    read(reader) {
      const outer = reader.enter();
      const value = read(reader);
      reader.leave(outer);
      return value;
    },
    write(writer, value: T) {
      const mark = writer.written;
      write(writer, value);
      writer.writeLengthSince(mark);
    },
  };
}

export function tagOf(number: number, wire: number): number {
  return number * 8 + wire;
}

/** The few fields the special messages have: numbers by their number, and the last text. */
interface SpecialFields {
  1?: number;
  2?: number;
  text?: string;
  isEmpty: boolean;
}

function readFields(reader: ProtobufReader): SpecialFields {
  const fields: SpecialFields = { isEmpty: reader.at === reader.end };
  while (reader.at < reader.end) {
    const tag = reader.readVarint();
    if (tag === tagOf(1, wireVarint)) fields[1] = reader.readInt64();
    else if (tag === tagOf(2, wireVarint)) fields[2] = reader.readInt64();
    else if (tag === tagOf(1, wireBytes) || tag === tagOf(3, wireBytes)) fields.text = reader.readString();
    else reader.skip(tag & 7);
  }
  return fields;
}

function writeField(writer: ProtobufWriter, number: number, value: number | string): void {
  if (typeof value === "string") writer.writeString(value);
  else writer.writeInt(value);
  writer.writeVarint(tagOf(number, typeof value === "string" ? wireBytes : wireVarint));
}

/** RFC 3339 has the years 0 to 9999. */
function checkTime(seconds = 0, nanos = 0): UnixTime {
  const isWithin = seconds >= -62_167_219_200 && seconds <= 253_402_300_799 && nanos >= 0 && nanos < 1e9;
  if (!isWithin) throw new ProtobufError(`time out of range: ${seconds} seconds, ${nanos} nanoseconds`);
  return { seconds, nanos };
}

function writeUnixTime(writer: ProtobufWriter, { seconds, nanos }: UnixTime): void {
  writeField(writer, 2, nanos);
  writeField(writer, 1, seconds);
}

function readQuantity(text: string): string {
  try {
    return text === "" ? "0" : canonicalizeQuantity(text);
  } catch (error) {
    if (error instanceof QuantityError) throw new ProtobufError(error.message);
    throw error;
  }
}
