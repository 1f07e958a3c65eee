// Reads a document of another server, as this server's own user: only if it is another than the one that is known.

import type { IncomingMessage } from "node:http";
import type { RemoteService } from "./api-services.ts";
import { aggregatorUser } from "./check-availability.ts";
import { ask, formatHost, type ServerConnections } from "./server-connections.ts";
import { userHeaders } from "./user-headers.ts";

export interface FetchedDocument {
  readonly status: number;
  readonly contentType: string;
  readonly etag: string;
  /** Parsed JSON; undefined where the status is not 200. */
  readonly content: unknown;
}

export interface FetchOptions {
  readonly accept: string;
  /** Of the document known; the answer's status is 304 if it is still that one. */
  readonly etag?: string | undefined;
  readonly signal: AbortSignal;
}

const answerWithinMs = 5000;
/** More is not read of a server that may be hostile. */
const mostBytes = 64 * 1024 * 1024;

export async function fetchDocument(
  connections: ServerConnections,
  service: RemoteService,
  { path, accept, etag, signal }: FetchOptions & { readonly path: string },
): Promise<FetchedDocument> {
  const backend = await connections.locate(service);
  const answer = await ask(connections.to(service), backend, {
    method: "GET",
    path,
    headers: {
      accept,
      host: formatHost(backend),
      ...(etag && { "if-none-match": etag }),
      ...userHeaders(aggregatorUser),
    },
    signal: AbortSignal.any([signal, AbortSignal.timeout(answerWithinMs)]),
  });
  const status = answer.statusCode ?? 0;
  const body = await readBounded(answer);
  return {
    status,
    contentType: answer.headers["content-type"] ?? "",
    etag: answer.headers["etag"] ?? "",
    content: status === 200 ? JSON.parse(body.toString()) : undefined,
  };
}

async function readBounded(answer: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > mostBytes) throw new Error("the answer is too large");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
