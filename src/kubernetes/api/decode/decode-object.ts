// From the bytes of a request to an object: the one entry for every body the API takes, with upstream's refusals.

import { CodecError } from "../codec-error.ts";
import { quote } from "../go-format.ts";
import { formatApiVersion, type UnknownObject } from "../resource.ts";
import type { ObjectSchema } from "../schema.ts";
import { badRequest, type StatusError } from "../status-error.ts";
import { schemaOfKind, typeNameOfKind } from "../types-table.ts";
import { type Body, openBody } from "./body.ts";
import { bodyFormatOf } from "./body-format.ts";
import { type GroupVersionKind, splitApiVersion, withDefaults } from "./type-meta.ts";

export interface DecodeObjectOptions {
  /** The request's Content-Type; absent: JSON. */
  readonly contentType?: string | undefined;
  /** What the resource holds: fills in what the body leaves out, and is all it may be. Absent: the body must say, and may be anything. */
  readonly expected?: GroupVersionKind;
  /** What to do with unknown and duplicate fields. */
  readonly fieldValidation: FieldValidation;
  /** The schemas of kinds; default: those of all built-in kinds. */
  readonly schemaOf?: (kind: GroupVersionKind) => ObjectSchema | undefined;
  /** Takes application/cbor, too. Default false, as upstream. */
  readonly cbor?: boolean;
}

export type FieldValidation = "Ignore" | "Warn" | "Strict";

export interface DecodedObject {
  /** A fresh object with apiVersion and kind set; metadata may be missing. */
  readonly object: Partial<UnknownObject>;
  readonly kind: GroupVersionKind;
  /** With "Warn", the texts to warn of: `unknown field "spec.foo"`. */
  readonly warnings: readonly string[];
}

export interface DecodeCustomOptions {
  readonly contentType?: string | undefined;
  readonly expected: GroupVersionKind;
  readonly fieldValidation: FieldValidation;
  /** Makes an object of what the body holds. Throws CodecError. */
  readonly decode: (value: unknown) => { readonly object: object; readonly problems: readonly string[] };
}

/**
 * Decodes the body of a custom resource, which must say what it is. An object of another kind comes through: its validation
 * refuses it. Throws StatusError.
 */
export function decodeCustomObject(bytes: Uint8Array, options: DecodeCustomOptions): Omit<DecodedObject, "kind"> {
  const { expected, fieldValidation } = options;
  const body = open(bytes, options);
  const missingKind = `Object 'Kind' is missing in '${Buffer.from(bytes).toString()}'`;
  if (body.kind.kind === "" && fieldValidation !== "Ignore") throw unrecognized(bytes, expected, missingKind);
  const refuse = (message: string) => refuseKind(withDefaults(body.kind, expected), expected, message);
  if (body.kind.kind === "") throw refuse(missingKind);
  try {
    const { value, problems: duplicates } = body.read();
    const { object, problems } = options.decode(value);
    const all = [...duplicates, ...problems];
    if (fieldValidation === "Strict" && all.length > 0) throw refuse(`strict decoding error: ${all.join(", ")}`);
    requireVersion(body.kind, expected);
    return { object, warnings: fieldValidation === "Warn" ? all : [] };
  } catch (error) {
    if (error instanceof CodecError) throw refuse(error.message);
    throw error;
  }
}

/** Decodes a body. Throws StatusError, in upstream's words. */
export function decodeObject(bytes: Uint8Array, options: DecodeObjectOptions): DecodedObject {
  const body = open(bytes, options);
  const { expected, fieldValidation } = options;
  const kind = expected ? withDefaults(body.kind, expected) : requireKind(body.kind, bytes);
  const refuse = (message: string) => refuseKind(kind, expected, message);
  const schema = (options.schemaOf ?? builtInSchema)(kind);
  const isForeign = expected && expected.group in schemeNames && expected.group !== kind.group && expected.group !== "";
  if (!schema || isForeign) throw refuse(notRegistered(kind, expected));
  const { value, problems } = decodeBody(body, schema, refuse);
  if (expected && !isConvertible(kind, expected)) throw refuse(unknownConversion(kind, expected));
  if (fieldValidation === "Strict" && problems.length > 0) {
    throw refuse(`strict decoding error: ${problems.join(", ")}`);
  }
  if (expected) requireVersion(kind, expected);
  return { object: withKind(value, kind), kind, warnings: fieldValidation === "Warn" ? problems : [] };
}

function withKind(value: unknown, kind: GroupVersionKind): Partial<UnknownObject> {
  const typeMeta = { apiVersion: formatApiVersion(kind), kind: kind.kind };
  return Object.assign({ ...typeMeta }, value, typeMeta);
}

function builtInSchema({ group, version, kind }: GroupVersionKind): ObjectSchema | undefined {
  return schemaOfKind(group, version, kind);
}

