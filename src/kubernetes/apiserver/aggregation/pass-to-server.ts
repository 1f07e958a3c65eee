// Requests for a group's version that another server answers: passed on as they are, in the name of who asks.

import type { IncomingMessage } from "node:http";
import type { ApiBody } from "#kubernetes/api";
import type { Answer, BytesAnswer, Call } from "../call.ts";
import type { RequestExchange } from "../http/stream-exchange.ts";
import { textAnswer } from "../paths/page-not-found.ts";
import type { Backend } from "../subresources/proxy/backend.ts";
import { returnedHeaders } from "../subresources/proxy/forwarded-headers.ts";
import { passOn } from "../subresources/proxy/reverse-proxy.ts";
import { joinUpgrade } from "../subresources/proxy/upgrade.ts";
import { describeConnectionError } from "../webhooks/connection-errors.ts";
import { isAvailable, type RemoteService } from "./api-services.ts";
import { ask, formatHost, type ServerConnections } from "./server-connections.ts";
import { userHeaders } from "./user-headers.ts";

/** Answers 503 where the server is known to be away, or cannot be reached. */
export async function passToServer(
  connections: ServerConnections,
  service: RemoteService,
  call: Call,
): Promise<Answer> {
  if (!isAvailable(service)) return unavailable;
  let backend: Backend;
  try {
    backend = await connections.locate(service);
  } catch {
    return unavailable;
  }
  if (!call.connection) return askInProcess(connections, { service, backend, call });
  const { request, user } = call;
  const path = request.path + (request.query.size > 0 ? `?${request.query}` : "");
  const target = { path, prefix: "", headers: userHeaders(user) };
  return {
    kind: "stream",
    serve(exchange) {
      if (exchange.kind === "upgrade") joinUpgrade(exchange, connections.to(service), backend, target);
      else passOn(refusingInText(exchange), connections.to(service), backend, target);
    },
  };
}

/** What cannot be reached is said in plain text, as everywhere in upstream's aggregator. */
function refusingInText(exchange: RequestExchange): RequestExchange {
  const { response } = exchange;
  return {
    ...exchange,
    refuse({ message, code }) {
      if (response.headersSent || response.destroyed) return void response.destroy();
      const { headers, body } = errorText(code, message);
      response.writeHead(code, headers).end(body);
    },
  };
}

interface InProcess {
  readonly service: RemoteService;
  readonly backend: Backend;
  readonly call: Call;
}

/** For callers without a connection: the answer's bytes, as they come. */
async function askInProcess(
  connections: ServerConnections,
  { service, backend, call }: InProcess,
): Promise<BytesAnswer> {
  const { method, path, query, headers, body, signal } = call.request;
  try {
    const answer = await ask(connections.to(service), backend, {
      method,
      path: path + (query.size > 0 ? `?${query}` : ""),
      headers: {
        accept: headers["accept"] ?? "application/json",
        "user-agent": headers["user-agent"] ?? "kube-apiserver",
        ...(body && { "content-type": headers["content-type"] ?? "application/json" }),
        host: formatHost(backend),
        ...userHeaders(call.user),
      },
      ...(body && { body: bytesOf(body) }),
      signal,
    });
    return { kind: "bytes", status: answer.statusCode ?? 502, headers: textHeaders(answer), body: answer };
  } catch (error) {
    if (signal?.aborted) throw error;
    return errorText(503, `error trying to reach service: ${describeConnectionError(error as Error)}`);
  }
}

function bytesOf(body: ApiBody): Uint8Array {
  return body.kind === "bytes" ? body.bytes : Buffer.from(JSON.stringify(body.object));
}

function textHeaders(answer: IncomingMessage): Record<string, string> {
  const entries = Object.entries(returnedHeaders(answer)).map(([name, value]) => [name, String(value)]);
  return Object.fromEntries(entries) as Record<string, string>;
}

/** As Go's http.Error writes it. */
function errorText(status: number, text: string): BytesAnswer & { readonly body: Uint8Array } {
  return textAnswer(status, `${text}\n`, { "x-content-type-options": "nosniff" }) as never;
}

const unavailable = errorText(503, "service unavailable");
