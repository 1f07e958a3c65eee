// The kubelet's HTTPS server: logs, exec, attach, port forwarding, pods, health, metrics. What it shows and does is its host's.

import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import type { Pod } from "#kubernetes/api";
import { type Clock, describeError, type Logger } from "#shared";
import type { KubeletServerOptions } from "../options.ts";
import type { Access } from "./access.ts";
import { ServerError, type ServerHost } from "./host.ts";
import { readLogRequest, readStreams } from "./query.ts";
import { findRoute, type Route } from "./route.ts";
import { proxyUpgrade } from "./streaming/upgrade-proxy.ts";
import { isWebSocketExec, serveWebSocketExec } from "./streaming/websocket-exec.ts";
import { isWebSocketTunnel, serveWebSocketTunnel } from "./streaming/websocket-tunnel.ts";

export interface KubeletServer {
  readonly port: number;
  /** Ends open streams; resolves when nothing is served any more. */
  stop(): Promise<void>;
}

export interface ServerParts {
  readonly options: KubeletServerOptions;
  readonly access: Access;
  readonly host: ServerHost;
  readonly clock: Clock;
  readonly logger: Logger;
}

const defaultPort = 10250;

/** Starts serving; resolves when it listens. */
export async function startKubeletServer(parts: ServerParts): Promise<KubeletServer> {
  const { cert, key, clientCa, host = "0.0.0.0", port = defaultPort } = parts.options;
  const server = createServer({
    cert,
    key,
    ...(clientCa !== undefined && { ca: clientCa, requestCert: true }),
    rejectUnauthorized: false,
    minVersion: "TLSv1.2",
    // As the API server: a command for exec comes in the head.
    maxHeaderSize: 1024 * 1024,
  });
  const sockets = new Set<Duplex>();
  server.on("secureConnection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  server.on("request", (request, response) => {
    answer(parts, request, response).catch((error) => fail(response, error));
  });
  server.on("upgrade", (request, socket, head) => {
    socket.on("error", () => socket.destroy());
    upgrade(parts, request, socket, head).catch((error) => failUpgrade(socket, error));
  });
  await listen(server, host, port);
  return {
    port: (server.address() as AddressInfo).port,
    async stop() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

/** The route a request may take. Throws ServerError where it may not, or there is none. */
async function admit(
  { access }: ServerParts,
  request: IncomingMessage,
): Promise<{ route: Route; query: URLSearchParams }> {
  const url = new URL(request.url ?? "/", "https://kubelet");
  const refused = await access.check(request, url.pathname);
  if (refused) throw new ServerError(refused.status, refused.message);
  const route = findRoute(url.pathname);
  if (!route) throw new ServerError(404, "404 page not found\n");
  return { route, query: url.searchParams };
}

async function answer(parts: ServerParts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { route, query } = await admit(parts, request);
  const { host, clock } = parts;
  switch (route.kind) {
    case "healthz": {
      const problem = host.problem();
      send(response, problem === undefined ? 200 : 500, "text/plain; charset=utf-8", problem ?? "ok");
      break;
    }
    case "pods":
      sendJson(response, { kind: "PodList", apiVersion: "v1", metadata: {}, items: host.pods() });
      break;
    case "page": {
      const page = await host.page(route.path);
      if (!page) throw new ServerError(404, "404 page not found\n");
      send(response, 200, page.contentType, page.body);
      break;
    }
    case "logs":
      await sendLogs(parts, route, readLogRequest(route.container, query, clock.now()), request, response);
      break;
    case "run": {
      if (request.method !== "POST") throw new ServerError(405, "405: Method Not Allowed");
      const command = (query.get("cmd") ?? "").split(" ");
      const output = await host.run(podOf(host, route), route.container, command);
      send(response, 200, "application/json", output);
      break;
    }
    case "systemLogs":
      throw new ServerError(405, "logs endpoint is disabled.");
    default:
      throw new ServerError(400, "Upgrade request required");
  }
}

async function sendLogs(
  { host }: ServerParts,
  route: Extract<Route, { kind: "logs" }>,
  wanted: ReturnType<typeof readLogRequest>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const pod = host.findPod(route.namespace, route.pod);
  if (!pod) throw new ServerError(404, `pod ${JSON.stringify(route.pod)} does not exist`);
  const gone = new AbortController();
  request.on("close", () => gone.abort());
  response.on("close", () => gone.abort());
  const chunks = await host.logs(pod, wanted, gone.signal);
  response.writeHead(200, { "content-type": "text/plain" });
  response.flushHeaders();
  for await (const chunk of chunks) {
    if (gone.signal.aborted) return;
    if (!response.write(chunk)) await drained(response, gone.signal);
  }
  response.end();
}

function drained(response: ServerResponse, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    response.once("drain", resolve);
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

async function upgrade(parts: ServerParts, request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
  const { route, query } = await admit(parts, request);
  const { host } = parts;
  if (route.kind === "exec") {
    const streams = readStreams(query);
    const url = await host.exec(podOf(host, route), route.container, query.getAll("command"), streams);
    if (isWebSocketExec(request)) await serveWebSocketExec(request, socket, head, url, streams);
    else await proxyUpgrade(request, socket, head, url);
  } else if (route.kind === "attach") {
    const asked = readStreams(query);
    const { url, tty } = await host.attach(podOf(host, route), route.container, asked);
    const streams = { ...asked, tty, stderr: asked.stderr && !tty };
    if (isWebSocketExec(request)) await serveWebSocketExec(request, socket, head, url, streams);
    else await proxyUpgrade(request, socket, head, url);
  } else if (route.kind === "portForward") {
    const url = await host.portForward(podOf(host, route), query.getAll("port").flatMap(readPorts));
    if (isWebSocketTunnel(request)) await serveWebSocketTunnel(request, socket, head, url);
    else await proxyUpgrade(request, socket, head, url);
  } else {
    throw new ServerError(400, "unable to upgrade: not a streaming request");
  }
}

function podOf(host: ServerHost, route: { namespace: string; pod: string; uid?: string }): Pod {
  const pod = host.findPod(route.namespace, route.pod);
  if (!pod) throw new ServerError(404, "pod does not exist");
  if (route.uid !== undefined && pod.metadata.uid !== route.uid) throw new ServerError(404, "pod not found");
  return pod;
}

function readPorts(text: string): number[] {
  return text.split(",").map((part) => {
    const port = Number(part);
    if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
    throw new ServerError(400, `unable to parse ${JSON.stringify(part)} as a port`);
  });
}

function send(response: ServerResponse, status: number, contentType: string, body: string | Uint8Array): void {
  response.writeHead(status, { "content-type": contentType });
  response.end(body);
}

function sendJson(response: ServerResponse, value: unknown): void {
  send(response, 200, "application/json", JSON.stringify(value));
}

function statusOf(error: unknown): number {
  return error instanceof ServerError ? error.status : 500;
}

function fail(response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  send(response, statusOf(error), "text/plain; charset=utf-8", describeError(error));
}

/** The connection is still plain HTTP where an upgrade fails early: the client can read why. */
function failUpgrade(socket: Duplex, error: unknown): void {
  if (socket.destroyed) return;
  const body = describeError(error);
  const status = statusOf(error);
  const head = [
    `HTTP/1.1 ${status} ${statusTexts[status] ?? "Internal Server Error"}`,
    "Content-Type: text/plain; charset=utf-8",
    `Content-Length: ${Buffer.byteLength(body)}`,
    "Connection: close",
  ];
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`);
}

const statusTexts: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
};
