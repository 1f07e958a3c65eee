// From the bytes of a query to the bytes of its answer: out of the cluster, or from servers outside.

import type { DnsMetrics } from "../metrics.ts";
import { type Answer, answerQuestion, type Zone } from "../records/answer-question.ts";
import type { ClusterView } from "../records/cluster-view.ts";
import type { DnsRecord } from "../records/record.ts";
import type { CachedMessage } from "../upstream/answer-cache.ts";
import { readAddresses } from "../upstream/read-addresses.ts";
import type { UpstreamQuestion } from "../upstream/write-question.ts";
import { labelsOf } from "../wire/names.ts";
import { flags, longestMessage, plainUdpLength, rcodes } from "../wire/numbers.ts";
import { type Query, readQuery } from "../wire/read-query.ts";
import { relayResponse } from "../wire/relay-response.ts";
import { writeRefusal, writeResponse } from "../wire/write-response.ts";

export interface Channel {
  readonly protocol: "udp" | "tcp";
  /** 1: IPv4, 2: IPv6. */
  readonly family: 1 | 2;
}

export interface QueryHandlerOptions {
  readonly zone: Zone;
  readonly view: ClusterView;
  readonly metrics: DnsMetrics;
  /** Undefined where nobody answers. */
  askOutside(question: UpstreamQuestion): CachedMessage | Promise<CachedMessage | undefined>;
}

/** Undefined: no answer is to be sent. Names of the cluster are answered at once, without a promise. */
export type HandleQuery = (bytes: Buffer, channel: Channel) => Buffer | Promise<Buffer> | undefined;

/** Whatever a client says, longer UDP messages than this are not sent. */
const longestUdp = 4096;

export function createQueryHandler(options: QueryHandlerOptions): HandleQuery {
  const handler = new QueryHandler(options);
  return (bytes, channel) => {
    const read = readQuery(bytes);
    if (read.kind === "noise") return undefined;
    if (read.kind === "refusal") return writeRefusal(read.query, read.rcode);
    return handler.handle(read.query, channel);
  };
}

class QueryHandler {
  readonly #options: QueryHandlerOptions;
  #turn = 0;

  constructor(options: QueryHandlerOptions) {
    this.#options = options;
  }

  handle(query: Query, channel: Channel): Buffer | Promise<Buffer> {
    const startedAt = performance.now();
    const limit = limitOf(query, channel);
    const answer = answerQuestion(query.question, this.#options.zone, this.#options.view);
    const finish = (response: Buffer) => {
      this.#report(query, channel, { startedAt, response, isOutside: answer.kind === "outside" });
      return response;
    };
    if (answer.kind === "answer") return finish(this.#write(query, answer, limit));
    const name = answer.kind === "alias" ? labelsOf(answer.target) : query.question.labels;
    const found = this.#options.askOutside(questionFor(name, query));
    const write = (message: CachedMessage | undefined) => finish(this.#pass(query, { answer, message, limit }));
    return found instanceof Promise ? found.then(write) : write(found);
  }

  #write(query: Query, answer: Extract<Answer, { kind: "answer" }>, limit: number): Buffer {
    const answers = rotateAddresses(answer.answers, this.#turn++);
    return writeResponse(query, { ...answer, answers, authoritative: answer.rcode !== rcodes.SERVFAIL }, limit);
  }

  #pass(
    query: Query,
    { answer, message, limit }: { answer: Answer; message: CachedMessage | undefined; limit: number },
  ): Buffer {
    if (!message) {
      return writeResponse(query, { rcode: rcodes.SERVFAIL, authoritative: false, answers: [] }, limit);
    }
    if (answer.kind !== "alias") return relayResponse(query, message, limit);
    const answers = [...answer.answers, ...readAddresses(message)];
    return writeResponse(query, { rcode: message.layout.flags & flags.rcode, authoritative: false, answers }, limit);
  }

  #report(
    { question }: Query,
    { protocol, family }: Channel,
    { startedAt, response, isOutside }: { startedAt: number; response: Buffer; isOutside: boolean },
  ): void {
    this.#options.metrics.answered({
      zone: isOutside ? "." : `${this.#options.zone.domain}.`,
      protocol,
      family,
      type: question.type,
      rcode: response.readUInt16BE(2) & flags.rcode,
      tookMs: performance.now() - startedAt,
      responseBytes: response.length,
    });
  }
}

function limitOf({ edns }: Query, { protocol }: Channel): number {
  return protocol === "tcp" ? longestMessage : Math.min(edns?.udpLength ?? plainUdpLength, longestUdp);
}

function questionFor(labels: readonly string[], { question, edns, flags: asked }: Query): UpstreamQuestion {
  const checkingDisabled = (asked & flags.checkingDisabled) !== 0;
  return { labels, type: question.type, dnssec: edns?.dnssec ?? false, checkingDisabled };
}

/** Many clients use the first address only: each gets to be it. Aliases stay before what they lead to. */
function rotateAddresses(records: readonly DnsRecord[], turn: number): readonly DnsRecord[] {
  const first = records.findIndex(({ type }) => type === "A" || type === "AAAA");
  const count = records.length - first;
  if (first < 0 || count < 2) return records;
  const start = first + (turn % count);
  return [...records.slice(0, first), ...records.slice(start), ...records.slice(first, start)];
}
