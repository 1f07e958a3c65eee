// Passes a request on and its answer back, with links and redirects to the other's own paths turned into ones that lead through
// this server.

import type { IncomingMessage, OutgoingHttpHeaders } from "node:http";
import { serviceUnavailable } from "#kubernetes/api";
import type { RequestExchange } from "../../http/stream-exchange.ts";
import { describeConnectionError } from "../../webhooks/connection-errors.ts";
import type { Backend, Backends } from "./backend.ts";
import { forwardedHeaders, returnedHeaders } from "./forwarded-headers.ts";
import { type LinkContext, rewriteHtml, rewriteLink } from "./rewrite-links.ts";

export interface ProxyTarget {
  /** What the backend is asked, query included. */
  readonly path: string;
  /** This server's path before it. */
  readonly prefix: string;
  /** What the backend is told besides. */
  readonly headers?: OutgoingHttpHeaders;
}

export function passOn(
  exchange: RequestExchange,
  backends: Pick<Backends, "request">,
  backend: Backend,
  target: ProxyTarget,
): void {
  const { request, response } = exchange;
  const host = request.headers.host ?? String(request.headers[":authority"] ?? "");
  const headers = {
    ...forwardedHeaders(request),
    ...target.headers,
    "x-forwarded-uri": target.prefix + target.path,
    "x-forwarded-host": host,
    "x-forwarded-proto": "https",
    // Links can be found in plain text only.
    "accept-encoding": "identity",
    host: `${backend.host.includes(":") ? `[${backend.host}]` : backend.host}:${backend.port}`,
  };
  const outgoing = backends.request(backend, { method: request.method ?? "GET", path: target.path, headers });
  outgoing.on("error", (error) =>
    exchange.refuse(serviceUnavailable(`error trying to reach service: ${describeConnectionError(error)}`)),
  );
  outgoing.on("response", (answer) => {
    const links: LinkContext = { prefix: target.prefix, hosts: [headers.host, host] };
    void giveBack(exchange, answer, links).catch(() => response.destroy());
  });
  response.on("close", () => outgoing.destroy());
  request.pipe(outgoing);
}

async function giveBack({ response }: RequestExchange, answer: IncomingMessage, links: LinkContext): Promise<void> {
  const headers = returnedHeaders(answer);
  const { location } = answer.headers;
  if (location) headers["location"] = rewriteLink(location, links);
  if (!answer.headers["content-type"]?.startsWith("text/html")) {
    response.writeHead(answer.statusCode ?? 502, headers);
    response.flushHeaders();
    answer.on("error", () => response.destroy());
    answer.pipe(response);
    return;
  }
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  const page = Buffer.from(rewriteHtml(Buffer.concat(chunks).toString(), links));
  response.writeHead(answer.statusCode ?? 502, { ...headers, "content-length": page.length });
  response.end(page);
}
