// CBOR to JSON values, as apimachinery reads it: no duplicate keys, no NaN, no numbers beyond 64 bits; byte strings are text.

import { isUtf8 } from "node:buffer";
import { CodecError } from "../codec-error.ts";

/** The bytes are no CBOR, or no CBOR that JSON could say. */
export class CborError extends CodecError {
  override readonly name = "CborError";
}

/** Deeper nesting is refused. */
const mostNested = 1000;

/** Decodes one item, which must be all there is. Integers beyond 2^53 are bigints. Throws CborError. */
export function decodeCbor(bytes: Uint8Array): unknown {
  const decoder = new CborDecoder(bytes);
  const value = decoder.decode();
  if (decoder.at < bytes.length) throw new CborError(`cbor: ${bytes.length - decoder.at} bytes of extraneous data`);
  return value;
}

/** Decodes the first item of a sequence and tells its length; undefined where its end is not there yet. Throws CborError. */
export function decodeFirstCbor(bytes: Uint8Array): { readonly value: unknown; readonly length: number } | undefined {
  const decoder = new CborDecoder(bytes);
  try {
    return { value: decoder.decode(), length: decoder.at };
  } catch (error) {
    if (error instanceof EndOfInput) return undefined;
    throw error;
  }
}

class EndOfInput extends CborError {}

/** What an indefinite item ends in. */
const breakMark = Symbol("break");

type Encoding = "hex" | "base64" | "base64url";
const laterEncodings: ReadonlyMap<number, Encoding> = new Map<number, Encoding>([
  [21, "base64url"],
  [22, "base64"],
  [23, "hex"],
]);

