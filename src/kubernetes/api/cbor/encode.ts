// JSON values to CBOR as apimachinery writes it: deterministic (keys in the order of their bytes, numbers in their shortest form),
// strings as byte strings, the self-described tag in front.

/** The tag that tells CBOR from all else. */
export const selfDescribed = Buffer.from([0xd9, 0xd9, 0xf7]);

/** Encodes a JSON value; undefined fields are left out. */
export function encodeCbor(value: unknown): Buffer {
  const parts: Buffer[] = [selfDescribed];
  encodeInto(parts, value);
  return Buffer.concat(parts);
}

function encodeInto(parts: Buffer[], value: unknown): void {
  if (typeof value === "string") encodeText(parts, value);
  else if (typeof value === "number" || typeof value === "bigint") parts.push(encodeNumber(value));
  else if (typeof value === "boolean") parts.push(Buffer.from([value ? 0xf5 : 0xf4]));
  else if (value === null || value === undefined) parts.push(Buffer.from([0xf6]));
  else if (Array.isArray(value)) encodeList(parts, value);
  else encodeMap(parts, value);
}

function encodeText(parts: Buffer[], text: string): void {
  const bytes = Buffer.from(text);
  parts.push(head(2, bytes.length), bytes);
}

function encodeList(parts: Buffer[], list: readonly unknown[]): void {
  parts.push(head(4, list.length));
  for (const item of list) encodeInto(parts, item);
}

function encodeMap(parts: Buffer[], object: object): void {
  const entries = Object.entries(object)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ({ key: Buffer.from(key), value: value as unknown }))
    // A longer key has the larger head.
    .sort((a, b) => a.key.length - b.key.length || Buffer.compare(a.key, b.key));
  parts.push(head(5, entries.length));
  for (const { key, value } of entries) {
    parts.push(head(2, key.length), key);
    encodeInto(parts, value);
  }
}

function encodeNumber(value: number | bigint): Buffer {
  if (typeof value === "bigint" || Number.isSafeInteger(value))
    return value < 0 ? head(1, -1n - BigInt(value)) : head(0, value);
  return encodeFloat(value);
}

function head(major: number, argument: number | bigint): Buffer {
  const first = major << 5;
  const value = Number(argument);
  if (value < 24) return Buffer.from([first | value]);
  if (value < 2 ** 8) return Buffer.from([first | 24, value]);
  if (value < 2 ** 16) return Buffer.from([first | 25, value >> 8, value & 255]);
  const bytes = Buffer.alloc(value < 2 ** 32 ? 5 : 9);
  bytes[0] = first | (value < 2 ** 32 ? 26 : 27);
  if (value < 2 ** 32) bytes.writeUInt32BE(value, 1);
  else bytes.writeBigUInt64BE(BigInt(argument), 1);
  return bytes;
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
