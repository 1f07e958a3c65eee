// Listens for queries at one address, over UDP and TCP.

import { createSocket, type Socket as UdpSocket } from "node:dgram";
import { type AddressInfo, createServer, isIPv6, type Server, type Socket } from "node:net";
import type { HandleQuery } from "./query-handler.ts";

export interface ListenOptions {
  readonly address: string;
  /** 0: any free one, the same for both. */
  readonly port: number;
  readonly handle: HandleQuery;
}

export interface Listener {
  readonly port: number;
  stop(): Promise<void>;
}

/** Connections without a query for so long are closed. */
const idleMs = 10_000;
/** Answers that a client does not read are not kept beyond this. */
const mostUnread = 1 << 20;

/** Throws where the address or the port cannot be had. */
export async function listen(options: ListenOptions): Promise<Listener> {
  const tcp = await listenTcp(options);
  const { port } = tcp.server.address() as AddressInfo;
  try {
    const udp = await listenUdp({ ...options, port });
    return { port, stop: () => Promise.all([close(udp), tcp.stop()]).then(() => {}) };
  } catch (error) {
    await tcp.stop();
    throw error;
  }
}

function listenUdp({ address, port, handle }: ListenOptions): Promise<UdpSocket> {
  const family = isIPv6(address) ? 2 : 1;
  const socket = createSocket({ type: family === 2 ? "udp6" : "udp4", recvBufferSize: 1 << 20 });
  const channel = { protocol: "udp", family } as const;
  let isClosed = false;
  socket.on("close", () => {
    isClosed = true;
  });
  socket.on("message", (bytes, client) => {
    const send = (response: Buffer) => {
      if (!isClosed) socket.send(response, client.port, client.address, ignoreError);
    };
    const response = handle(bytes, channel);
    if (response instanceof Promise) response.then(send, ignoreError);
    else if (response) send(response);
  });
  return new Promise((resolve, reject) => {
    socket.once("error", (error) => reject(cannotListen(address, port, error)));
    socket.bind({ address, port }, () => {
      // A client that has gone away is no reason to stop.
      socket.on("error", ignoreError);
      resolve(socket);
    });
  });
}

async function listenTcp({ address, port, handle }: ListenOptions): Promise<{ server: Server; stop(): Promise<void> }> {
  const channel = { protocol: "tcp", family: isIPv6(address) ? 2 : 1 } as const;
  const connections = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    connections.add(socket);
    socket.on("close", () => connections.delete(socket));
    serveConnection(socket, (bytes) => handle(bytes, channel));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(cannotListen(address, port, error)));
    server.listen(port, address, resolve);
  });
  const stop = () => {
    for (const socket of connections) socket.destroy();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  };
  return { server, stop };
}

/** Messages with their length before them, as many as the client sends; answered as they are ready (RFC 7766). */
function serveConnection(socket: Socket, handle: (bytes: Buffer) => ReturnType<HandleQuery>): void {
  let received = Buffer.alloc(0);
  const send = (response: Buffer) => {
    if (socket.destroyed || socket.writableLength > mostUnread) return void socket.destroy();
    const length = Buffer.alloc(2);
    length.writeUInt16BE(response.length);
    socket.write(Buffer.concat([length, response]));
  };
  socket.setTimeout(idleMs, () => socket.destroy());
  socket.on("error", ignoreError);
  socket.on("data", (chunk) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    while (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
      const end = 2 + received.readUInt16BE(0);
      const response = handle(received.subarray(2, end));
      received = received.subarray(end);
      if (response instanceof Promise) response.then(send, ignoreError);
      else if (response) send(response);
    }
  });
}

function close(socket: UdpSocket): Promise<void> {
  return new Promise((resolve) => socket.close(() => resolve()));
}

function cannotListen(address: string, port: number, error: Error): Error {
  return new Error(`Cannot listen at ${address}:${port}: ${error.message}`);
}

function ignoreError(): void {}
