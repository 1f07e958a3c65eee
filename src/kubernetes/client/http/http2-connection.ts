// One HTTP/2 session: all requests and watches are its streams. A ping finds out when a silent peer has gone.

import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from "node:http2";
import type { TLSSocket } from "node:tls";
import { type Clock, onAbort } from "#shared";
import {
  flattenHeaders,
  type HttpAnswer,
  type HttpConnection,
  type HttpRequest,
  UnsentError,
} from "./http-connection.ts";

/** As client-go: a ping after 30 s without a byte, and 15 s for its answer. */
const silenceBeforePingMs = 30_000;
const pingTimeoutMs = 15_000;
/** The default of 64 KiB would make a long list wait for the network on every window. */
const streamWindowBytes = 1 << 20;
const sessionWindowBytes = 1 << 24;
/** What HTTP/2 advises as the least a peer should allow: good until its settings arrive. */
const streamsBeforeSettings = 100;

/** Wraps a TLS socket on which "h2" was agreed. */
export function createHttp2Connection(server: URL, socket: TLSSocket, clock: Clock): HttpConnection {
  const session = connect(server, {
    createConnection: () => socket,
    settings: { initialWindowSize: streamWindowBytes, enablePush: false },
    maxSessionMemory: 1024,
  });
  session.on("connect", () => session.setLocalWindowSize(sessionWindowBytes));
  return new Http2Connection(session, socket, clock);
}

class Http2Connection implements HttpConnection {
  readonly #session: ClientHttp2Session;
  readonly #socket: TLSSocket;
  readonly closed: Promise<void>;
  #streams = 0;
  #isRetired = false;

  constructor(session: ClientHttp2Session, socket: TLSSocket, clock: Clock) {
    this.#session = session;
    this.#socket = socket;
    this.closed = new Promise((resolve) => session.once("close", resolve));
    session.on("error", () => {}); // every stream reports it too
    session.on("goaway", () => this.retire());
    this.#watchForSilence(clock);
  }

  get state(): "open" | "full" | "ended" {
    if (this.#isRetired || this.#session.closed || this.#session.destroyed) return "ended";
    const most = this.#session.remoteSettings?.maxConcurrentStreams ?? streamsBeforeSettings;
    return this.#streams < most ? "open" : "full";
  }

  send(request: HttpRequest): Promise<HttpAnswer> {
    if (this.#session.closed || this.#session.destroyed)
      return Promise.reject(new UnsentError("the session is closed"));
    return new Promise((resolve, reject) => {
      const stream = this.#session.request(
        { ...request.headers, ":method": request.method, ":path": request.target },
        { endStream: request.body === undefined },
      );
      this.#track(stream, request.signal);
      let isAnswered = false;
      stream.once("response", (headers) => {
        isAnswered = true;
        resolve({ status: headers[":status"] ?? 0, headers: flattenHeaders(headers), body: stream });
      });
      stream.on("error", (error) => reject(describeStreamError(stream, error)));
      stream.once("close", () => {
        if (isAnswered) return;
        reject(request.signal?.aborted ? request.signal.reason : describeStreamError(stream, undefined));
      });
      if (request.body !== undefined) stream.end(request.body);
    });
  }

  retire(): void {
    this.#isRetired = true;
    if (!this.#session.closed) this.#session.close();
  }

  close(): void {
    this.#isRetired = true;
    if (!this.#session.destroyed) this.#session.destroy();
  }

  #track(stream: ClientHttp2Stream, signal: AbortSignal | undefined): void {
    this.#streams++;
    const release = onAbort(signal, () => stream.close(constants.NGHTTP2_CANCEL));
    stream.once("close", () => {
      this.#streams--;
      release();
    });
  }

  #watchForSilence(clock: Clock): void {
    let seen = -1;
    let cancel = () => {};
    const check = () => {
      if (this.#session.destroyed) return;
      const isSilent = this.#socket.bytesRead === seen;
      seen = this.#socket.bytesRead;
      if (isSilent && this.#streams > 0) this.#ping(clock);
      cancel = clock.after(silenceBeforePingMs, check);
    };
    check();
    this.#session.once("close", () => cancel());
  }

  #ping(clock: Clock): void {
    const giveUp = clock.after(pingTimeoutMs, () => this.#session.destroy(new Error("the server answers no ping")));
    if (!this.#session.ping(() => giveUp())) giveUp();
  }
}

function describeStreamError(stream: ClientHttp2Stream, error: Error | undefined): Error {
  if (stream.rstCode === constants.NGHTTP2_REFUSED_STREAM) return new UnsentError("the server refused the stream");
  return error ?? new Error("the connection was closed before the answer came");
}
