// Turns an answer of the chain into an HTTP answer: negotiates the form, encodes, and writes.

import { randomUUID } from "node:crypto";
import { encodeJson, StatusError } from "#kubernetes/api";
import type { Answer, Call, Document, ListAnswer, ObjectAnswer } from "../call.ts";
import { convertAnswer } from "../presentation/convert.ts";
import { encodeDocument } from "./encode-object.ts";
import { frameList } from "./frame-list.ts";
import {
  contentTypes,
  type Encoding,
  type MediaType,
  negotiate,
  notAccepted,
  plainJson,
  requireRoute,
  routeTypes,
} from "./media-types.ts";
import { writeWatch } from "./watch-writer.ts";
import { type Headers, type WireResponse, writeBody, writeStream } from "./wire-response.ts";

const allEncodings: readonly Encoding[] = ["json", "yaml", "protobuf"];
const customEncodings: readonly Encoding[] = ["json", "yaml"];

/** What of forms a call's resource can be shown in. */
export interface Forms {
  /** Custom resources have no protobuf. */
  readonly isCustom: boolean;
  /** Reviews and the like are no rows of a Table. */
  readonly isListed: boolean;
  /** Forms of an answer that is no object (a log), which come before all others. */
  readonly text?: string;
}

/** Checks before any work is done that an answer in a form the client takes can be made. Throws NotAcceptable. */
export function negotiateAnswer(call: Call, forms: Forms | undefined): MediaType {
  const { info, request } = call;
  const isObject = forms && info.isResourceRequest;
  const found = isObject ? negotiateObject(call, forms) : negotiate(request.headers["accept"], allEncodings);
  // Paths about no resource answer in forms of their own.
  const mediaType = found ?? plainJson;
  const { pretty } = mediaType;
  return !pretty && wantsPretty(call) ? { ...mediaType, pretty: true } : mediaType;
}

function negotiateObject({ request, info }: Call, { isCustom, isListed, text }: Forms): MediaType | undefined {
  const encodings = isCustom ? customEncodings : allEncodings;
  const accept = request.headers["accept"];
  if (!isCustom) {
    const types = routeTypes(encodings, info.verb === "list" || info.verb === "watch");
    requireRoute(accept, text === undefined ? types : [text, ...types]);
  }
  const found = negotiate(accept, encodings, isListed ? allowsAs : undefined);
  if (text !== undefined) return found;
  if (info.verb === "watch" && (!found || found.encoding === "yaml")) throw notAccepted(encodings, ";stream=watch");
  if (!found) throw notAccepted(encodings, "");
  return found;
}

function allowsAs({ group, version, kind }: NonNullable<MediaType["as"]>): boolean {
  if (group !== "meta.k8s.io" || (version !== "v1" && version !== "v1beta1")) return false;
  return kind === "Table" || kind === "PartialObjectMetadata" || kind === "PartialObjectMetadataList";
}

/** For people at browsers and command lines, as upstream tells them. */
function wantsPretty({ request }: Call): boolean {
  const asked = request.query.size > 0 ? request.query.get("pretty") : null;
  if (asked) return asked === "true" || asked === "1" || asked.toLowerCase() === "t";
  const agent = request.headers["user-agent"];
  return agent !== undefined && /^(curl|Wget|Mozilla\/5\.0)/.test(agent);
}

export interface AnswerContext {
  readonly call: Call;
  readonly response: WireResponse;
  readonly mediaType: MediaType;
  /** Milliseconds since the epoch. */
  now(): number;
}

