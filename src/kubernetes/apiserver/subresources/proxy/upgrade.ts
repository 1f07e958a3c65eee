// Joins a client's connection with one to a backend: the request goes on as it came, and once both sides have agreed on another
// protocol, bytes are passed on untouched.

import type { ClientRequest, IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders } from "node:http";
import type { Duplex } from "node:stream";
import { badRequest, serviceUnavailable } from "#kubernetes/api";
import { type StreamExchange, type UpgradeExchange, writePlainError } from "../../http/stream-exchange.ts";
import { describeConnectionError } from "../../webhooks/connection-errors.ts";
import type { Backend, Backends } from "./backend.ts";
import { forwardedHeaders } from "./forwarded-headers.ts";

export interface UpgradeTarget {
  readonly path: string;
  /** A request that asks for no upgrade is refused. */
  readonly isRequired?: boolean;
  /** What the backend is told besides. */
  readonly headers?: OutgoingHttpHeaders;
}

export function joinUpgrade(
  exchange: StreamExchange,
  backends: Pick<Backends, "request">,
  backend: Backend,
  target: UpgradeTarget,
): void {
  if (exchange.kind !== "upgrade") {
    if (target.isRequired) exchange.refuse(badRequest("Upgrade request required"));
    return;
  }
  const { request, socket } = exchange;
  const headers = {
    ...forwardedHeaders(request),
    ...target.headers,
    connection: "Upgrade",
    upgrade: request.headers.upgrade,
  };
  const outgoing = backends.request(backend, { method: request.method ?? "GET", path: target.path, headers });
  socket.on("error", () => outgoing.destroy());
  socket.on("close", () => outgoing.destroy());
  connect(exchange, outgoing);
  outgoing.end();
}

function connect({ socket, head }: UpgradeExchange, outgoing: ClientRequest): void {
  outgoing.on("upgrade", (answer: IncomingMessage, other: Duplex, otherHead: Buffer) => {
    socket.write(formatHead(answer));
    if (otherHead.length > 0) socket.write(otherHead);
    if (head.length > 0) other.write(head);
    join(socket, other);
  });
  outgoing.on("response", (answer: IncomingMessage) => {
    socket.write(formatHead(answer, { connection: "close" }));
    answer.pipe(socket);
  });
  outgoing.on("error", (error) => {
    if (!socket.writable) return;
    writePlainError(socket, serviceUnavailable(`error trying to reach service: ${describeConnectionError(error)}`));
  });
}

/** Passes bytes on in both directions; when one side ends, so does the other. */
function join(a: Duplex, b: Duplex): void {
  for (const [from, to] of [
    [a, b],
    [b, a],
  ] as const) {
    from.on("error", () => to.destroy());
    from.on("close", () => to.destroy());
    from.pipe(to);
  }
  for (const socket of [a, b]) if ("setTimeout" in socket) (socket as { setTimeout(ms: number): void }).setTimeout(0);
}

function formatHead(answer: IncomingMessage, replaced: IncomingHttpHeaders = {}): string {
  const lines = [`HTTP/1.1 ${answer.statusCode} ${answer.statusMessage ?? ""}`];
  const { rawHeaders } = answer;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]!;
    // The body is passed on without its chunks' frames, to the end of the connection.
    if (name.toLowerCase() in replaced || (answer.statusCode !== 101 && name.toLowerCase() === "transfer-encoding"))
      continue;
    lines.push(`${name}: ${rawHeaders[index + 1]}`);
  }
  for (const [name, value] of Object.entries(replaced)) lines.push(`${name}: ${value}`);
  return `${lines.join("\r\n")}\r\n\r\n`;
}
