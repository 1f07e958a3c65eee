// Requests over HTTP/1.1, for servers (or proxies before them) that offer no HTTP/2: a pool of kept-alive sockets.

import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import type { SecureContextOptions } from "node:tls";
import {
  flattenHeaders,
  type HttpAnswer,
  type HttpConnection,
  type HttpRequest,
  UnsentError,
} from "./http-connection.ts";

export interface Http1TlsOptions extends SecureContextOptions {
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
}

/** Opens sockets as they are needed; `tls` matters for https servers only. */
export function createHttp1Connection(server: URL, tls: Http1TlsOptions): HttpConnection {
  const isSecure = server.protocol === "https:";
  const agent = isSecure ? new HttpsAgent({ keepAlive: true, ...tls }) : new HttpAgent({ keepAlive: true });
  const start = isSecure ? httpsRequest : httpRequest;
  const closed = Promise.withResolvers<void>();
  let isRetired = false;

  const send = (request: HttpRequest): Promise<HttpAnswer> =>
    new Promise((resolve, reject) => {
      const outgoing = start(new URL(request.target, server), {
        agent,
        method: request.method,
        headers: request.headers,
        ...(request.signal && { signal: request.signal }),
      });
      outgoing.once("response", (answer: IncomingMessage) =>
        resolve({ status: answer.statusCode ?? 0, headers: flattenHeaders(answer.headers), body: answer }),
      );
      // A kept-alive socket that the server closed just now: nothing of the request was read.
      outgoing.on("error", (error: NodeJS.ErrnoException) => {
        if (request.signal?.aborted) return reject(request.signal.reason);
        reject(outgoing.reusedSocket && error.code === "ECONNRESET" ? new UnsentError(error.message) : error);
      });
      outgoing.end(request.body);
    });

  return {
    get state() {
      return isRetired ? "ended" : "open";
    },
    closed: closed.promise,
    send,
    retire() {
      isRetired = true;
    },
    close() {
      isRetired = true;
      agent.destroy();
      closed.resolve();
    },
  };
}
