// Reads messages; fields the tables don't know are skipped.

import { type FieldType, isMap, isPacked, type MessageType } from "./message-type.ts";

export class Reader {
  readonly buffer: Buffer;
  position = 0;

  constructor(buffer: Buffer) {
    this.buffer = buffer;
  }

  /** The next varint as its low and high 32 bits. */
  varint(): { low: number; high: number } {
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.buffer.readUInt8(this.position++);
      const digit = byte & 127;
      if (shift < 28) low |= digit << shift;
      else if (shift === 28) {
        low |= digit << 28;
        high |= digit >> 4;
      } else high |= digit << (shift - 32);
      if (byte < 128) return { low: low >>> 0, high: high >>> 0 };
    }
    throw new RangeError("Cannot decode a message: a number has more than ten bytes");
  }

  unsigned(): number {
    const { low, high } = this.varint();
    return high * 2 ** 32 + low;
  }

  signed(): number {
    const { low, high } = this.varint();
    return (high | 0) * 2 ** 32 + low;
  }

  slice(length: number): Buffer {
    const end = this.position + length;
    if (end > this.buffer.length) throw new RangeError("Cannot decode a message: it ends too early");
    const slice = this.buffer.subarray(this.position, end);
    this.position = end;
    return slice;
  }
}

/** The message in the next `length` bytes. */
export function readMessage(reader: Reader, type: MessageType, length: number): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const field of type.fields) result[field.name] = zeroOf(field);
  const end = reader.position + length;
  while (reader.position < end) {
    const tag = reader.unsigned();
    const field = type.byNumber.get(Math.floor(tag / 8));
    if (field) readField(reader, field, tag % 8, result);
    else skip(reader, tag % 8);
  }
  return result;
}

function readField(reader: Reader, field: FieldType, wire: number, result: Record<string, unknown>): void {
  if (isMap(field.kind)) {
    const [key, value] = readMapEntry(reader);
    const map = result[field.name] as Record<string, string | Buffer>;
    map[key.toString()] = field.kind === "map" ? value.toString() : Buffer.from(value);
  } else if (!field.repeated) {
    result[field.name] = readValue(reader, field);
  } else if (wire === 2 && isPacked(field.kind)) {
    const end = reader.unsigned() + reader.position;
    while (reader.position < end) (result[field.name] as unknown[]).push(readValue(reader, field));
  } else {
    (result[field.name] as unknown[]).push(readValue(reader, field));
  }
}

function readMapEntry(reader: Reader): [key: Buffer, value: Buffer] {
  const parts: Buffer[] = [nothing, nothing, nothing];
  const end = reader.unsigned() + reader.position;
  while (reader.position < end) {
    const number = Math.floor(reader.unsigned() / 8);
    parts[number] = reader.slice(reader.unsigned());
  }
  return [parts[1]!, parts[2]!];
}

const nothing = Buffer.alloc(0);

function readValue(reader: Reader, field: FieldType): unknown {
  if (field.kind === "message") {
    const length = reader.unsigned();
    return readMessage(reader, field.message(), length);
  }
  if (field.kind === "string") return reader.slice(reader.unsigned()).toString("utf8");
  if (field.kind === "bytes") return Buffer.from(reader.slice(reader.unsigned()));
  if (field.kind === "double") return reader.slice(8).readDoubleLE();
  if (field.kind === "bool") return reader.unsigned() !== 0;
  if (field.kind === "enum") return field.enumNames[reader.unsigned()] ?? field.enumNames[0];
  if (field.kind === "int32") return reader.varint().low | 0;
  return field.kind === "int64" ? reader.signed() : reader.unsigned();
}

function zeroOf(field: FieldType): unknown {
  if (field.repeated) return [];
  const zeros: Readonly<Record<string, unknown>> = { string: "", bool: false, enum: field.enumNames[0] };
  if (field.kind === "message") return undefined;
  if (isMap(field.kind)) return {};
  if (field.kind === "bytes") return Buffer.alloc(0);
  return field.kind in zeros ? zeros[field.kind] : 0;
}

function skip(reader: Reader, wire: number): void {
  if (wire === 0) reader.varint();
  else if (wire === 1) reader.slice(8);
  else if (wire === 2) reader.slice(reader.unsigned());
  else if (wire === 5) reader.slice(4);
  else throw new RangeError(`Cannot decode a message: unknown wire type ${wire}`);
}
