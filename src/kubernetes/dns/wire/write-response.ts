// The answer to a query as bytes: of records, or of a code alone. What does not fit is left out, and the client told so.

import type { DnsRecord } from "../records/record.ts";
import { MessageWriter, optionLength } from "./message-writer.ts";
import { flags, headerLength, type Rcode } from "./numbers.ts";
import type { Query } from "./read-query.ts";

export interface Response {
  readonly rcode: number;
  readonly authoritative: boolean;
  readonly answers: readonly DnsRecord[];
  readonly authorities?: readonly DnsRecord[];
  readonly additionals?: readonly DnsRecord[];
}

/** One for all: a message is written in one go and copied out. */
const writer = new MessageWriter();

/** At most `limit` bytes long. Records that help but are not needed go unnoticed where there is no room for them. */
export function writeResponse(query: Query, response: Response, limit: number): Buffer {
  const { answers, authorities = [], additionals = [], rcode, authoritative } = response;
  writer.begin(query.bytes, query.questionEnd, query.question.labels);
  const room = query.edns ? limit - optionLength : limit;
  const answered = countWritten(answers, room);
  const isWhole = answered === answers.length;
  const referred = isWhole ? countWritten(authorities, room) : 0;
  const isCut = !isWhole || referred < authorities.length;
  const added = isCut ? 0 : countWritten(additionals, room);
  if (query.edns) writer.option({ dnssec: query.edns.dnssec, rcode });
  const special = (authoritative ? flags.authoritative : 0) | (isCut ? flags.truncated : 0);
  return writer.finish(responseFlags(query, rcode) | special, [1, answered, referred, added + (query.edns ? 1 : 0)]);
}

/** For a query that could not be read to its end: without its question. */
export function writeRefusal(
  { bytes, flags: asked, edns }: Pick<Query, "bytes" | "flags" | "edns">,
  rcode: Rcode,
): Buffer {
  writer.begin(bytes, headerLength, []);
  const isExtended = rcode > flags.rcode;
  if (edns || isExtended) writer.option({ dnssec: edns?.dnssec ?? false, rcode });
  return writer.finish(responseFlags({ flags: asked }, rcode), [0, 0, 0, edns || isExtended ? 1 : 0]);
}

/** What every answer has in common; what the client wishes is repeated. */
export function responseFlags({ flags: asked }: Pick<Query, "flags">, rcode: number): number {
  const repeated = asked & (flags.opcode | flags.recursionDesired | flags.checkingDisabled);
  return flags.response | repeated | flags.recursionAvailable | (rcode & flags.rcode);
}

function countWritten(records: readonly DnsRecord[], limit: number): number {
  let count = 0;
  for (const record of records) {
    if (!writer.record(record, limit)) break;
    count++;
  }
  return count;
}
