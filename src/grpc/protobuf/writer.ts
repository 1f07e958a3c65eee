// Writes messages back to front: a nested message is written before its length, so lengths need no pass of their own.

import { type FieldType, isMap, isPacked, type MessageType, type Values, wireTypeOf } from "./message-type.ts";

export class Writer {
  #buffer = Buffer.allocUnsafe(1024);
  #start = 1024;

  /** The offset from the end: how much has been written. */
  get length(): number {
    return this.#buffer.length - this.#start;
  }

  finish(): Buffer {
    return this.#buffer.subarray(this.#start);
  }

  bytes(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#start -= bytes.length;
    this.#buffer.set(bytes, this.#start);
  }

  double(value: number): void {
    this.#reserve(8);
    this.#start -= 8;
    this.#buffer.writeDoubleLE(value, this.#start);
  }

  varint(value: number): void {
    this.#digits(Number.isSafeInteger(value) && value >= 0 ? digitsOf(value) : wideDigitsOf(value));
  }

  #digits(digits: readonly number[]): void {
    this.#reserve(digits.length);
    for (let i = digits.length - 1; i >= 0; i--) {
      this.#buffer[--this.#start] = digits[i]! | (i < digits.length - 1 ? 128 : 0);
    }
  }

  #reserve(size: number): void {
    if (this.#start >= size) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.length + size));
    const start = larger.length - this.length;
    this.#buffer.copy(larger, start, this.#start);
    this.#buffer = larger;
    this.#start = start;
  }
}

/** The number in base 128, lowest digit first. */
function digitsOf(value: number): number[] {
  const digits: number[] = [];
  do {
    digits.push(value % 128);
    value = Math.floor(value / 128);
  } while (value > 0);
  return digits;
}

/** The same for what JavaScript's numbers can't divide exactly; negative ones are their two's complement in 64 bits. */
function wideDigitsOf(value: number): number[] {
  const digits: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  do {
    digits.push(Number(rest & 127n));
    rest >>= 7n;
  } while (rest > 0n);
  return digits;
}

/** Writes the fields that are set. */
export function writeMessage(writer: Writer, type: MessageType, value: Values): void {
  for (let i = type.fields.length - 1; i >= 0; i--) {
    const field = type.fields[i]!;
    const content = value[field.name];
    if (content === undefined || content === null) continue;
    if (!field.repeated) {
      if (isMap(field.kind)) writeMap(writer, field, content as Record<string, string | Uint8Array>);
      else if (!isZero(field, content)) writeItem(writer, field, content);
    } else if (isPacked(field.kind)) {
      writePacked(writer, field, content as readonly unknown[]);
    } else {
      for (const item of (content as readonly unknown[]).toReversed()) writeItem(writer, field, item);
    }
  }
}

/** proto3 leaves zero values out; an empty message is not one, for its presence means something. */
function isZero(field: FieldType, value: unknown): boolean {
  if (field.kind === "enum") return value === field.enumNames[0];
  if (field.kind === "bytes") return (value as Uint8Array).length === 0;
  return value === 0 || value === "" || value === false;
}

function writeItem(writer: Writer, field: FieldType, value: unknown): void {
  const end = writer.length;
  writeValue(writer, field, value);
  const wire = wireTypeOf(field.kind);
  if (wire === 2) writer.varint(writer.length - end);
  writer.varint(field.number * 8 + wire);
}

function writePacked(writer: Writer, field: FieldType, values: readonly unknown[]): void {
  if (values.length === 0) return;
  const end = writer.length;
  for (const value of values.toReversed()) writeValue(writer, field, value);
  writer.varint(writer.length - end);
  writer.varint(field.number * 8 + 2);
}

function writeMap(writer: Writer, field: FieldType, map: Readonly<Record<string, string | Uint8Array>>): void {
  for (const [key, value] of Object.entries(map).toReversed()) {
    const end = writer.length;
    writeText(writer, 2, value);
    writeText(writer, 1, key);
    writer.varint(writer.length - end);
    writer.varint(field.number * 8 + 2);
  }
}

function writeText(writer: Writer, number: number, text: string | Uint8Array): void {
  const bytes = typeof text === "string" ? Buffer.from(text, "utf8") : text;
  writer.bytes(bytes);
  writer.varint(bytes.length);
  writer.varint(number * 8 + 2);
}

function writeValue(writer: Writer, field: FieldType, value: unknown): void {
  switch (field.kind) {
    case "message":
      writeMessage(writer, field.message(), value as Values);
      break;
    case "string":
      writer.bytes(Buffer.from(value as string, "utf8"));
      break;
    case "bytes":
      writer.bytes(value as Uint8Array);
      break;
    case "double":
      writer.double(value as number);
      break;
    case "enum":
      writer.varint(field.enumNames.indexOf(value as string));
      break;
    default:
      writer.varint(Number(value));
  }
}
