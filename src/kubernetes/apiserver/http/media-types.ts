// Content negotiation as upstream does it: which encoding an Accept header takes, and whether it asks for a Table, for metadata
// only, or for aggregated discovery.

import { genericError, StatusError } from "#kubernetes/api";

export type Encoding = "json" | "yaml" | "protobuf";

/** The form in which an answer is wanted. */
export interface MediaType {
  readonly encoding: Encoding;
  /** "Table", "PartialObjectMetadata", …: another kind than the object's own, with its group and version. */
  readonly as?: { readonly group: string; readonly version: string; readonly kind: string };
  readonly pretty: boolean;
}

export const contentTypes: Readonly<Record<Encoding, string>> = {
  json: "application/json",
  yaml: "application/yaml",
  protobuf: "application/vnd.kubernetes.protobuf",
};

export const plainJson: MediaType = { encoding: "json", pretty: false };

/** Which conversions an endpoint offers; absent: none. */
export type AllowsAs = (as: NonNullable<MediaType["as"]>) => boolean;

/** What the header asks for first that can be had; undefined where nothing of it can. */
export function negotiate(
  accept: string | undefined,
  encodings: readonly Encoding[],
  allowsAs?: AllowsAs,
): MediaType | undefined {
  if (!accept || accept === "application/json" || accept === "*/*") return plainJson;
  for (const clause of parseAccept(accept)) {
    for (const encoding of encodings) {
      if (!matches(clause.type, contentTypes[encoding])) continue;
      const { as, pretty } = clause;
      if (as && !allowsAs?.(as)) continue;
      return as ? { encoding, as, pretty } : { encoding, pretty };
    }
  }
  return undefined;
}

interface Clause {
  readonly type: string;
  readonly quality: number;
  readonly as: MediaType["as"];
  readonly pretty: boolean;
}

function parseAccept(header: string): Clause[] {
  const clauses = header.split(",").map((text) => {
    const [type = "", ...rest] = text.split(";").map((part) => part.trim());
    const parameters = new Map(rest.map((part) => splitParameter(part)));
    const [kind, group, version] = [parameters.get("as"), parameters.get("g"), parameters.get("v")];
    const isConverted = kind !== undefined || group !== undefined || version !== undefined;
    return {
      type: type.toLowerCase(),
      quality: Number(parameters.get("q") ?? 1),
      as: isConverted ? { kind: kind ?? "", group: group ?? "", version: version ?? "" } : undefined,
      pretty: parameters.get("pretty") === "1",
    };
  });
  return clauses.sort((a, b) => b.quality - a.quality);
}

function splitParameter(text: string): [string, string] {
  const equals = text.indexOf("=");
  return equals < 0 ? [text, ""] : [text.slice(0, equals).trim(), text.slice(equals + 1).trim()];
}

function matches(asked: string, offered: string): boolean {
  if (asked === offered || asked === "*/*") return true;
  return asked.endsWith("/*") && offered.startsWith(asked.slice(0, -1));
}

/**
 * Upstream's router looks at a request before whoever answers it, and knows whole types only: "application/*" is none it has.
 * Throws NotAcceptable where the header names none of the types a route has.
 */
export function requireRoute(accept: string | undefined, types: readonly string[]): void {
  if (!accept || types.includes(accept)) return;
  const asked = accept.split(",").map((clause) => clause.split(";", 1)[0]!.trim());
  if (asked.some((type) => type === "*/*" || types.includes(type))) return;
  const list = types.join(", ");
  throw genericError(406, "NotAcceptable", `406: Not Acceptable\n\nAvailable representations: ${list}`);
}

/** What a route offers: lists and watches, streams as well. */
export function routeTypes(encodings: readonly Encoding[], hasStreams: boolean): string[] {
  const types = encodings.map((encoding) => contentTypes[encoding]);
  if (!hasStreams) return types;
  return [...types, ...types.filter((type) => type !== contentTypes.yaml).map((type) => `${type};stream=watch`)];
}

/** The refusal by what would answer, of forms it has not got; streams cannot be YAML. */
export function notAccepted(encodings: readonly Encoding[], parameter: "" | ";stream=watch"): StatusError {
  const types = encodings.filter((encoding) => parameter === "" || encoding !== "yaml");
  const list = types.map((encoding) => `${contentTypes[encoding]}${parameter}`).join(", ");
  const message = `only the following media types are accepted: ${list}`;
  return new StatusError({ code: 406, reason: "NotAcceptable", message });
}

/** The refusal of a body in another encoding than one of these. */
export function unsupportedMediaType(types: readonly string[]): StatusError {
  return new StatusError({
    code: 415,
    reason: "UnsupportedMediaType",
    message: `the body of the request was in an unknown format - accepted media types include: ${types.join(", ")}`,
  });
}
