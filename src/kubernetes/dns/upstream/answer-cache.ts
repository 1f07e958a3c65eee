// Answers of other servers, kept as long as they say.

import { LruMap } from "#kubernetes/runtime";
import type { Clock } from "#shared";
import type { PlacedRecord } from "../wire/message-layout.ts";
import { flags, rcodes, recordTypes } from "../wire/numbers.ts";
import type { Message } from "./exchange.ts";

export interface CachedMessage extends Message {
  readonly ageSeconds: number;
}

const mostEntries = 10_000;
/** In seconds, as CoreDNS is set up in clusters: what changes outside is soon seen. */
const longest = 30;
const longestNegative = 30;

export class AnswerCache {
  readonly #entries = new LruMap<{ message: Message; at: number; seconds: number }>(mostEntries);
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get(key: string): CachedMessage | undefined {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    const ageSeconds = Math.floor((this.#clock.now() - entry.at) / 1000);
    if (ageSeconds < entry.seconds) return { ...entry.message, ageSeconds };
    this.#entries.delete(key);
    return undefined;
  }

  put(key: string, message: Message): void {
    const seconds = secondsToKeep(message);
    if (seconds > 0) this.#entries.set(key, { message, at: this.#clock.now(), seconds });
  }
}

/** 0: not at all. A denial is kept as its SOA record says (RFC 2308); one without is not. */
export function secondsToKeep({ bytes, layout }: Message): number {
  const rcode = layout.flags & flags.rcode;
  const isUsable = rcode === rcodes.NOERROR || rcode === rcodes.NXDOMAIN;
  if (!isUsable || (layout.flags & flags.truncated) !== 0) return 0;
  const answers = layout.records.filter(({ section }) => section === "answer");
  const soa = layout.records.find(({ type, section }) => type === recordTypes.SOA && section === "authority");
  const isDenial = rcode === rcodes.NXDOMAIN || answers.length === 0 || soa !== undefined;
  const limits = [...answers.map(({ ttl }) => ttl), longest];
  if (!isDenial) return Math.min(...limits);
  if (!soa) return 0;
  return Math.min(...limits, soa.ttl, minimumOf(bytes, soa), longestNegative);
}

/** The last of an SOA record's numbers. */
function minimumOf(bytes: Buffer, { end }: PlacedRecord): number {
  return bytes.readUInt32BE(end - 4);
}
