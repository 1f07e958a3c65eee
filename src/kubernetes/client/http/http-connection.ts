// The contract of a connection to a server, and what the HTTP/2 and the HTTP/1.1 one have in common.

import type { Readable } from "node:stream";

export interface HttpRequest {
  readonly method: string;
  /** Path and query, as they go into the request line. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  readonly signal?: AbortSignal;
}

export interface HttpAnswer {
  readonly status: number;
  /** Lower-case names; several values of one header are joined by ", ". */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readable;
}

export interface HttpConnection {
  /** "full": no more requests now; "ended": none ever again. */
  readonly state: "open" | "full" | "ended";
  /** Resolves when its sockets are gone. */
  readonly closed: Promise<void>;
  /** Resolves with the answer's head. Rejects with UnsentError where the server has surely not acted on the request. */
  send(request: HttpRequest): Promise<HttpAnswer>;
  /** Takes no more requests and goes when those under way have ended. */
  retire(): void;
  /** Breaks off what is under way. */
  close(): void;
}

/** The connection broke before the server acted on the request: it can be sent again on another. */
export class UnsentError extends Error {
  override readonly name = "UnsentError";
}

/** Flattens Node's header objects; drops HTTP/2's pseudo headers. */
export function flattenHeaders(headers: Readonly<Record<string, unknown>>): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (name.startsWith(":") || value === undefined) continue;
    flat[name] = Array.isArray(value) ? value.join(", ") : String(value);
  }
  return flat;
}
