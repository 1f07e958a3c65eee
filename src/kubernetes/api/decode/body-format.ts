// Which format a body is in, by its Content-Type, and the refusal of all others.

import { StatusError } from "../status-error.ts";

export type BodyFormat = "json" | "yaml" | "protobuf" | "cbor";

/** The formats of requests, by media type. CBOR is not among them unless asked for, as in upstream's default. */
const formats: ReadonlyMap<string, BodyFormat> = new Map([
  ["application/json", "json"],
  ["application/yaml", "yaml"],
  ["application/vnd.kubernetes.protobuf", "protobuf"],
]);

/** The format of a body; without a Content-Type it is JSON. Throws StatusError UnsupportedMediaType. */
export function bodyFormatOf(contentType: string | undefined, options: { readonly cbor?: boolean } = {}): BodyFormat {
  if (contentType === undefined || contentType === "") return "json";
  const mediaType = mediaTypeOf(contentType) ?? "";
  const format = formats.get(mediaType);
  if (format) return format;
  if (options.cbor && mediaType === "application/cbor") return "cbor";
  throw unsupportedMediaType([...formats.keys(), ...(options.cbor ? ["application/cbor"] : [])]);
}

/** The refusal of a body whose media type is none of `accepted`. */
export function unsupportedMediaType(accepted: readonly string[]): StatusError {
  const list = accepted.join(", ");
  return new StatusError({
    code: 415,
    reason: "UnsupportedMediaType",
    message: `the body of the request was in an unknown format - accepted media types include: ${list}`,
  });
}

/** "application/json" of "Application/JSON; charset=utf-8"; undefined for what is not well formed. */
export function mediaTypeOf(contentType: string): string | undefined {
  const wellFormed = /^\s*([^\s;/]+\/[^\s;/]+)\s*(?:;\s*[^\s;=]+=(?:"[^"]*"|[^\s;"]+)\s*)*;?\s*$/.exec(contentType);
  return wellFormed?.[1]?.toLowerCase();
}
