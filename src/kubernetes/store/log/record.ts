// The form of everything the store writes: records one after another, each with its length and checksum in front.
//
//    0  u32  length of what follows these 8 bytes      16  u32  expiry, in seconds since the epoch; 0: none
//    4  u32  CRC-32 of the same                        20  u16  length of the prefix
//    8  u8   kind                                      22  u16  length of the key
//    9  u8   1 when it is the first of its flush       24  prefix, key, value
//   10  u48  revision                                  (little endian)

import { crc32 } from "node:zlib";

/** log and snapshot begin a file (their revision: that before the file's first, that of its state); end closes a snapshot. */
export const recordKinds = ["put", "delete", "log", "snapshot", "end"] as const;
export type RecordKind = (typeof recordKinds)[number];

export interface StoreRecord {
  readonly kind: RecordKind;
  readonly revision: number;
  readonly expiresAt: number;
  readonly prefix: string;
  readonly key: string;
  readonly value: Uint8Array;
}

export interface ReadRecord extends StoreRecord {
  readonly isFirstOfFlush: boolean;
  /** A part of the buffer that was read from, not a copy. */
  readonly value: Buffer;
  /** Where the next record begins. */
  readonly end: number;
}

export const recordHeaderBytes = 24;
const checkedFrom = 8;
const longestName = 0xffff;
const longestRecordBytes = 64 * 1024 * 1024;
const firstCapacity = 64 * 1024;
/** A buffer that had to grow beyond this for one flush is not kept at that size. */
const mostKeptCapacity = 8 * 1024 * 1024;

/** Gathers records in one run of bytes, to be written at once. */
export class RecordBuffer {
  #bytes = Buffer.allocUnsafeSlow(firstCapacity);
  #length = 0;

  /** What was gathered; valid until the next change. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  get length(): number {
    return this.#length;
  }

  add(record: StoreRecord): void {
    const { prefix, key, value } = record;
    if (value.length > longestRecordBytes / 2)
      throw new Error(`Cannot store ${prefix}${key}: ${value.length} bytes are too many`);
    const start = this.#length;
    this.#reserve(recordHeaderBytes + 3 * (prefix.length + key.length) + value.length);
    const bytes = this.#bytes;
    const prefixBytes = bytes.write(prefix, start + recordHeaderBytes, "utf8");
    const keyBytes = bytes.write(key, start + recordHeaderBytes + prefixBytes, "utf8");
    if (prefixBytes > longestName || keyBytes > longestName)
      throw new Error(`Cannot store ${prefix}${key}: the key is too long`);
    const valueStart = start + recordHeaderBytes + prefixBytes + keyBytes;
    bytes.set(value, valueStart);
    const end = valueStart + value.length;
    bytes.writeUInt32LE(end - start - checkedFrom, start);
    bytes[start + 8] = recordKinds.indexOf(record.kind) + 1;
    bytes[start + 9] = start === 0 ? 1 : 0;
    bytes.writeUIntLE(record.revision, start + 10, 6);
    bytes.writeUInt32LE(record.expiresAt, start + 16);
    bytes.writeUInt16LE(prefixBytes, start + 20);
    bytes.writeUInt16LE(keyBytes, start + 22);
    bytes.writeUInt32LE(crc32(bytes.subarray(start + checkedFrom, end)), start + 4);
    this.#length = end;
  }

  clear(): void {
    this.#length = 0;
    if (this.#bytes.length > mostKeptCapacity) this.#bytes = Buffer.allocUnsafeSlow(firstCapacity);
  }

  #reserve(more: number): void {
    const wanted = this.#length + more;
    if (wanted <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(wanted, this.#bytes.length * 2));
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }
}

/** How many bytes the record at `start` claims to take; "more" when that cannot be told yet, "damaged" when it cannot be true. */
export function recordSize(bytes: Buffer, start: number): number | "more" | "damaged" {
  if (bytes.length - start < 4) return "more";
  const size = bytes.readUInt32LE(start) + checkedFrom;
  return size < recordHeaderBytes || size > longestRecordBytes ? "damaged" : size;
}

/** The record at `start`; undefined where none begins that is whole and passes its checksum. */
export function readRecord(bytes: Buffer, start: number): ReadRecord | undefined {
  const size = recordSize(bytes, start);
  if (typeof size === "string" || bytes.length - start < size) return undefined;
  const end = start + size;
  const kind = recordKinds[bytes[start + 8]! - 1];
  if (!kind || crc32(bytes.subarray(start + checkedFrom, end)) !== bytes.readUInt32LE(start + 4)) return undefined;
  const keyStart = start + recordHeaderBytes + bytes.readUInt16LE(start + 20);
  const valueStart = keyStart + bytes.readUInt16LE(start + 22);
  return {
    kind,
    isFirstOfFlush: bytes[start + 9] === 1,
    revision: bytes.readUIntLE(start + 10, 6),
    expiresAt: bytes.readUInt32LE(start + 16),
    prefix: bytes.toString("utf8", start + recordHeaderBytes, keyStart),
    key: bytes.toString("utf8", keyStart, valueStart),
    value: bytes.subarray(valueStart, end),
    end,
  };
}
