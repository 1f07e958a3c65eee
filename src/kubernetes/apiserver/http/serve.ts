// Serves the chain over HTTP: reads requests, answers them, and hands upgrades to whoever takes over their sockets.

import { X509Certificate } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { PeerCertificate } from "node:tls";
import { type ApiBody, StatusError } from "#kubernetes/api";
import type { Clock, Logger } from "#shared";
import type { Answer, Call, Connection, Handler } from "../call.ts";
import { makeCall } from "../make-call.ts";
import type { Track } from "../metrics/request-metrics.ts";
import type { ApiServerOptions } from "../options.ts";
import { type AnswerContext, type Forms, negotiateAnswer, writeAnswer, writeError } from "./answer-writer.ts";
import { type CertificateReader, createCertificateReader } from "./client-certificate.ts";
import { type MediaType, plainJson } from "./media-types.ts";
import { hasBody, readBody, readHead, type WireRequest } from "./read-request.ts";
import { type Listener, type ListenOptions, listen } from "./server.ts";
import { type RequestExchange, type UpgradeExchange, writePlainAnswer, writePlainError } from "./stream-exchange.ts";
import { asksForWebSocket, serveWebSocketAnswer } from "./websocket-answer.ts";
import type { WireResponse } from "./wire-response.ts";

export interface Served {
  readonly chain: Handler;
  readonly formsOf: (call: Call) => Forms | undefined;
  /** Whether another server will answer: the body is then its to read. */
  readonly isProxied: (call: Call) => boolean;
  /** Counts a request; the answer is called when it has been answered. */
  readonly track: Track;
}

export interface ServeOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Requests before it wait. */
  readonly ready: Promise<void>;
  readonly frontProxy?: ApiServerOptions["frontProxy"];
}

export async function serveHttp(
  served: Served,
  listenOptions: ListenOptions,
  options: ServeOptions,
): Promise<Listener> {
  const certificates = createCertificateReader(frontProxyReader(options.frontProxy));
  const door = new Door(served, options, certificates);
  return listen(withFrontProxyAuthority(listenOptions, options.frontProxy), {
    onRequest: (request, response) => void door.answer(request, response),
    onUpgrade: (request, socket, head) => void door.upgrade(request, socket, head),
  });
}

class Door {
  readonly #served: Served;
  readonly #options: ServeOptions;
  readonly #certificates: CertificateReader;

  constructor(served: Served, options: ServeOptions, certificates: CertificateReader) {
    this.#served = served;
    this.#options = options;
    this.#certificates = certificates;
  }

  async answer(request: WireRequest, response: WireResponse): Promise<void> {
    let call: Call | undefined;
    let finish: ReturnType<Track> | undefined;
    try {
      call = makeCall(readHead(request), this.#connectionOf(request));
      call.onGone = closeHook(response);
      finish = this.#served.track(call);
      const isAggregated = this.#served.isProxied(call);
      if (hasBody(request) && !isAggregated && !isProxied(call)) call = withBody(call, await readBody(request));
      await this.#options.ready;
      const mediaType = isAggregated ? plainJson : this.#negotiate(call);
      const answer = await this.#served.chain(call);
      const context: AnswerContext = { call, response, mediaType, now: () => this.#options.clock.now() };
      if (answer.kind === "stream") answer.serve(this.#exchangeOf(call, request, response));
      else await writeAnswer(context, answer);
    } catch (error) {
      await this.#refuse(request, response, call, error);
    }
    if (call) finish?.(response.statusCode, call);
  }

  /** Whoever may not ask at all is not told what forms there are: that is said after authorization. */
  #negotiate(call: Call): MediaType {
    try {
      return negotiateAnswer(call, this.#served.formsOf(call));
    } catch (error) {
      call.unacceptable = error;
      return plainJson;
    }
  }

  async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    socket.on("error", () => socket.destroy());
    try {
      const call = makeCall(readHead(request), this.#connectionOf(request));
      call.onGone = closeHook(socket);
      await this.#options.ready;
      const answer = await this.#served.chain(call);
      this.#serveUpgrade(call, answer, { kind: "upgrade", request, socket, head });
    } catch (error) {
      writePlainError(socket, StatusError.from(error));
    }
  }

  #serveUpgrade(call: Call, answer: Answer, exchange: UpgradeExchange): void {
    if (answer.kind === "stream") {
      answer.serve(exchange);
      return;
    }
    if (answer.kind === "bytes" && answer.status >= 400 && answer.body instanceof Uint8Array) {
      writePlainAnswer(exchange.socket, { ...answer, body: answer.body });
      return;
    }
    const goesOn = answer.kind === "bytes" || answer.kind === "watch";
    if (!goesOn || !asksForWebSocket(exchange)) throw new Error("Cannot upgrade: the path has no streams");
    const { formsOf } = this.#served;
    serveWebSocketAnswer(exchange, answer, { call, formsOf, now: () => this.#options.clock.now() });
  }

  #exchangeOf(call: Call, request: WireRequest, response: WireResponse): RequestExchange {
    return {
      kind: "request",
      request,
      response,
      refuse: (error) => void this.#refuse(request, response, call, error),
    };
  }

  #connectionOf(request: WireRequest): Connection {
    return this.#certificates.read(request.socket);
  }

  async #refuse(request: WireRequest, response: WireResponse, call: Call | undefined, error: unknown): Promise<void> {
    const refusal = StatusError.from(error);
    if (refusal.code >= 500) this.#options.logger.warn({ err: error, path: request.url }, "request failed");
    if (response.headersSent || response.destroyed) return void response.destroy();
    await writeError(call ?? makeCall(readHead(request), undefined), response, refusal);
  }
}

function closeHook(stream: WireResponse | Duplex): NonNullable<Call["onGone"]> {
  return (callback) => {
    stream.once("close", callback);
    return () => void stream.off("close", callback);
  };
}

/** What goes on to another server is not read here. */
function isProxied({ info }: Call): boolean {
  return info.isResourceRequest && info.subresource === "proxy";
}

function withBody(call: Call, body: ApiBody): Call {
  return { ...call, request: { ...call.request, body } };
}

function frontProxyReader(options: ServeOptions["frontProxy"]): Parameters<typeof createCertificateReader>[0] {
  if (!options) return {};
  // Several while one takes another's place.
  const blocks = options.authority.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  const authorities = blocks.map((block) => new X509Certificate(block));
  return {
    ...(options.names && { frontProxyNames: options.names }),
    isFrontProxyIssuer(peer: PeerCertificate) {
      const certificate = new X509Certificate(peer.raw);
      return authorities.some(({ publicKey }) => certificate.verify(publicKey));
    },
  };
}

function withFrontProxyAuthority(listenOptions: ListenOptions, options: ServeOptions["frontProxy"]): ListenOptions {
  if (!options || !listenOptions.tls) return listenOptions;
  const { clientAuthorities = [] } = listenOptions.tls;
  return {
    ...listenOptions,
    tls: { ...listenOptions.tls, clientAuthorities: [...clientAuthorities, options.authority] },
  };
}
