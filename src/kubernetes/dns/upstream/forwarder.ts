// Asks the servers outside: one after the other, over TCP where an answer is too long for UDP; the same question once at a time,
// which also keeps a question that comes back to us from going round.

import { randomInt } from "node:crypto";
import { type Clock, describeError, type Logger } from "#shared";
import type { DnsMetrics } from "../metrics.ts";
import { flags, rcodes } from "../wire/numbers.ts";
import { AnswerCache, type CachedMessage } from "./answer-cache.ts";
import { type ExchangeOptions, exchangeByTcp, exchangeByUdp, type Message } from "./exchange.ts";
import type { Server } from "./resolver-file.ts";
import { answersQuestion, type UpstreamQuestion, writeQuestion } from "./write-question.ts";

export interface ForwarderOptions {
  /** Whom to ask, best first; looked up for every question. */
  servers(): readonly Server[];
  /** How long to wait for one server. Default 2000. */
  readonly timeoutMs?: number;
  readonly clock: Clock;
  readonly metrics: DnsMetrics;
  readonly logger: Logger;
}

/** The fewest tries: a packet may get lost. */
const fewestTries = 2;
const mostTries = 3;
/** Questions under way; beyond, clients are told to try later. */
const mostAtOnce = 1000;
/** A server that did not answer is asked last for a while. */
const badForMs = 10_000;

export class Forwarder {
  readonly #options: ForwarderOptions;
  readonly #cache: AnswerCache;
  readonly #underWay = new Map<string, Promise<Message | undefined>>();
  readonly #badUntil = new Map<string, number>();
  readonly #stopping = new AbortController();

  constructor(options: ForwarderOptions) {
    this.#options = options;
    this.#cache = new AnswerCache(options.clock);
  }

  /** Undefined where nobody answers. */
  ask(question: UpstreamQuestion): CachedMessage | Promise<CachedMessage | undefined> {
    const key = keyOf(question);
    const kept = this.#cache.get(key);
    this.#options.metrics.cacheAsked(kept !== undefined);
    return kept ?? this.#askOnce(key, question);
  }

  /** Resolves when no question is under way. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error("Cannot ask other servers: the DNS server stops"));
    await Promise.all(this.#underWay.values());
  }

  async #askOnce(key: string, question: UpstreamQuestion): Promise<CachedMessage | undefined> {
    let answer = this.#underWay.get(key);
    if (!answer) {
      if (this.#underWay.size >= mostAtOnce || this.#stopping.signal.aborted) return undefined;
      answer = this.#askServers(question).finally(() => this.#underWay.delete(key));
      this.#underWay.set(key, answer);
      const message = await answer;
      if (message) this.#cache.put(key, message);
    }
    const message = await answer;
    return message && { ...message, ageSeconds: 0 };
  }

  async #askServers(question: UpstreamQuestion): Promise<Message | undefined> {
    const { logger } = this.#options;
    let refusal: Message | undefined;
    for (const server of this.#inOrder()) {
      try {
        const message = await this.#askServer(server, question);
        const rcode = message.layout.flags & flags.rcode;
        if (rcode !== rcodes.SERVFAIL && rcode !== rcodes.REFUSED) return message;
        refusal = message;
      } catch (error) {
        if (this.#stopping.signal.aborted) return undefined;
        this.#badUntil.set(server.address, this.#options.clock.now() + badForMs);
        logger.debug({ server: server.address, error: describeError(error) }, "a name server does not answer");
      }
    }
    return refusal;
  }

  /** Those that answered last time first; twice where there is only one. */
  #inOrder(): Server[] {
    const now = this.#options.clock.now();
    const isBad = ({ address }: Server) => (this.#badUntil.get(address) ?? 0) > now;
    const servers = this.#options.servers();
    const ordered = [...servers.filter((server) => !isBad(server)), ...servers.filter(isBad)];
    const again = ordered.length < fewestTries ? ordered : [];
    return [...ordered, ...again].slice(0, mostTries);
  }

  async #askServer(server: Server, question: UpstreamQuestion): Promise<Message> {
    const { timeoutMs = 2000, clock, metrics } = this.#options;
    const bytes = writeQuestion(randomInt(0x10000), question);
    const questionEnd = bytes.length - 11;
    const options: ExchangeOptions = {
      timeoutMs,
      signal: this.#stopping.signal,
      isAnswer: (message) => answersQuestion(message, bytes, questionEnd),
    };
    const startedAt = clock.now();
    let message = await exchangeByUdp(server, bytes, options);
    if ((message.layout.flags & flags.truncated) !== 0) message = await exchangeByTcp(server, bytes, options);
    this.#badUntil.delete(server.address);
    metrics.forwarded({
      server: `${server.address}:${server.port}`,
      rcode: message.layout.flags & flags.rcode,
      tookMs: clock.now() - startedAt,
    });
    return message;
  }
}

function keyOf({ labels, type, dnssec, checkingDisabled }: UpstreamQuestion): string {
  return `${type} ${dnssec ? "d" : ""}${checkingDisabled ? "c" : ""} ${labels.join(".")}`;
}
