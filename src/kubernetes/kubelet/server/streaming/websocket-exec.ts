// Exec and attach over WebSocket (v5.channel.k8s.io, kubectl's way) for runtimes that speak SPDY: channels become streams.

import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type RawData, type WebSocket, WebSocketServer } from "ws";
import { describeError } from "#shared";
import { connectSpdy, type SpdyConnection, type SpdyStream } from "./spdy-client.ts";

export interface ExecStreams {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly tty: boolean;
}

export const webSocketExecProtocol = "v5.channel.k8s.io";

const channels = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const;
/** While so much waits to be sent to the client, nothing more is read from the container. */
const mostWaitingBytes = 1024 * 1024;

const server = new WebSocketServer({
  noServer: true,
  perMessageDeflate: false,
  maxPayload: 64 * 1024 * 1024,
  handleProtocols: (offered) => (offered.has(webSocketExecProtocol) ? webSocketExecProtocol : false),
});

/** Whether the request asks for this protocol. */
export function isWebSocketExec(request: IncomingMessage): boolean {
  return offersProtocol(request, webSocketExecProtocol);
}

export function offersProtocol({ headers }: IncomingMessage, protocol: string): boolean {
  const isWebSocket = headers.upgrade?.toLowerCase() === "websocket";
  const offered = (headers["sec-websocket-protocol"] ?? "").split(",").map((each) => each.trim());
  return isWebSocket && offered.includes(protocol);
}

/** Answers the upgrade and carries the streams until either side ends. `url` is the runtime's, for this one exec. */
export async function serveWebSocketExec(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  url: URL,
  streams: ExecStreams,
): Promise<void> {
  const webSocket = await acceptWebSocket(server, { request, socket, head });
  const early: RawData[] = [];
  const keep = (data: RawData) => early.push(data);
  webSocket.on("message", keep);
  let spdy: SpdyConnection;
  try {
    spdy = await connectSpdy(url, ["v4.channel.k8s.io"]);
  } catch (error) {
    sendFailure(webSocket, describeError(error));
    return;
  }
  webSocket.off("message", keep);
  if (webSocket.readyState !== webSocket.OPEN) {
    // Gone while the runtime was asked: the command must not run on for nobody.
    spdy.close();
    return;
  }
  const bridge = new Bridge(webSocket, spdy, streams);
  for (const data of early) bridge.take(data);
  await bridge.ended;
}

export interface Upgrade {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
}

/** Answers the upgrade. Rejects where the client's handshake is none, which it has been told then, or it has gone. */
export function acceptWebSocket(to: WebSocketServer, { request, socket, head }: Upgrade): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const gone = () => reject(new Error("the client has gone"));
    socket.once("close", gone);
    to.handleUpgrade(request, socket, head, (webSocket) => {
      socket.off("close", gone);
      // From the first moment on: a frame that breaks the protocol ends the connection, not the process.
      webSocket.on("error", () => webSocket.terminate());
      resolve(webSocket);
    });
  });
}

class Bridge {
  readonly ended: Promise<void>;
  readonly #webSocket: WebSocket;
  readonly #spdy: SpdyConnection;
  readonly #inputs = new Map<number, SpdyStream>();
  /** Streams the container still writes to. */
  #open = 0;

  constructor(webSocket: WebSocket, spdy: SpdyConnection, { stdin, stdout, stderr, tty }: ExecStreams) {
    this.#webSocket = webSocket;
    this.#spdy = spdy;
    this.#output("error", channels.error).end();
    if (stdin) this.#inputs.set(channels.stdin, this.#input("stdin"));
    if (stdout) this.#output("stdout", channels.stdout);
    if (stderr && !tty) this.#output("stderr", channels.stderr);
    if (tty) this.#inputs.set(channels.resize, this.#input("resize"));
    webSocket.on("message", (data) => this.take(data));
    webSocket.on("close", () => spdy.close());
    this.ended = spdy.closed.then(() => {
      if (webSocket.readyState === webSocket.OPEN) webSocket.close(1000);
    });
  }

  take(data: RawData): void {
    const message = Buffer.isBuffer(data) ? data : Buffer.from(data as ArrayBuffer);
    const [channel] = message;
    if (channel === undefined) return;
    if (channel === channels.close) {
      this.#closeInput(message[1]);
      return;
    }
    const stream = this.#inputs.get(channel);
    if (!stream || message.length === 1) return;
    if (stream.write(message.subarray(1))) return;
    this.#webSocket.pause();
    this.#spdy.drained().then(
      () => this.#webSocket.resume(),
      () => {},
    );
  }

  #closeInput(channel: number | undefined): void {
    if (channel === undefined) return;
    this.#inputs.get(channel)?.end();
    this.#inputs.delete(channel);
  }

  #input(type: string): SpdyStream {
    return this.#spdy.open(type, { onData: () => {}, onEnd: () => {} });
  }

  #output(type: string, channel: number): SpdyStream {
    this.#open++;
    return this.#spdy.open(type, {
      onData: (data) => this.#send(channel, data),
      onEnd: () => {
        this.#open--;
        if (this.#open === 0) this.#finish();
      },
    });
  }

  #send(channel: number, data: Buffer): void {
    const webSocket = this.#webSocket;
    if (webSocket.readyState !== webSocket.OPEN) return;
    webSocket.send(Buffer.concat([Buffer.of(channel), data]), () => {
      if (webSocket.bufferedAmount < mostWaitingBytes) this.#spdy.resume();
    });
    if (webSocket.bufferedAmount >= mostWaitingBytes) this.#spdy.pause();
  }

  /** Everything the container wrote has been passed on. */
  #finish(): void {
    this.#webSocket.close(1000);
    this.#spdy.close();
  }
}

/** Tells the client in the way it expects the end of a command. */
function sendFailure(webSocket: WebSocket, message: string): void {
  const status = { metadata: {}, status: "Failure", message, reason: "InternalError", code: 500 };
  webSocket.send(Buffer.concat([Buffer.of(channels.error), Buffer.from(JSON.stringify(status))]), () => {
    webSocket.close(1000);
  });
}
