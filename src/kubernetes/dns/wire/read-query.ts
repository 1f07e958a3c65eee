// A query from its bytes. What cannot be answered is told apart: with what code to refuse it, or that it deserves no answer.

import { readName, skipName } from "./names.ts";
import { flags, headerLength, internetClass, plainUdpLength, type Rcode, rcodes, recordTypes } from "./numbers.ts";

export interface Question {
  /** Lower-case; see readName. */
  readonly labels: readonly string[];
  readonly type: number;
}

/** What the client says of itself (RFC 6891). */
export interface Edns {
  readonly udpLength: number;
  /** Wants signatures (DO). */
  readonly dnssec: boolean;
}

export interface Query {
  readonly bytes: Buffer;
  readonly id: number;
  readonly flags: number;
  readonly question: Question;
  /** Behind the question. */
  readonly questionEnd: number;
  readonly edns: Edns | undefined;
}

export type ReadQuery =
  | { readonly kind: "query"; readonly query: Query }
  | { readonly kind: "refusal"; readonly query: Pick<Query, "bytes" | "id" | "flags" | "edns">; readonly rcode: Rcode }
  /** No query at all: an answer to it could become a loop. */
  | { readonly kind: "noise" };

const anyClass = 255;

export function readQuery(bytes: Buffer): ReadQuery {
  if (bytes.length < headerLength) return { kind: "noise" };
  const head = { bytes, id: bytes.readUInt16BE(0), flags: bytes.readUInt16BE(2), edns: undefined };
  if ((head.flags & flags.response) !== 0) return { kind: "noise" };
  const refuse = (rcode: Rcode, edns?: Edns): ReadQuery => ({ kind: "refusal", query: { ...head, edns }, rcode });
  if ((head.flags & flags.opcode) !== 0) return refuse(rcodes.NOTIMP);
  if (bytes.readUInt16BE(4) !== 1) return refuse(rcodes.FORMERR);
  try {
    const { labels, end } = readName(bytes, headerLength);
    const type = bytes.readUInt16BE(end);
    const ofClass = bytes.readUInt16BE(end + 2);
    const questionEnd = end + 4;
    const option = readOption(bytes, questionEnd);
    const { edns } = option;
    if (option.version > 0) return refuse(rcodes.BADVERS, edns);
    const isTransfer = type === recordTypes.AXFR || type === recordTypes.IXFR;
    if (isTransfer || (ofClass !== internetClass && ofClass !== anyClass)) return refuse(rcodes.REFUSED, edns);
    return { kind: "query", query: { ...head, question: { labels, type }, questionEnd, edns } };
  } catch {
    return refuse(rcodes.FORMERR);
  }
}

/** The OPT record among the additional ones, where there is one. */
function readOption(bytes: Buffer, start: number): { edns: Edns | undefined; version: number } {
  const before = bytes.readUInt16BE(6) + bytes.readUInt16BE(8);
  const count = before + bytes.readUInt16BE(10);
  let offset = start;
  for (let index = 0; index < count; index++) {
    const end = skipName(bytes, offset);
    const type = bytes.readUInt16BE(end);
    if (type === recordTypes.OPT && index >= before) {
      const udpLength = Math.max(plainUdpLength, bytes.readUInt16BE(end + 2));
      const dnssec = (bytes.readUInt8(end + 6) & 0x80) !== 0;
      return { edns: { udpLength, dnssec }, version: bytes.readUInt8(end + 5) };
    }
    offset = end + 10 + bytes.readUInt16BE(end + 8);
  }
  return { edns: undefined, version: 0 };
}
