// JSON values to CBOR as apimachinery writes it: deterministic (keys in the order of their bytes, numbers in their shortest form),
// strings as byte strings, the self-described tag in front.

/** The tag that tells CBOR from all else. */
export const selfDescribed = Buffer.from([0xd9, 0xd9, 0xf7]);

/** Encodes a JSON value; undefined fields are left out. */
export function encodeCbor(value: unknown): Buffer {
  const writer = new CborWriter();
  writer.writeRaw(selfDescribed);
  writer.write(value);
  return writer.bytes();
}

class CborWriter {
  #buffer = Buffer.allocUnsafe(4096);
  #at = 0;

  bytes(): Buffer {
    return Buffer.from(this.#buffer.subarray(0, this.#at));
  }

  write(value: unknown): void {
    if (typeof value === "string") this.#writeText(value);
    else if (typeof value === "number" || typeof value === "bigint") this.#writeNumber(value);
    else if (typeof value === "boolean") this.#writeHead(7, value ? 21 : 20);
    else if (value === null || value === undefined) this.#writeHead(7, 22);
    else if (Array.isArray(value)) this.#writeList(value);
    else this.#writeMap(value as Readonly<Record<string, unknown>>);
  }

  writeRaw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  #writeText(text: string): void {
    const size = Buffer.byteLength(text);
    this.#writeHead(2, size);
    this.#reserve(size);
    this.#at += this.#buffer.write(text, this.#at, "utf8");
  }

  #writeList(list: readonly unknown[]): void {
    this.#writeHead(4, list.length);
    for (const item of list) this.write(item);
  }

  #writeMap(object: Readonly<Record<string, unknown>>): void {
    const keys = Object.keys(object).filter((key) => object[key] !== undefined);
    this.#writeHead(5, keys.length);
    for (const key of keys.sort(compareKeys)) {
      this.#writeText(key);
      this.write(object[key]);
    }
  }

  #writeNumber(value: number | bigint): void {
    if (typeof value === "number" && !Number.isSafeInteger(value)) this.writeRaw(encodeFloat(value));
    else if (value < 0) this.#writeHead(1, typeof value === "bigint" ? -1n - value : -1 - value);
    else this.#writeHead(0, value);
  }

  /** The type of an item with its number or length, in as few bytes as hold it. */
  #writeHead(major: number, argument: number | bigint): void {
    this.#reserve(9);
    const first = major << 5;
    const value = Number(argument);
    if (value < 24) this.#at = this.#buffer.writeUInt8(first | value, this.#at);
    else if (value < 2 ** 8) this.#at = this.#buffer.writeUInt16BE(((first | 24) << 8) | value, this.#at);
    else if (value < 2 ** 16) this.#at = this.#buffer.writeUInt16BE(value, this.#writeByte(first | 25));
    else if (value < 2 ** 32) this.#at = this.#buffer.writeUInt32BE(value, this.#writeByte(first | 26));
    else this.#at = this.#buffer.writeBigUInt64BE(BigInt(argument), this.#writeByte(first | 27));
  }

  #writeByte(byte: number): number {
    this.#at = this.#buffer.writeUInt8(byte, this.#at);
    return this.#at;
  }

  #reserve(size: number): void {
    if (this.#buffer.length - this.#at >= size) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#at + size));
    this.#buffer.copy(larger, 0, 0, this.#at);
    this.#buffer = larger;
  }
}

/** By the bytes of the encoded keys: a longer key has the larger head. */
function compareKeys(a: string, b: string): number {
  const byLength = Buffer.byteLength(a) - Buffer.byteLength(b);
  return byLength || Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** In 16, 32 or 64 bits, whichever is the first to hold it exactly. */
function encodeFloat(value: number): Buffer {
  if (Math.fround(value) !== value) {
    const bytes = Buffer.from([0xfb, 0, 0, 0, 0, 0, 0, 0, 0]);
    bytes.writeDoubleBE(value, 1);
    return bytes;
  }
  const bytes = Buffer.from([0xfa, 0, 0, 0, 0]);
  bytes.writeFloatBE(value, 1);
  const half = halfOf(bytes.readUInt32BE(1));
  return half === undefined ? bytes : Buffer.from([0xf9, half >> 8, half & 255]);
}

/** The 16 bits of a float given by its 32; undefined where that would lose some of it. */
function halfOf(single: number): number | undefined {
  const sign = (single >>> 31) << 15;
  const exponent = ((single >>> 23) & 0xff) - 127;
  const fraction = single & 0x7fffff;
  if (exponent === -127 && fraction === 0) return sign;
  if (exponent >= -14 && exponent <= 15) {
    return (fraction & 0x1fff) === 0 ? sign | ((exponent + 15) << 10) | (fraction >> 13) : undefined;
  }
  // Below 2^-14 a half has no leading one, and fewer digits the smaller it is.
  const shift = -exponent - 1;
  if (exponent < -24 || exponent > 15) return undefined;
  const digits = (0x800000 | fraction) / 2 ** shift;
  return Number.isInteger(digits) ? sign | digits : undefined;
}
