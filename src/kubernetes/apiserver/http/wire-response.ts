// Writing answers: whole bodies, large ones in pieces as fast as the client takes them, and compressed where it asked for that.

import { once } from "node:events";
import type { OutgoingHttpHeaders, ServerResponse } from "node:http";
import { promisify } from "node:util";
import { constants, gzip } from "node:zlib";

/** Of HTTP/2 too: Node's answers of both protocols are alike in all that is used here. */
export type WireResponse = ServerResponse;
export type Headers = OutgoingHttpHeaders;

/** Whether the client has gone. HTTP/2's answers know of that by their streams only. */
export function isGone(response: WireResponse): boolean {
  const { stream } = response as { readonly stream?: { readonly destroyed: boolean } };
  return response.destroyed || stream?.destroyed === true;
}

const compress = promisify(gzip);

/** Smaller bodies are not worth compressing (upstream's threshold). */
const leastCompressed = 128 * 1024;
/** Writes a body given as one buffer, or in pieces that follow each other, as fast as the client takes them. */
export async function writeBody(
  response: WireResponse,
  status: number,
  headers: Headers,
  body: Uint8Array | readonly Uint8Array[],
  acceptEncoding: string | undefined,
): Promise<void> {
  const size = body instanceof Uint8Array ? body.length : body.reduce((sum, part) => sum + part.length, 0);
  if (size > leastCompressed && acceptEncoding?.includes("gzip")) {
    const whole = body instanceof Uint8Array ? body : Buffer.concat(body, size);
    const packed = await compress(whole, { level: constants.Z_BEST_SPEED });
    response.writeHead(
      status,
      withLength({ ...headers, "content-encoding": "gzip", vary: "Accept-Encoding" }, packed.length),
    );
    response.end(packed);
    return;
  }
  response.writeHead(status, withLength(headers, size));
  if (body instanceof Uint8Array) response.end(body);
  else await writePieces(response, body);
}

function withLength(headers: Headers, length: number): Headers {
  headers["content-length"] = length;
  return headers;
}

async function writePieces(response: WireResponse, pieces: readonly Uint8Array[]): Promise<void> {
  for (const piece of pieces) {
    if (response.destroyed) return;
    if (!response.write(piece)) await drained(response);
  }
  response.end();
}

/** Streams a body whose length is not known. */
export async function writeStream(
  response: WireResponse,
  status: number,
  headers: Headers,
  body: AsyncIterable<Uint8Array>,
): Promise<void> {
  response.writeHead(status, headers);
  response.flushHeaders();
  for await (const chunk of body) {
    if (response.destroyed) return;
    if (!response.write(chunk)) await drained(response);
  }
  response.end();
}

async function drained(response: WireResponse): Promise<void> {
  const controller = new AbortController();
  const { signal } = controller;
  await Promise.race([once(response, "drain", { signal }), once(response, "close", { signal })]).catch(() => undefined);
  controller.abort();
}
