// Port forwarding over WebSocket: kubectl speaks SPDY inside the WebSocket's messages; here it is unpacked for the runtime.

import { request as httpRequest, type IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { createWebSocketStream, WebSocketServer } from "ws";
import { join } from "./upgrade-proxy.ts";
import { acceptWebSocket, offersProtocol } from "./websocket-exec.ts";

const spdyPrefix = "SPDY/3.1+";
const portForward = "portforward.k8s.io";
const tunnelProtocol = `${spdyPrefix}${portForward}`;

const server = new WebSocketServer({
  noServer: true,
  perMessageDeflate: false,
  handleProtocols: (offered) => (offered.has(tunnelProtocol) ? tunnelProtocol : false),
});

export function isWebSocketTunnel(request: IncomingMessage): boolean {
  return offersProtocol(request, tunnelProtocol);
}

/** Connects to the runtime first, so that its refusal can still be an answer; then answers the upgrade and joins both. */
export async function serveWebSocketTunnel(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  url: URL,
): Promise<void> {
  const runtime = await connectRuntime(url);
  runtime.on("error", () => runtime.destroy());
  try {
    const webSocket = await acceptWebSocket(server, { request, socket, head });
    await new Promise<void>((resolve) => join(createWebSocketStream(webSocket), runtime, resolve));
  } finally {
    runtime.destroy();
  }
}

function connectRuntime(url: URL): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const headers = { connection: "Upgrade", upgrade: "SPDY/3.1", "x-stream-protocol-version": portForward };
    const call = httpRequest(url, { method: "POST", agent: false, headers });
    call.on("upgrade", (_response, runtime, first) => {
      if (first.length > 0) runtime.unshift(first);
      resolve(runtime);
    });
    call.on("response", (response) => {
      response.resume();
      reject(new Error(`unable to upgrade connection: status ${response.statusCode}`));
    });
    call.on("error", reject);
    call.end();
  });
}
