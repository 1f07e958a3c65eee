// Carries requests over a network: JSON over one HTTP/2 session, many streams (HTTP/1.1 where the server has no other).

import type { ApiRequest, ApiResponse } from "#kubernetes/api";
import { type Clock, systemClock } from "#shared";
import type { Transport } from "../client.ts";
import { readAnswer } from "./answers.ts";
import { ConnectionPool } from "./connection-pool.ts";
import { type CredentialOptions, createAuthenticate } from "./credentials.ts";
import { dial, type TlsOptions } from "./dial.ts";
import type { HttpAnswer, HttpRequest } from "./http-connection.ts";

export interface HttpTransportOptions extends CredentialOptions {
  /** Such as https://127.0.0.1:6443; a path in it goes before every request's. */
  readonly server: string;
  /** A function is asked again for every new connection: certificates that are rotated. */
  readonly tls?: TlsOptions | (() => TlsOptions | Promise<TlsOptions>);
  readonly clock?: Clock;
}

export interface HttpTransport extends Transport {
  /** Later requests use a new connection, and so a renewed client certificate. */
  renew(): void;
}

/** As client-go: how often a request is sent again because the server said "later". */
const mostRetries = 10;

export function createHttpTransport(options: HttpTransportOptions): HttpTransport {
  const { clock = systemClock, tls = {} } = options;
  const server = new URL(options.server);
  const basePath = server.pathname.replace(/\/+$/, "");
  const authenticate = createAuthenticate(options, clock);
  const pool = new ConnectionPool(async () =>
    dial(server, { tls: typeof tls === "function" ? await tls() : tls, clock }),
  );

  const encode = async (request: ApiRequest): Promise<HttpRequest> => {
    const query = request.query.toString();
    const body = encodeBody(request);
    const headers: Record<string, string> = {
      accept: "application/json, */*",
      ...definedHeaders(request.headers),
      ...(await authenticate()),
    };
    if (body !== undefined) {
      headers["content-type"] ??= "application/json";
      headers["content-length"] = String(body.byteLength);
    }
    return {
      method: request.method,
      target: `${basePath}${request.path}${query === "" ? "" : `?${query}`}`,
      headers,
      ...(body !== undefined && { body }),
      ...(request.signal && { signal: request.signal }),
    };
  };

  return {
    async request(request: ApiRequest): Promise<ApiResponse> {
      request.signal?.throwIfAborted();
      const encoded = await encode(request);
      for (let attempt = 0; ; attempt++) {
        const answer = await pool.send(encoded);
        const waitMs = attempt < mostRetries ? retryAfterMs(answer) : undefined;
        if (waitMs === undefined) return readAnswer(request, answer);
        answer.body.resume();
        await clock.sleep(waitMs, request.signal);
      }
    },
    renew: () => pool.renew(),
    close: () => pool.close(),
  };
}

function encodeBody({ body }: ApiRequest): Uint8Array | undefined {
  if (body === undefined) return undefined;
  return body.kind === "bytes" ? body.bytes : Buffer.from(JSON.stringify(body.object));
}

function definedHeaders(headers: ApiRequest["headers"]): Record<string, string> {
  const defined: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) defined[name] = value;
  return defined;
}

/** Servers that are too busy, or not ready yet, say when to come again. */
function retryAfterMs({ status, headers }: HttpAnswer): number | undefined {
  if (status !== 429 && status < 500) return undefined;
  const seconds = Number(headers["retry-after"] ?? Number.NaN);
  return Number.isInteger(seconds) ? seconds * 1000 : undefined;
}
