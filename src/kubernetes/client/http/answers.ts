// Turns HTTP answers into ApiResponses: JSON into objects, watches into event streams, failures into StatusErrors.

import { Readable } from "node:stream";
import type { ApiRequest, ApiResponse, KubeObject } from "#kubernetes/api";
import { failureOf, readAll } from "../answer-failure.ts";
import { readWatchLines } from "./watch-lines.ts";

type ByteAnswer = Omit<Extract<ApiResponse, { kind: "bytes" }>, "kind">;

/** Throws StatusError where the server refused; the Status it sent, or one made from the HTTP status. */
export async function readAnswer(request: ApiRequest, answer: ByteAnswer): Promise<ApiResponse> {
  if (answer.status >= 400) throw failureOf(answer, await readAll(answer.body));
  if (isWatch(request)) return { kind: "watch", status: 200, events: readWatchLines(chunksOf(answer.body)) };
  const warnings = readWarnings(answer.headers["warning"]);
  if (isJson(answer) && !isFollowed(request)) {
    const object = nameItems(JSON.parse((await readAll(answer.body)).toString("utf8")));
    return { kind: "object", status: answer.status, object, ...(warnings && { warnings }) };
  }
  return { kind: "bytes", status: answer.status, headers: answer.headers, body: answer.body };
}

function isWatch({ method, query }: ApiRequest): boolean {
  const watch = query.get("watch");
  return method === "GET" && (watch === "true" || watch === "1");
}

/** A followed log is a stream whatever its content type says. */
function isFollowed({ query }: ApiRequest): boolean {
  return query.get("follow") === "true";
}

function chunksOf(body: ByteAnswer["body"]): AsyncIterable<Uint8Array> {
  return body instanceof Uint8Array ? Readable.from([body]) : body;
}

function isJson({ headers }: ByteAnswer): boolean {
  return (headers["content-type"] ?? "").startsWith("application/json");
}

/** The texts of `299 - "text"` values; quotes inside are escaped with a backslash. */
function readWarnings(header: string | undefined): string[] | undefined {
  if (header === undefined) return undefined;
  const texts = header.matchAll(/\b299 \S+ "((?:[^"\\]|\\.)*)"/g);
  return [...texts].map((match) => match[1]!.replaceAll(/\\(.)/g, "$1"));
}

interface ListLike {
  readonly kind?: string;
  readonly apiVersion?: string;
  readonly items?: readonly KubeObject[] | null;
}

/** Typed lists name their kind once, for all items; ours say it on each, as the same objects read singly do. */
function nameItems(object: unknown): unknown {
  const { kind, apiVersion, items } = object as ListLike;
  if (!kind?.endsWith("List") || !Array.isArray(items) || items.length === 0 || items[0].kind !== undefined)
    return object;
  const itemKind = kind.slice(0, -"List".length);
  const named = items.map((item: KubeObject) => ({ kind: itemKind, apiVersion, ...item }));
  return { ...(object as object), items: named };
}