/** Writes the answer and its warnings. */
export async function writeAnswer(context: AnswerContext, answer: Answer): Promise<void> {
  const { call, response, mediaType } = context;
  const headers = commonHeaders(call);
  const accepts = call.request.headers["accept-encoding"];
  switch (answer.kind) {
    case "object":
    case "list": {
      headers["content-type"] = contentTypes[mediaType.encoding];
      const body = encodeAnswer(context, answer);
      call.noteSent?.(body instanceof Uint8Array ? body.length : body.reduce((sum, part) => sum + part.length, 0));
      return writeBody(response, answer.status, headers, body, accepts);
    }
    case "watch":
      return writeWatch(context, answer, headers);
    case "bytes": {
      Object.assign(headers, answer.headers);
      if (!(answer.body instanceof Uint8Array)) return writeStream(response, answer.status, headers, answer.body);
      return writeBody(response, answer.status, headers, answer.body, accepts);
    }
    case "stream":
      throw new Error("Cannot write a stream: it takes over its connection itself");
  }
}

export function commonHeaders(call: Call): Headers {
  const auditId = call.auditId ?? (call.request.headers["audit-id"] || randomUUID());
  const headers: Headers = { "audit-id": auditId, "cache-control": "no-cache, private" };
  if (call.flow) {
    headers["x-kubernetes-pf-flowschema-uid"] = call.flow.schemaUid;
    headers["x-kubernetes-pf-prioritylevel-uid"] = call.flow.levelUid;
  }
  if (call.warnings.length > 0) headers["warning"] = call.warnings.map(formatWarning) as never;
  return headers;
}

/** RFC 7234's form, as upstream writes it. */
function formatWarning(text: string): string {
  const clean = text.replace(/[\p{Cc}\p{Cf}]+/gu, " ").replace(/[\\"]/g, "\\$&");
  return `299 - "${clean}"`;
}

function encodeAnswer(context: AnswerContext, answer: ObjectAnswer | ListAnswer): Uint8Array | Uint8Array[] {
  const { mediaType } = context;
  if (mediaType.as) {
    const converted = convertAnswer(answer, mediaType.as, { query: context.call.request.query, now: context.now() });
    if (converted) return encodeReadable({ object: converted }, mediaType);
  }
  if (answer.kind === "object") return encodeReadable(answer.document, mediaType);
  if (mediaType.encoding === "json" && !mediaType.pretty) return frameList(answer);
  return encodeReadable({ object: listObject(answer) }, mediaType);
}

/** Upstream makes YAML out of JSON, and its reader of that takes no control characters that JSON leaves as they are. */
function encodeReadable(document: Document, mediaType: MediaType): Uint8Array {
  if (mediaType.encoding === "yaml" && /[\x7f-\x84\x86-\x9f\ufffe\uffff]/.test(encodeJson(document.object))) {
    throw new StatusError({ code: 500, reason: "", message: "yaml: control characters are not allowed" });
  }
  return encodeDocument(document, mediaType);
}

/** A list as one object. Objects of built-in kinds have no kind and apiVersion of their own in it. */
function listObject({ resource, items, metadata }: ListAnswer): object {
  const strip = ({ object }: Document) => {
    const { apiVersion: _version, kind: _kind, ...rest } = object as Record<string, unknown>;
    return rest;
  };
  return {
    kind: resource.listKind,
    apiVersion: resource.apiVersion,
    metadata,
    items: resource.custom ? items.map(({ object }) => object) : items.map(strip),
  };
}

/** Writes a refusal as a Status in the form the client takes, else in JSON. */
export async function writeError(call: Call, response: WireResponse, error: unknown): Promise<void> {
  const refusal = StatusError.from(error);
  const accepted = negotiate(call.request.headers["accept"], allEncodings) ?? plainJson;
  const mediaType = wantsPretty(call) ? { ...accepted, pretty: true } : accepted;
  const headers = commonHeaders(call);
  headers["content-type"] = contentTypes[mediaType.encoding];
  const retryAfter = refusal.details?.retryAfterSeconds;
  if (retryAfter) headers["retry-after"] = String(retryAfter);
  const bytes = encodeDocument({ object: refusal.toStatus() }, mediaType);
  await writeBody(response, refusal.code, headers, bytes, call.request.headers["accept-encoding"]);
}
