// What an answer that takes over its connection is given: the request and what to answer on.

import type { IncomingMessage } from "node:http";
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
  const body = JSON.stringify(error.toStatus());
  socket.end(
    `HTTP/1.1 ${error.code} ${error.reason}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
