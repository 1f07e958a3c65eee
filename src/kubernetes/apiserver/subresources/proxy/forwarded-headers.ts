// The headers of a request that goes on: without those of one hop, and without what told this server who asks.

import type { IncomingMessage, OutgoingHttpHeaders } from "node:http";

const ofOneHop = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "http2-settings",
]);

const bearerProtocol = /^base64url\.bearer\.authorization\.k8s\.io\./;

export function forwardedHeaders({ headers, socket }: IncomingMessage): OutgoingHttpHeaders {
  const passed: OutgoingHttpHeaders = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || name.startsWith(":") || ofOneHop.has(name) || tellsWhoAsks(name)) continue;
    passed[name] = value;
  }
  const protocols = headers["sec-websocket-protocol"];
  if (protocols) passed["sec-websocket-protocol"] = withoutToken(protocols);
  const before = headers["x-forwarded-for"];
  const client = socket.remoteAddress;
  if (client) passed["x-forwarded-for"] = before ? `${String(before)}, ${client}` : client;
  return passed;
}

function tellsWhoAsks(name: string): boolean {
  return name === "authorization" || name.startsWith("impersonate-") || name.startsWith("x-remote-");
}

/** Browsers can only send a token as one of the protocols. */
function withoutToken(protocols: string): string {
  const kept = protocols.split(",").filter((protocol) => !bearerProtocol.test(protocol.trim()));
  return kept.map((protocol) => protocol.trim()).join(", ");
}

/** Headers of an answer that goes back to a client, who may speak another version of HTTP. */
export function returnedHeaders({ headers }: IncomingMessage): OutgoingHttpHeaders {
  const passed: OutgoingHttpHeaders = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && !ofOneHop.has(name) && !name.startsWith("access-control-")) passed[name] = value;
  }
  return passed;
}
