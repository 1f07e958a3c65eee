// Another server's answer, made the answer to this query: its records are kept as they are, byte by byte, so that types nobody here
// has heard of pass too.

import type { MessageLayout, PlacedRecord } from "./message-layout.ts";
import { optionLength } from "./message-writer.ts";
import { flags, ourUdpLength, recordTypes } from "./numbers.ts";
import type { Query } from "./read-query.ts";
import { responseFlags } from "./write-response.ts";

export interface RelayedMessage {
  readonly bytes: Buffer;
  readonly layout: MessageLayout;
  /** How long ago it came. */
  readonly ageSeconds: number;
}

/** The message's question must be the query's, in upper or lower case. At most `limit` bytes long. */
export function relayResponse(query: Query, { bytes, layout, ageSeconds }: RelayedMessage, limit: number): Buffer {
  const room = query.edns ? limit - optionLength : limit;
  const records = recordsBeforeOption(layout);
  const kept = records.filter(({ end }) => end <= room);
  const end = kept.at(-1)?.end ?? layout.questionEnd;
  const response = Buffer.alloc(end + (query.edns ? optionLength : 0));
  bytes.copy(response, 0, 0, end);
  // As the client wrote it; pointers into it lead to the same places.
  query.bytes.copy(response, 0, 0, query.questionEnd);
  for (const { ttl, ttlAt } of kept) response.writeUInt32BE(Math.max(0, ttl - ageSeconds), ttlAt);
  if (query.edns) writeOption(response, end, query.edns.dnssec);
  response.writeUInt16BE(flagsOf(query, layout, isCut(records, kept)), 2);
  for (const [index, section] of (["answer", "authority", "additional"] as const).entries()) {
    const count = kept.filter((record) => record.section === section).length;
    response.writeUInt16BE(count + (section === "additional" && query.edns ? 1 : 0), 6 + 2 * index);
  }
  return response;
}

/** What is about the message and not about the name comes last: OPT, signatures of the whole. */
function recordsBeforeOption({ records }: MessageLayout): readonly PlacedRecord[] {
  const option = records.findIndex(({ type, section }) => type === recordTypes.OPT && section === "additional");
  return option < 0 ? records : records.slice(0, option);
}

function isCut(records: readonly PlacedRecord[], kept: readonly PlacedRecord[]): boolean {
  return records.some((record) => record.section !== "additional" && !kept.includes(record));
}

function flagsOf(query: Query, layout: MessageLayout, cut: boolean): number {
  const wantsAuthentic = (query.flags & flags.authenticData) !== 0 || query.edns?.dnssec === true;
  const kept = layout.flags & (flags.truncated | (wantsAuthentic ? flags.authenticData : 0));
  return responseFlags(query, layout.flags & flags.rcode) | kept | (cut ? flags.truncated : 0);
}

function writeOption(response: Buffer, at: number, dnssec: boolean): void {
  response[at] = 0;
  response.writeUInt16BE(recordTypes.OPT, at + 1);
  response.writeUInt16BE(ourUdpLength, at + 3);
  response.writeUInt32BE(dnssec ? 0x8000 : 0, at + 5);
  response.writeUInt16BE(0, at + 9);
}