class CborDecoder {
  readonly #bytes: Buffer;
  at = 0;
  #depth = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  decode(): unknown {
    const value = this.#item(undefined);
    if (value === breakMark) throw new CborError('cbor: unexpected "break" code');
    return value;
  }

  /** One item; `encoding` is what a tag around it wants byte strings shown in. */
  #item(encoding: Encoding | undefined): unknown {
    const initial = this.#take(1)[0] ?? 0;
    const major = initial >> 5;
    const info = initial & 31;
    if (major === 7) return this.#simple(info);
    if (info === 31) return this.#indefinite(major, encoding);
    const argument = this.#argument(info);
    if (major === 0) return toNumber(argument);
    if (major === 1) return toNumber(-1n - BigInt(argument));
    if (major === 2) return bytesToText(this.#take(this.#count(argument)), encoding);
    if (major === 3) return decodeText(this.#take(this.#count(argument)));
    return this.#nested(() => this.#container(major, argument, encoding));
  }

  #container(major: number, argument: number | bigint, encoding: Encoding | undefined): unknown {
    if (major === 6) return this.#tagged(Number(argument), encoding);
    const count = this.#count(argument);
    return major === 4 ? this.#list(count, encoding) : this.#map(count, encoding);
  }

  #nested<T>(decode: () => T): T {
    if (++this.#depth > mostNested) throw new CborError(`cbor: exceeded max nested level ${mostNested}`);
    const value = decode();
    this.#depth--;
    return value;
  }

  #list(count: number, encoding: Encoding | undefined): unknown[] {
    const list: unknown[] = [];
    while (list.length < count) {
      const item = this.#item(encoding);
      if (item === breakMark) return this.#endIndefinite(list, count);
      list.push(item);
    }
    return list;
  }

  #map(count: number, encoding: Encoding | undefined): Record<string, unknown> {
    const map: Record<string, unknown> = {};
    for (let read = 0; read < count; read++) {
      const key = this.#item(encoding);
      if (key === breakMark) return this.#endIndefinite(map, count);
      if (typeof key !== "string") throw new CborError("cbor: a map's key must be a string");
      if (Object.hasOwn(map, key)) throw new CborError(`cbor: found duplicate map key ${JSON.stringify(key)}`);
      const value = this.#item(encoding);
      if (value === breakMark) throw new CborError('cbor: unexpected "break" code');
      setOwn(map, key, value);
    }
    return map;
  }

  #endIndefinite<T>(value: T, count: number): T {
    if (count !== Infinity) throw new CborError('cbor: unexpected "break" code');
    return value;
  }

  #indefinite(major: number, encoding: Encoding | undefined): unknown {
    if (major === 2) return bytesToText(this.#chunks(2), encoding);
    if (major === 3) return decodeText(this.#chunks(3));
    if (major !== 4 && major !== 5) throw new CborError("cbor: invalid additional information 31");
    return this.#nested(() => (major === 4 ? this.#list(Infinity, encoding) : this.#map(Infinity, encoding)));
  }

  /** The strings of known length that make up one of unknown length. */
  #chunks(major: number): Buffer {
    const chunks: Buffer[] = [];
    for (;;) {
      const initial = this.#take(1)[0] ?? 0;
      if (initial === 0xff) return Buffer.concat(chunks);
      if (initial >> 5 !== major || (initial & 31) === 31)
        throw new CborError("cbor: wrong element in a string of chunks");
      chunks.push(this.#take(this.#count(this.#argument(initial & 31))));
    }
  }

  #tagged(tag: number, encoding: Encoding | undefined): unknown {
    if (tag === 2 || tag === 3) throw new CborError("cbor: bignum is not allowed");
    const content = this.#item(laterEncodings.get(tag) ?? encoding);
    if (content === breakMark) throw new CborError('cbor: unexpected "break" code');
    return tag === 1 ? formatEpoch(content) : content;
  }

  #simple(info: number): unknown {
    if (info === 20 || info === 21) return info === 21;
    if (info === 22) return null;
    if (info === 25) return finite(readHalf(this.#take(2).readUInt16BE(0)));
    if (info === 26) return finite(this.#take(4).readFloatBE(0));
    if (info === 27) return finite(this.#take(8).readDoubleBE(0));
    if (info === 31) return breakMark;
    throw new CborError(`cbor: simple value ${info === 24 ? this.#take(1)[0] : info} is not recognized`);
  }

  #argument(info: number): number | bigint {
    if (info < 24) return info;
    if (info === 24) return this.#take(1)[0] ?? 0;
    if (info === 25) return this.#take(2).readUInt16BE(0);
    if (info === 26) return this.#take(4).readUInt32BE(0);
    if (info === 27) return this.#take(8).readBigUInt64BE(0);
    throw new CborError(`cbor: invalid additional information ${info}`);
  }

  /** A length is never larger than what follows, so nothing is reserved for one that lies. */
  #count(argument: number | bigint): number {
    const count = Number(argument);
    if (count > this.#bytes.length - this.at) throw new EndOfInput("unexpected EOF");
    return count;
  }

  #take(length: number): Buffer {
    if (length > this.#bytes.length - this.at) throw new EndOfInput("unexpected EOF");
    this.at += length;
    return this.#bytes.subarray(this.at - length, this.at);
  }
}

/** Assigning to "__proto__" would not make a field. */
function setOwn(map: Record<string, unknown>, key: string, value: unknown): void {
  if (key !== "__proto__") map[key] = value;
  else Object.defineProperty(map, key, { value, enumerable: true, configurable: true, writable: true });
}

function toNumber(argument: number | bigint): number | bigint {
  if (typeof argument === "number") return argument;
  if (BigInt.asIntN(64, argument) !== argument) throw new CborError("cbor: an integer does not fit into 64 bits");
  const value = Number(argument);
  return Number.isSafeInteger(value) ? value : argument;
}

function bytesToText(bytes: Buffer, encoding: Encoding | undefined): string {
  return encoding === undefined ? decodeText(bytes) : bytes.toString(encoding);
}

function decodeText(bytes: Buffer): string {
  if (!isUtf8(bytes)) throw new CborError("cbor: invalid UTF-8 string");
  return bytes.toString("utf8");
}

function finite(value: number): number {
  if (!Number.isFinite(value)) throw new CborError("cbor: NaN and infinities are not allowed");
  return value;
}

function readHalf(bits: number): number {
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  const size =
    exponent === 0
      ? fraction * 2 ** -24
      : exponent === 31
        ? fraction
          ? Number.NaN
          : Infinity
        : (1 + fraction / 1024) * 2 ** (exponent - 15);
  return bits >> 15 ? -size : size;
}

/** Seconds since the epoch as the text JSON has for a time. */
function formatEpoch(seconds: unknown): string {
  const date = new Date(Number(seconds) * 1000);
  if (typeof seconds === "object" || Number.isNaN(date.getTime())) throw new CborError("cbor: invalid epoch time");
  return date.toISOString().replace(/\.?0*Z$/, "Z");
}
