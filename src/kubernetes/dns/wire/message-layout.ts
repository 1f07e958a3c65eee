// Where the records of a message lie, found without looking into them: so that another server's answer can be passed on as it is.

import { skipName } from "./names.ts";
import { headerLength } from "./numbers.ts";

export interface PlacedRecord {
  readonly section: "answer" | "authority" | "additional";
  readonly start: number;
  readonly type: number;
  readonly ttl: number;
  readonly ttlAt: number;
  readonly dataAt: number;
  readonly end: number;
}

export interface MessageLayout {
  readonly id: number;
  readonly flags: number;
  readonly questionEnd: number;
  readonly records: readonly PlacedRecord[];
}

/** Of a message with one question. Throws RangeError where the bytes are none. */
export function readLayout(bytes: Buffer): MessageLayout {
  if (bytes.readUInt16BE(4) !== 1) throw new RangeError("Cannot read the message: it has no question");
  const questionEnd = skipName(bytes, headerLength) + 4;
  const records: PlacedRecord[] = [];
  let offset = questionEnd;
  for (const [index, section] of (["answer", "authority", "additional"] as const).entries()) {
    for (let count = bytes.readUInt16BE(6 + 2 * index); count > 0; count--) {
      const record = readPlacedRecord(bytes, offset, section);
      records.push(record);
      offset = record.end;
    }
  }
  return { id: bytes.readUInt16BE(0), flags: bytes.readUInt16BE(2), questionEnd, records };
}

function readPlacedRecord(bytes: Buffer, start: number, section: PlacedRecord["section"]): PlacedRecord {
  const typeAt = skipName(bytes, start);
  const dataAt = typeAt + 10;
  const end = dataAt + bytes.readUInt16BE(typeAt + 8);
  if (end > bytes.length) throw new RangeError("Cannot read the message: it ends within a record");
  const type = bytes.readUInt16BE(typeAt);
  return { section, start, type, ttl: bytes.readUInt32BE(typeAt + 4), ttlAt: typeAt + 4, dataAt, end };
}