function open(bytes: Uint8Array, options: Pick<DecodeObjectOptions, "contentType" | "cbor" | "expected">): Body {
  const format = bodyFormatOf(options.contentType, options);
  try {
    return openBody(bytes, format);
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    throw unrecognized(bytes, options.expected, error.message);
  }
}

function unrecognized(bytes: Uint8Array, expected: GroupVersionKind | undefined, why: string): StatusError {
  const wanted = expected ? ` (must be of type ${expected.kind})` : "";
  return badRequest(`the object provided is unrecognized${wanted}: ${why} (${summarize(bytes)})`);
}

function decodeBody(
  body: Body,
  schema: ObjectSchema,
  refuse: (message: string) => StatusError,
): ReturnType<Body["decode"]> {
  try {
    return body.decode(schema);
  } catch (error) {
    if (error instanceof CodecError) throw refuse(error.message);
    throw error;
  }
}

function requireKind(kind: GroupVersionKind, bytes: Uint8Array): GroupVersionKind {
  const missing = kind.kind === "" ? "Kind" : kind.version === "" ? "apiVersion" : undefined;
  if (missing) throw badRequest(`Object '${missing}' is missing in '${Buffer.from(bytes).toString()}'`);
  return kind;
}

function refuseKind(kind: GroupVersionKind, expected: GroupVersionKind | undefined, message: string): StatusError {
  if (!expected) return badRequest(message);
  return badRequest(`${kind.kind} in version "${kind.version}" cannot be handled as a ${expected.kind}: ${message}`);
}

function notRegistered(kind: GroupVersionKind, expected: GroupVersionKind | undefined): string {
  const scheme = expected ? (schemeNames[expected.group] ?? schemeNames[""]) : metaScheme;
  return `no kind ${quote(kind.kind)} is registered for version ${quote(formatApiVersion(kind))} in scheme "${scheme}"`;
}

/** Where upstream looks for kinds of options, which are of all groups. */
const metaScheme = "k8s.io/apimachinery/pkg/apis/meta/internalversion/scheme/register.go:27";

/** Where upstream's three servers keep their types, which its messages tell. */
const schemeNames: Readonly<Record<string, string>> = {
  "": "pkg/api/legacyscheme/scheme.go:30",
  "apiextensions.k8s.io": "k8s.io/apiextensions-apiserver/pkg/apiserver/apiserver.go:55",
  "apiregistration.k8s.io": "k8s.io/kube-aggregator/pkg/apiserver/scheme/scheme.go:28",
};

/** Kinds of one name in groups that share their internal types are one kind in several versions. */
function isConvertible(actual: GroupVersionKind, expected: GroupVersionKind): boolean {
  return actual.kind === expected.kind && internalPackage(actual.group) === internalPackage(expected.group);
}

/** Why an object that a patch made is not of the expected kind: it may have become another. Undefined where it has not. */
export function explainForeignKind(object: unknown, expected: GroupVersionKind): string | undefined {
  const { apiVersion, kind: name } = (object ?? {}) as Partial<UnknownObject>;
  if (typeof apiVersion !== "string" || typeof name !== "string") return undefined;
  const kind = withDefaults({ ...splitApiVersion(apiVersion), kind: name }, expected);
  const isSame = kind.group === expected.group && kind.version === expected.version && kind.kind === expected.kind;
  if (isSame || name === "") return undefined;
  if (!builtInSchema(kind)) return notRegistered(kind, expected);
  return isConvertible(kind, expected) ? undefined : unknownConversion(kind, expected);
}

/** How upstream's internal types are named, as messages show them: "*core.ConfigMap". */
export function internalTypeName(group: string, kind: string): string {
  return `*${internalPackage(group)}.${kind}`;
}

function unknownConversion(actual: GroupVersionKind, expected: GroupVersionKind): string {
  return `converting (${goTypeOfKind(actual)}) to (${internalPackage(expected.group)}.${expected.kind}): unknown conversion`;
}

function requireVersion(actual: GroupVersionKind, expected: GroupVersionKind): void {
  const [found, wanted] = [formatApiVersion(actual), formatApiVersion(expected)];
  if (found === wanted) return;
  throw badRequest(`the API version in the data (${found}) does not match the expected API version (${wanted})`);
}

function goTypeOfKind({ group, version, kind }: GroupVersionKind): string {
  return (typeNameOfKind(group, version, kind) ?? `${version}.${kind}`).split(".").slice(-2).join(".");
}

/** The Go package of a group's internal types. */
function internalPackage(group: string): string {
  if (group === "" || group === "events.k8s.io") return "core";
  return group === "internal.apiserver.k8s.io" ? "apiserverinternal" : group.replace(/\..*/, "");
}

/** The start of a body: as it is where it looks like JSON, else in hex. */
function summarize(bytes: Uint8Array): string {
  if (bytes.length === 0) return "<empty>";
  const start = Buffer.from(bytes.subarray(0, mostSummarized));
  return start.toString(bytes[0] === 0x7b ? "utf8" : "hex") + (bytes.length > mostSummarized ? " ..." : "");
}

const mostSummarized = 30;
