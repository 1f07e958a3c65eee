// A small HTTP server: a few paths, each with its answer.

import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface ListenAddress {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
}

export interface SmallServer {
  readonly port: number;
  stop(): Promise<void>;
}

/** What a path answers. */
export interface SmallAnswer {
  readonly status?: number;
  readonly type: "application/json" | "text/plain";
  readonly body: string;
}

/** Serves GET of a few paths; answers when it listens, throws when it cannot. */
export async function serveSmall(
  { host, port }: ListenAddress,
  paths: Readonly<Record<string, () => SmallAnswer | Promise<SmallAnswer>>>,
): Promise<SmallServer> {
  const server = createServer((request, response) => {
    const handler = paths[(request.url ?? "").split("?")[0]!];
    if (!handler) return send(response, { status: 404, type: "text/plain", body: "404 page not found\n" });
    Promise.resolve()
      .then(handler)
      .then((answer) => send(response, answer))
      .catch((error: unknown) => send(response, { status: 500, type: "text/plain", body: `${String(error)}\n` }));
  });
  await listen(server, host, port);
  return {
    port: (server.address() as AddressInfo).port,
    stop() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) => reject(new Error(`Cannot listen at ${host}:${port}: ${error.message}`)));
    server.listen(port, host, resolve);
  });
}

function send(response: ServerResponse, { status = 200, type, body }: SmallAnswer): void {
  response.writeHead(status, { "content-type": type, "x-content-type-options": "nosniff" });
  response.end(body);
}
