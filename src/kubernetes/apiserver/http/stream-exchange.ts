// What an answer that takes over its connection is given: the request and what to answer on.

import { type IncomingMessage, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import type { StatusError } from "#kubernetes/api";
import type { WireRequest } from "./read-request.ts";
import type { WireResponse } from "./wire-response.ts";

export type StreamExchange = RequestExchange | UpgradeExchange;

/** A plain request; its body has not been read. */
export interface RequestExchange {
  readonly kind: "request";
  readonly request: WireRequest;
  readonly response: WireResponse;
  /** Answers with a Status, or breaks off where an answer has begun. */
  refuse(error: StatusError): void;
}

/** A connection that wants to speak another protocol. */
export interface UpgradeExchange {
  readonly kind: "upgrade";
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  /** What the client has sent already in the other protocol. */
  readonly head: Buffer;
}

/** Answers on a bare socket, in plain HTTP, and closes it. */
export function writePlainError(socket: Duplex, error: StatusError): void {
  const headers = { "content-type": "application/json" };
  const body = Buffer.from(JSON.stringify(error.toStatus()));
  writePlainAnswer(socket, { status: error.code, headers, body }, error.reason);
}

/** Likewise for what is no Status. */
export function writePlainAnswer(
  socket: Duplex,
  { status, headers, body }: { status: number; headers: Readonly<Record<string, string>>; body: Uint8Array },
  reason = STATUS_CODES[status] ?? "",
): void {
  const all = { ...headers, "content-length": String(body.length), connection: "close" };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(Buffer.concat([Buffer.from(`HTTP/1.1 ${status} ${reason}\r\n${lines.join("")}\r\n`), body]));
}
