// The two ways into a server under test: in this process, and over HTTPS.

import { request as httpsRequest } from "node:https";
import { type ApiHandler, type ApiRequest, type ApiResponse, isStatusError, type UserInfo } from "#kubernetes/api";
import type { Answer } from "./recordings.ts";

export interface Sent {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly body?: string;
  readonly headers: Readonly<Record<string, string>>;
}

export type Sender = (request: Sent) => Promise<Answer>;

/** Sends to a server's handler. */
export function inProcess(handler: ApiHandler, user?: UserInfo): Sender {
  return async ({ method, path, body, headers }) => {
    const [pathname = "", query = ""] = path.split("?");
    const request: ApiRequest = {
      method: method as ApiRequest["method"],
      path: pathname,
      query: new URLSearchParams(query),
      headers,
      ...(user && { user }),
      ...(body !== undefined && { body: { kind: "bytes", bytes: Buffer.from(body) } }),
    };
    try {
      return await readResponse(await handler(request));
    } catch (error) {
      if (!isStatusError(error)) throw error;
      return { status: error.code, body: error.toStatus() };
    }
  };
}

async function readResponse(response: ApiResponse): Promise<Answer> {
  switch (response.kind) {
    case "object":
      return {
        status: response.status,
        ...(response.warnings && { warning: response.warnings.map((text) => `299 - ${JSON.stringify(text)}`) }),
        body: asOnTheWire(JSON.parse(JSON.stringify(response.object)) as Json),
      };
    case "bytes": {
      const chunks: Uint8Array[] = [];
      if (response.body instanceof Uint8Array) chunks.push(response.body);
      else for await (const chunk of response.body) chunks.push(chunk);
      return readText(response.status, Buffer.concat(chunks).toString());
    }
    case "watch": {
      const events: unknown[] = [];
      for await (const batch of response.events) {
        for (const { type, object } of batch) events.push(JSON.parse(JSON.stringify({ type, object })));
      }
      return asLines(200, events);
    }
  }
}

type Json = Record<string, unknown>;

/** In process the items of a list tell their kind themselves; on the wire the list's kind says it. */
function asOnTheWire(body: Json): Json {
  const { items, kind, apiVersion } = body;
  if (!Array.isArray(items) || kind === "PartialObjectMetadataList") return body;
  return { ...body, items: items.map((item: Json) => withoutKind(item, apiVersion, kind)) };
}

function withoutKind(item: Json, listVersion: unknown, listKind: unknown): Json {
  const { apiVersion, kind, ...fields } = item;
  return apiVersion === listVersion && `${kind}List` === listKind ? fields : item;
}

/** Sends over TLS without checking the server's certificate. */
export function overHttps(port: number): Sender {
  return ({ method, path, body, headers }) =>
    new Promise((resolve, reject) => {
      const options = {
        host: "127.0.0.1",
        port,
        method,
        path,
        headers: { ...headers, "content-length": Buffer.byteLength(body ?? "") },
        rejectUnauthorized: false,
        agent: false as const,
      };
      const outgoing = httpsRequest(options, (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
        incoming.on("error", reject);
        incoming.on("end", () => {
          const type = (incoming.headers["content-type"] ?? "").split(";")[0]!;
          const { warning } = incoming.headersDistinct;
          const answer = readText(incoming.statusCode ?? 0, Buffer.concat(chunks).toString());
          resolve({ ...answer, type, ...(warning && { warning }) });
        });
      });
      outgoing.on("error", reject);
      outgoing.end(body);
    });
}

function readText(status: number, text: string): Answer {
  try {
    return { status, body: JSON.parse(text) as unknown };
  } catch {
    const lines = text.split("\n").filter((line) => line.trim() !== "");
    try {
      return asLines(
        status,
        lines.map((line) => JSON.parse(line) as unknown),
      );
    } catch {
      return { status, text };
    }
  }
}

/** A single line cannot be told from a body. */
function asLines(status: number, values: readonly unknown[]): Answer {
  return values.length === 1 ? { status, body: values[0] } : { status, stream: values };
}
