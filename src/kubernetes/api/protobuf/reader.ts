// Reads protobuf's wire format: varints, fixed numbers, lengths and strings. Knows nothing of messages.

import { CodecError } from "../codec-error.ts";

/** The bytes are no message of the kind; the message is gogo's where it has one. */
export class ProtobufError extends CodecError {
  override readonly name = "ProtobufError";
}

export const wireVarint = 0;
export const wireFixed64 = 1;
export const wireBytes = 2;
const wireStartGroup = 3;
const wireEndGroup = 4;
const wireFixed32 = 5;

/** Shorter strings are cheaper to read character by character. */
const longestByHand = 24;
const mostNestedGroups = 100;
const mostNestedMessages = 1000;

export class ProtobufReader {
  readonly #buffer: Buffer;
  /** Where the next byte is read, and where the message ends that is being read. */
  at: number;
  end: number;
  #depth = 0;

  constructor(bytes: Uint8Array) {
    this.#buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = 0;
    this.end = bytes.byteLength;
  }

  /** The low 32 bits of a varint, unsigned. */
  readVarint(): number {
    const first = this.#byte();
    if (first < 0x80) return first;
    let value = first & 0x7f;
    for (let shift = 7; shift < 70; shift += 7) {
      const byte = this.#byte();
      if (shift < 32) value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
    throw new ProtobufError("proto: integer overflow");
  }

  readInt32(): number {
    return this.readVarint() | 0;
  }

  /** A signed number of 64 bits as the nearest double in its range. */
  readInt64(): number {
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.#byte();
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high |= bits >> 4;
      } else if (shift < 63) high |= bits << (shift - 32);
      else high |= bits << 31;
      if (byte < 0x80) return Math.min((high | 0) * 2 ** 32 + (low >>> 0), largestInt64Double);
    }
    throw new ProtobufError("proto: integer overflow");
  }

  readDouble(): number {
    const start = this.#take(8);
    return this.#buffer.readDoubleLE(start);
  }

  readBool(): boolean {
    return this.readInt64() !== 0;
  }

  readString(): string {
    const length = this.#length();
    const start = this.#take(length);
    return length <= longestByHand ? this.#readShort(start, length) : this.#buffer.toString("utf8", start, this.at);
  }

  /** A view of the bytes, not a copy. */
  readBytes(): Buffer {
    const start = this.#take(this.#length());
    return this.#buffer.subarray(start, this.at);
  }

  /** Enters an embedded message: sets `end`. The answer is for leave(). */
  enter(): number {
    if (++this.#depth > mostNestedMessages) throw new ProtobufError("proto: messages nested too deep");
    const outer = this.end;
    const length = this.#length();
    if (length > outer - this.at) throw unexpectedEnd();
    this.end = this.at + length;
    return outer;
  }

  leave(outer: number): void {
    this.#depth--;
    this.end = outer;
  }

  /** Passes over a field nobody knows. */
  skip(wire: number, depth = 0): void {
    if (wire === wireVarint) this.readInt64();
    else if (wire === wireFixed64) this.#take(8);
    else if (wire === wireBytes) this.#take(this.#length());
    else if (wire === wireFixed32) this.#take(4);
    else if (wire === wireStartGroup && depth < mostNestedGroups) this.#skipGroup(depth);
    else if (wire === wireEndGroup) throw new ProtobufError("proto: unexpected end of group");
    else throw new ProtobufError(`proto: illegal wireType ${wire}`);
  }

  #skipGroup(depth: number): void {
    for (let wire = this.readVarint() & 7; wire !== wireEndGroup; wire = this.readVarint() & 7) {
      this.skip(wire, depth + 1);
    }
  }

  #readShort(start: number, length: number): string {
    let text = "";
    for (let at = start; at < start + length; at++) {
      const byte = this.#buffer[at]!;
      if (byte >= 0x80) return this.#buffer.toString("utf8", start, start + length);
      text += String.fromCharCode(byte);
    }
    return text;
  }

  #length(): number {
    const length = this.readVarint();
    if (length > 0x7fffffff) throw new ProtobufError("proto: negative length found during unmarshaling");
    return length;
  }

  #byte(): number {
    if (this.at >= this.end) throw unexpectedEnd();
    return this.#buffer[this.at++]!;
  }

  #take(length: number): number {
    const start = this.at;
    if (length > this.end - start) throw unexpectedEnd();
    this.at = start + length;
    return start;
  }
}

const largestInt64Double = 2 ** 63 - 1024;

function unexpectedEnd(): ProtobufError {
  return new ProtobufError("unexpected EOF");
}
