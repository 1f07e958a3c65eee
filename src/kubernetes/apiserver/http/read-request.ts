// A request off the wire as the chain takes it: path and query apart, repeated headers joined, the body read up to its limit.

import type { IncomingMessage } from "node:http";
import { type ApiBody, type ApiRequest, requestEntityTooLarge } from "#kubernetes/api";

/** Of HTTP/2 too: Node's requests of both protocols are alike in all that is used here. */
export type WireRequest = IncomingMessage;

/** Upstream's limit on bodies, 3 MiB. */
export const mostBodyBytes = 3 * 1024 * 1024;

const noQuery = new URLSearchParams();
const methodsWithBody = new Set(["POST", "PUT", "PATCH", "DELETE"]);

/** Everything but the body. */
export function readHead(request: WireRequest): ApiRequest {
  const url = request.url ?? "/";
  const mark = url.indexOf("?");
  return {
    method: (request.method ?? "GET") as ApiRequest["method"],
    path: mark < 0 ? url : url.slice(0, mark),
    query: mark < 0 ? noQuery : new URLSearchParams(url.slice(mark + 1)),
    headers: readHeaders(request),
  };
}

function readHeaders(request: WireRequest): ApiRequest["headers"] {
  const headers = request.headers as Record<string, string | undefined>;
  // Groups may hold commas, so repeated headers of these kinds are joined by line breaks, which no header can hold.
  const repeats = "impersonate-user" in headers || "x-remote-user" in headers;
  return repeats ? joinRepeated(headers, request.rawHeaders) : headers;
}

function joinRepeated(headers: Record<string, string | undefined>, raw: readonly string[]): ApiRequest["headers"] {
  const joined = { ...headers };
  const seen = new Set<string>();
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index]!.toLowerCase();
    if (!name.startsWith("impersonate-") && !name.startsWith("x-remote-")) continue;
    const value = decodeValue(raw[index + 1]!);
    joined[name] = seen.has(name) ? `${joined[name]}\n${value}` : value;
    seen.add(name);
  }
  return joined;
}

/** Node takes the bytes of headers for Latin letters; names of users are sent as UTF-8. */
function decodeValue(value: string): string {
  return /[\x80-\xff]/.test(value) ? Buffer.from(value, "latin1").toString() : value;
}

export function hasBody(request: WireRequest): boolean {
  return methodsWithBody.has(request.method ?? "");
}

/** The whole body. Throws RequestEntityTooLarge. */
export function readBody(request: WireRequest): Promise<ApiBody> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size <= mostBodyBytes) chunks.push(chunk);
      else {
        // What else comes is let pass, not kept; a client that never ends is answered all the same.
        chunks.length = 0;
        reject(requestEntityTooLarge(`limit is ${mostBodyBytes}`));
      }
    });
    request.on("end", () => {
      resolve({ kind: "bytes", bytes: chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks) });
    });
    request.on("error", reject);
    request.on("aborted", () => reject(new Error("the client went away while sending the body")));
  });
}
