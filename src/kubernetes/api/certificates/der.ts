// Reads DER, the binary form of certificates and requests: one element after another, without knowing what they mean.

export interface DerElement {
  readonly tag: number;
  readonly content: Buffer;
  /** The element as it stands, tag and length included. */
  readonly whole: Buffer;
}

/** Tags as they stand in the first byte. */
export const derTags = { integer: 0x02, bitString: 0x03, octetString: 0x04, oid: 0x06, sequence: 0x30, set: 0x31 };

export class DerError extends Error {}

/** The elements that follow each other in `bytes`. Throws DerError. */
export function readDer(bytes: Buffer): DerElement[] {
  const elements: DerElement[] = [];
  let start = 0;
  while (start < bytes.length) {
    const { at, length } = readLength(bytes, start + 1);
    const end = at + length;
    if (end > bytes.length) throw new DerError("asn1: syntax error: data truncated");
    elements.push({ tag: bytes[start]!, content: bytes.subarray(at, end), whole: bytes.subarray(start, end) });
    start = end;
  }
  return elements;
}

/** The elements inside one that must have the tag. */
export function openDer(element: DerElement | undefined, tag: number): DerElement[] {
  if (element?.tag !== tag) throw new DerError("asn1: structure error: tags don't match");
  return readDer(element.content);
}

/** An object identifier as "2.5.4.10". */
export function readOid({ tag, content }: DerElement): string {
  if (tag !== derTags.oid || content.length === 0) throw new DerError("asn1: structure error: no object identifier");
  const numbers: number[] = [];
  let number = 0;
  for (const byte of content) {
    number = number * 128 + (byte & 0x7f);
    if (byte & 0x80) continue;
    if (numbers.length > 0) numbers.push(number);
    else numbers.push(Math.min(Math.floor(number / 40), 2), number - 40 * Math.min(Math.floor(number / 40), 2));
    number = 0;
  }
  return numbers.join(".");
}

function readLength(bytes: Buffer, at: number): { at: number; length: number } {
  const first = bytes[at];
  if (first === undefined) throw new DerError("asn1: syntax error: truncated tag or length");
  if (first < 0x80) return { at: at + 1, length: first };
  const count = first & 0x7f;
  if (count === 0) throw new DerError("asn1: syntax error: indefinite length found (not DER)");
  if (count > 4) throw new DerError("asn1: structure error: length too large");
  if (at + 1 + count > bytes.length) throw new DerError("asn1: syntax error: truncated tag or length");
  return { at: at + 1 + count, length: bytes.readUIntBE(at + 1, count) };
}
