// What kind of object a body says it is, as upstream's serializers find out before they decode the rest.

import { CodecError } from "../codec-error.ts";
import { parseApiVersion } from "../resource.ts";
import { describeValue } from "./context.ts";

export interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** apiVersion and kind of a decoded body; "" where it has none. Throws CodecError for what cannot be an object. */
export function readTypeMeta(body: unknown): GroupVersionKind {
  if (typeof body !== "object" || Array.isArray(body)) throw typeMetaError(body, "value", typeMetaStruct);
  const fields = (body ?? {}) as Readonly<Record<string, unknown>>;
  const kind = stringField(fields, "kind");
  return { ...splitApiVersion(stringField(fields, "apiVersion")), kind };
}

/** Splits "apps/v1". Throws CodecError where there is more than one slash. */
export function splitApiVersion(apiVersion: string): { group: string; version: string } {
  if (apiVersion === "/") return { group: "", version: "" };
  if (apiVersion.split("/").length > 2) throw new CodecError(`unexpected GroupVersion string: ${apiVersion}`);
  return parseApiVersion(apiVersion);
}

/** Fills in what a body left out from what is expected of it. */
export function withDefaults(actual: GroupVersionKind, expected: GroupVersionKind): GroupVersionKind {
  const kind = actual.kind || expected.kind;
  const isUnversioned = actual.version === "" && (actual.group === "" || actual.group === expected.group);
  return isUnversioned ? { ...expected, kind } : { ...actual, kind };
}

const typeMetaStruct =
  'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }';

/** The field by its name, or by its name in any case: upstream reads these two with Go's own, lenient decoder. */
function stringField(fields: Readonly<Record<string, unknown>>, name: "apiVersion" | "kind"): string {
  const isOther = (key: string) => key.toLowerCase() === name.toLowerCase();
  const key = Object.hasOwn(fields, name) ? name : Object.keys(fields).findLast(isOther);
  const value = key === undefined ? "" : (fields[key] ?? "");
  if (typeof value !== "string") throw typeMetaError(value, `struct field .${name}`, "string");
  return value;
}

function typeMetaError(value: unknown, place: string, goType: string): CodecError {
  const words = `json: cannot unmarshal ${describeValue(value)} into Go ${place} of type ${goType}`;
  return new CodecError(`couldn't get version/kind; json parse error: ${words}`);
}
