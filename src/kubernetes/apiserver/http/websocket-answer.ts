// Answers that go on for a while, to clients that ask for them over a WebSocket: a log in pieces, a watch event by event, each
// one message.

import type { Readable } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import type { BytesAnswer, Call, WatchAnswer } from "../call.ts";
import { negotiateAnswer } from "./answer-writer.ts";
import type { UpgradeExchange } from "./stream-exchange.ts";
import { framerFor, mostWaitingBytes } from "./watch-writer.ts";

/** Under the second, bytes travel as base64 in text messages; without a protocol, as under the first. */
const protocols = ["binary.k8s.io", "base64.binary.k8s.io"];

const server = new WebSocketServer({
  noServer: true,
  perMessageDeflate: false,
  handleProtocols: (offered) => protocols.find((protocol) => offered.has(protocol)) ?? false,
});

export interface WebSocketContext {
  readonly call: Call;
  readonly formsOf: (call: Call) => Parameters<typeof negotiateAnswer>[1];
  now(): number;
}

export function asksForWebSocket({ request }: UpgradeExchange): boolean {
  return request.headers.upgrade?.toLowerCase() === "websocket";
}

/** Accepts the upgrade and sends the answer; then, or when the client goes, the connection is closed. Throws NotAcceptable. */
export function serveWebSocketAnswer(
  exchange: UpgradeExchange,
  answer: BytesAnswer | WatchAnswer,
  context: WebSocketContext,
): void {
  const { request, socket, head } = exchange;
  const send = answer.kind === "watch" ? watchSender(answer, context) : bytesSender(answer);
  server.handleUpgrade(request, socket, head, (webSocket) => {
    webSocket.on("error", () => webSocket.terminate());
    send(webSocket);
  });
}

function watchSender(answer: WatchAnswer, { call, formsOf, now }: WebSocketContext): (webSocket: WebSocket) => void {
  const mediaType = negotiateAnswer(call, formsOf(call));
  const frame = framerFor({ call, mediaType, now }, answer);
  const binary = mediaType.encoding === "protobuf";
  return (webSocket) => {
    const stop = answer.open({
      push(records) {
        for (const record of records) webSocket.send(frame(record), { binary });
        if (webSocket.bufferedAmount > mostWaitingBytes) webSocket.terminate();
      },
      end: () => webSocket.close(),
    });
    webSocket.on("close", stop);
  };
}

function bytesSender({ body }: BytesAnswer): (webSocket: WebSocket) => void {
  return (webSocket) => {
    if (!(body instanceof Uint8Array)) webSocket.on("close", () => (body as Partial<Readable>).destroy?.());
    sendAll(webSocket, body instanceof Uint8Array ? [body] : body).then(
      () => webSocket.close(1000),
      () => webSocket.terminate(),
    );
  };
}

async function sendAll(webSocket: WebSocket, chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<void> {
  const asText = webSocket.protocol === "base64.binary.k8s.io";
  for await (const chunk of chunks) {
    const data = asText ? Buffer.from(chunk).toString("base64") : chunk;
    await new Promise<void>((resolve, reject) => {
      webSocket.send(data, { binary: !asText }, (error) => (error ? reject(error) : resolve()));
    });
  }
}
