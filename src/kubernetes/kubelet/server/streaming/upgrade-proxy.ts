// Passes an upgraded connection (SPDY, or WebSocket of older protocols) through to the container runtime, byte by byte.

import { request as httpRequest, type IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";

/** Sends the request on to `url` with its own headers and joins both connections. Resolves when they have ended. */
export function proxyUpgrade(incoming: IncomingMessage, client: Duplex, head: Buffer, url: URL): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      client.destroy();
      resolve();
    };
    const { host: _host, authorization: _authorization, ...headers } = incoming.headers;
    const protocols = incoming.rawHeaders.flatMap((name, index, all) =>
      index % 2 === 0 && name.toLowerCase() === "x-stream-protocol-version" ? [all[index + 1] ?? ""] : [],
    );
    const call = httpRequest(url, {
      method: incoming.method,
      agent: false,
      headers: {
        ...headers,
        // Node joins repeated headers; the runtime wants them apart.
        ...(protocols.length > 0 && { "x-stream-protocol-version": protocols }),
      },
    });
    call.on("upgrade", (response, runtime, runtimeHead) => {
      client.write(rawHead(response));
      if (runtimeHead.length > 0) client.write(runtimeHead);
      if (head.length > 0) runtime.write(head);
      join(client, runtime, resolve);
    });
    call.on("response", (response) => {
      // It refused: the answer is the client's to read.
      client.write(rawHead(response));
      response.pipe(client);
      response.on("end", resolve);
    });
    call.on("error", end);
    client.on("error", end);
    // One that goes before the runtime has answered needs no answer.
    client.on("close", () => call.destroy());
    call.end();
  });
}

function rawHead({ statusCode, statusMessage, rawHeaders }: IncomingMessage): string {
  const lines = [`HTTP/1.1 ${statusCode} ${statusMessage}`];
  for (let i = 0; i < rawHeaders.length; i += 2) lines.push(`${rawHeaders[i]}: ${rawHeaders[i + 1]}`);
  return `${lines.join("\r\n")}\r\n\r\n`;
}

/** Each side's bytes to the other; the end of one ends both. */
export function join(a: Duplex, b: Duplex, onEnd: () => void): void {
  let ended = false;
  const end = () => {
    if (ended) return;
    ended = true;
    a.destroy();
    b.destroy();
    onEnd();
  };
  for (const side of [a, b]) {
    side.on("error", end);
    side.on("close", end);
  }
  a.pipe(b);
  b.pipe(a);
}
