// Answers as callers in the same process get them: objects, not bytes.

import { type ApiResponse, type KubeObject, StatusError } from "#kubernetes/api";
import type { Answer, Call, ListAnswer } from "../call.ts";
import { type Encoding, negotiate, notAccepted, plainJson, requireRoute, routeTypes } from "../http/media-types.ts";
import { streamWatch } from "../registry/watch/watch-stream.ts";
import { convertAnswer } from "./convert.ts";

export function toResponse(call: Call, answer: Answer, now: number): ApiResponse {
  switch (answer.kind) {
    case "object":
    case "list":
      return { kind: "object", status: answer.status, object: objectOf(call, answer, now), ...warningsOf(call) };
    case "watch":
      return { kind: "watch", status: 200, events: streamWatch(answer, call.request.signal) };
    case "bytes":
      return { kind: "bytes", status: answer.status, headers: answer.headers, body: answer.body };
    case "stream":
      throw new StatusError({
        code: 400,
        reason: "BadRequest",
        message: "this request takes over its connection: make it over a socket",
      });
  }
}

function warningsOf({ warnings }: Call): { warnings?: readonly string[] } {
  return warnings.length > 0 ? { warnings } : {};
}

const encodings: readonly Encoding[] = ["json", "yaml", "protobuf"];

/** Most callers do not say what they accept, and get what there is. */
function objectOf(call: Call, answer: Extract<Answer, { kind: "object" | "list" }>, now: number): unknown {
  const accept = call.request.headers["accept"];
  const wanted = accept ? negotiate(accept, encodings, () => true) : plainJson;
  if (!wanted) {
    requireRoute(accept, routeTypes(encodings, answer.kind === "list"));
    throw notAccepted(encodings, "");
  }
  const converted = wanted.as && convertAnswer(answer, wanted.as, { query: call.request.query, now });
  if (converted) return converted;
  return answer.kind === "object" ? answer.document.object : listObject(answer);
}

/** The list with its objects as they are stored, each with its own kind. */
function listObject({ resource, items, metadata }: ListAnswer): object {
  return {
    kind: resource.listKind,
    apiVersion: resource.apiVersion,
    metadata,
    items: items.map(({ object }) => object as KubeObject),
  };
}
