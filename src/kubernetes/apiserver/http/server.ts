// The HTTPS server: HTTP/1.1 and HTTP/2 on one port, client certificates asked for but not demanded, graceful close.

import { createServer, type IncomingMessage } from "node:http";
import { createSecureServer, type Http2SecureServer, type ServerHttp2Session } from "node:http2";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { WireRequest } from "./read-request.ts";
import type { WireResponse } from "./wire-response.ts";

export interface TlsMaterial {
  readonly key: string;
  /** The certificate and whatever leads to the authority. */
  readonly certificate: string;
  /** Authorities whose client certificates say who asks. */
  readonly clientAuthorities?: readonly string[];
}

export interface ListenOptions {
  /** Default: all addresses. */
  readonly host?: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Without it the server speaks plain HTTP: for tests and benches on loopback only. */
  readonly tls?: TlsMaterial;
}

export interface Listener {
  readonly host: string;
  readonly port: number;
  /** Takes other key material for connections from now on. */
  setTls(tls: TlsMaterial): void;
  /** Stops taking connections, lets requests under way finish for a moment, ends the rest. */
  close(): Promise<void>;
}

export interface Handlers {
  readonly onRequest: (request: WireRequest, response: WireResponse) => void;
  readonly onUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
}

/** As upstream: commands for exec, tokens and selectors come in the head. */
const mostHeadBytes = 1024 * 1024;

export async function listen(options: ListenOptions, handlers: Handlers): Promise<Listener> {
  const server = options.tls ? createSecure(options.tls) : createServer({ maxHeaderSize: mostHeadBytes });
  const sockets = new Set<Socket>();
  let isClosing = false;
  const sessions = new Set<ServerHttp2Session>();
  server.on("request", handlers.onRequest as never);
  server.on("upgrade", handlers.onUpgrade as never);
  server.on(options.tls ? "secureConnection" : "connection", (socket: Socket) => {
    // Its handshake was under way when the server closed, which else would wait for the client to go.
    if (isClosing) return void socket.destroy();
    socket.setNoDelay(true);
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    // Clients that break off are no news.
    socket.on("error", () => undefined);
  });
  server.on("session", (session: ServerHttp2Session) => {
    sessions.add(session);
    session.on("close", () => sessions.delete(session));
    session.on("error", () => undefined);
  });
  server.on("tlsClientError", () => undefined);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, options.host, () => {
      server.off("error", reject);
      resolve();
    });
  });
  const { address, port } = server.address() as AddressInfo;
  return {
    host: address,
    port,
    setTls: (tls) => (server as Http2SecureServer).setSecureContext(contextOf(tls)),
    close: () =>
      new Promise((resolve) => {
        isClosing = true;
        server.close(() => resolve());
        for (const session of sessions) session.destroy();
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function createSecure(tls: TlsMaterial): Http2SecureServer {
  const server = createSecureServer({
    ...contextOf(tls),
    allowHTTP1: true,
    requestCert: true,
    rejectUnauthorized: false,
    minVersion: "TLSv1.2",
    settings: { maxConcurrentStreams: 2000, maxHeaderListSize: mostHeadBytes },
    // Long watches are many streams of little; they must not trip the memory guard of a session.
    maxSessionMemory: 1000,
  });
  // HTTP/1.1 on this port: its limit is read off the server.
  return Object.assign(server, { maxHeaderSize: mostHeadBytes });
}

function contextOf(tls: TlsMaterial): { key: string; cert: string; ca?: string[] } {
  return { key: tls.key, cert: tls.certificate, ...(tls.clientAuthorities && { ca: [...tls.clientAuthorities] }) };
}
