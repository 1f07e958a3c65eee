// One question to one server and its answer, over UDP or TCP.

import { createSocket } from "node:dgram";
import { connect, isIPv6 } from "node:net";
import { type MessageLayout, readLayout } from "../wire/message-layout.ts";
import type { Server } from "./resolver-file.ts";

export interface Message {
  readonly bytes: Buffer;
  readonly layout: MessageLayout;
}

export interface ExchangeOptions {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Whether the message answers what was asked; others are not listened to. */
  isAnswer(message: Message): boolean;
}

/** Throws when no answer comes. Every question has a socket, and so a port, of its own: answers are hard to guess. */
export function exchangeByUdp(server: Server, question: Buffer, options: ExchangeOptions): Promise<Message> {
  return new Promise((resolve, reject) => {
    const socket = createSocket(isIPv6(server.address.split("%")[0]!) ? "udp6" : "udp4");
    const end = settleOnce(options, {
      close: () => socket.close(),
      reject,
      what: `${server.address}:${server.port} does not answer`,
    });
    socket.on("error", (error) => end(() => reject(error)));
    socket.on("message", (bytes) => {
      const message = readMessage(bytes, options);
      if (message) end(() => resolve(message));
    });
    socket.connect(server.port, server.address, () => socket.send(question));
  });
}

export function exchangeByTcp(server: Server, question: Buffer, options: ExchangeOptions): Promise<Message> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port: server.port, host: server.address, noDelay: true });
    const end = settleOnce(options, {
      close: () => socket.destroy(),
      reject,
      what: `${server.address}:${server.port} does not answer over TCP`,
    });
    let received = Buffer.alloc(0);
    socket.on("error", (error) => end(() => reject(error)));
    socket.on("close", () => end(() => reject(new Error(`${server.address}:${server.port} closed the connection`))));
    socket.on("data", (chunk) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) return;
      const message = readMessage(received.subarray(2, 2 + received.readUInt16BE(0)), options);
      end(() => (message ? resolve(message) : reject(new Error(`${server.address} answers something else`))));
    });
    const length = Buffer.alloc(2);
    length.writeUInt16BE(question.length);
    socket.write(Buffer.concat([length, question]));
  });
}

function readMessage(bytes: Buffer, { isAnswer }: ExchangeOptions): Message | undefined {
  try {
    const message = { bytes, layout: readLayout(bytes) };
    return isAnswer(message) ? message : undefined;
  } catch {
    return undefined;
  }
}

/** Answers a function that ends the exchange the first time it is called; so do the time limit and the signal. */
function settleOnce(
  { timeoutMs, signal }: ExchangeOptions,
  { close, reject, what }: { close(): void; reject(error: unknown): void; what: string },
): (settle: () => void) => void {
  let isSettled = false;
  const end = (settle: () => void) => {
    if (isSettled) return;
    isSettled = true;
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
    close();
    settle();
  };
  const stop = () => end(() => reject(signal.reason));
  const timer = setTimeout(() => end(() => reject(new Error(what))), timeoutMs);
  timer.unref();
  signal.addEventListener("abort", stop, { once: true });
  return end;
}
