// Bodies that hold an object: decoded by the schema of what the path stands for, with defaults set; unknown and duplicate fields
// warned of or refused as the request wants.

import {
  badRequest,
  CodecError,
  decode,
  decodeCustomObject,
  decodeObject,
  formatApiVersion,
  invalid,
  invalidObject,
  type KubeObject,
  schemaOfKind,
  setDefaults,
  type UnknownObject,
} from "#kubernetes/api";
import { type Call, warn } from "../../call.ts";
import type { ResourceCall } from "../context.ts";
import type { FieldValidation } from "../options/write-options.ts";
import type { CustomBehaviour } from "../resources/served-resource.ts";
import { type BodyKind, bodyKindOf } from "./body-kind.ts";
import { copyJson } from "./copy.ts";

/** The object in the body, the caller's own, with defaults set. Throws BadRequest, UnsupportedMediaType. */
export function decodeBody(request: ResourceCall, fieldValidation: FieldValidation): KubeObject {
  const kind = bodyKindOf(request.resource, request.subresource);
  const { body } = request.call.request;
  if (request.resource.custom && kind.isOwn)
    return decodeCustom(request, request.resource.custom, kind, fieldValidation);
  if (body?.kind === "object") return decodeInProcess(request, body.object as object, kind, fieldValidation);
  const { object, warnings } = decodeObject(body?.bytes ?? noBytes, {
    contentType: request.call.request.headers["content-type"],
    expected: kind,
    schemaOf: ({ group, version, kind: name }) =>
      kind.group === group && kind.version === version && kind.kind === name
        ? kind.schema
        : schemaOfKind(group, version, name),
    fieldValidation,
  });
  for (const text of warnings) warn(request.call, text);
  return settle(object, kind);
}

const noBytes = new Uint8Array();

function decodeCustom(
  { call }: ResourceCall,
  custom: CustomBehaviour,
  kind: BodyKind,
  fieldValidation: FieldValidation,
): KubeObject {
  const { body, headers } = call.request;
  const { decode } = custom;
  if (body?.kind !== "object") {
    const contentType = headers["content-type"];
    const decoded = decodeCustomObject(body?.bytes ?? noBytes, {
      contentType,
      expected: kind,
      fieldValidation,
      decode,
    });
    for (const text of decoded.warnings) warn(call, text);
    return decoded.object as KubeObject;
  }
  const { apiVersion = formatApiVersion(kind), kind: name = kind.kind } = body.object as Partial<KubeObject>;
  if (apiVersion !== formatApiVersion(kind)) {
    const expected = formatApiVersion(kind);
    throw badRequest(
      `the API version in the data (${apiVersion}) does not match the expected API version (${expected})`,
    );
  }
  const { object, problems } = refusing(kind, () =>
    decode(copyJson({ ...(body.object as object), apiVersion, kind: name })),
  );
  settleProblems(call, kind, problems, fieldValidation);
  return object;
}

function settleProblems(
  call: Call,
  kind: BodyKind,
  problems: readonly string[],
  fieldValidation: FieldValidation,
): void {
  if (fieldValidation === "Strict" && problems.length > 0) {
    throw badRequest(`${kind.kind} in version "${kind.version}" cannot be handled: ${strictError(problems)}`);
  }
  if (fieldValidation === "Warn") for (const text of problems) warn(call, text);
}

/** Callers in the same process hand over objects, which stay theirs. */
function decodeInProcess(
  request: ResourceCall,
  given: object,
  kind: BodyKind,
  fieldValidation: FieldValidation,
): KubeObject {
  const apiVersion = formatApiVersion(kind);
  const claimed = given as Partial<KubeObject>;
  if ((claimed.kind ?? kind.kind) !== kind.kind || (claimed.apiVersion ?? apiVersion) !== apiVersion) {
    const data = `${claimed.apiVersion}, Kind=${claimed.kind}`;
    throw badRequest(`the object in the data (${data}) is not the expected ${apiVersion}, Kind=${kind.kind}`);
  }
  const { value, problems } = decodeValue(copyJson(given), kind);
  settleProblems(request.call, kind, problems, fieldValidation);
  return settle({ ...value, apiVersion, kind: kind.kind }, kind);
}

function decodeValue(value: unknown, kind: BodyKind): { value: object; problems: readonly string[] } {
  const decoded = refusing(kind, () => decode(kind.schema, value));
  return { value: decoded.value as object, problems: decoded.unknown };
}

function refusing<T>(kind: BodyKind, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    throw badRequest(`${kind.kind} in version "${kind.version}" cannot be handled as a ${kind.kind}: ${error.message}`);
  }
}

function settle(object: object, kind: BodyKind): KubeObject {
  const whole = object as KubeObject;
  whole.metadata ??= {} as KubeObject["metadata"];
  if (kind.isOwn || kind.kind === "TokenRequest") setDefaults(whole as UnknownObject);
  return whole;
}

export interface PatchedOptions {
  readonly fieldValidation: FieldValidation;
  /** What strict reading of the patch itself minds. */
  readonly problems: readonly string[];
  /** How a refusal shows the whole. Default: its JSON. */
  readonly shown?: () => string;
  /** Why the whole is no object; undefined: it is one, as far as that can tell. Default: a decoder's words. */
  readonly explain?: (patched: unknown) => string | undefined;
}

/** What a patch made of an object, as an object again: decoded afresh, since a patch may have left anything. */
export function decodePatched(
  request: ResourceCall,
  patched: unknown,
  { fieldValidation, problems, shown = () => JSON.stringify(patched), explain }: PatchedOptions,
): KubeObject {
  const kind = bodyKindOf(request.resource, request.subresource);
  const refuse = (why: string) => invalidObject({ group: "", kind: "" }, "", [invalid("patch", shown(), why)]);
  try {
    // The target of a patch is the live object, parts of which are in the outcome.
    const { custom } = request.resource;
    if (custom && kind.isOwn) return patchedCustom(request, custom, patched, { fieldValidation, problems });
    const problem = explain?.(patched);
    if (problem !== undefined) throw refuse(problem);
    const decoded = decode(kind.schema, copyJson(patched));
    const all = [...problems, ...decoded.unknown];
    if (fieldValidation === "Strict" && all.length > 0) throw refuse(strictError(all));
    if (fieldValidation === "Warn") for (const text of all) warn(request.call, text);
    const object = decoded.value as Partial<KubeObject> | null;
    return settle({ ...object, apiVersion: formatApiVersion(kind), kind: kind.kind }, kind);
  } catch (error) {
    if (error instanceof CodecError) throw refuse(error.message);
    throw error;
  }
}

/** What a patch made of a custom resource. */
function patchedCustom(
  { call }: ResourceCall,
  custom: CustomBehaviour,
  patched: unknown,
  { fieldValidation, problems }: { fieldValidation: FieldValidation; problems: readonly string[] },
): KubeObject {
  const decoded = custom.decode(copyJson(patched));
  const all = [...problems, ...decoded.problems];
  if (fieldValidation === "Strict" && all.length > 0) throw new CodecError(strictError(all));
  if (fieldValidation === "Warn") for (const text of all) warn(call, text);
  return decoded.object;
}

function strictError(problems: readonly string[]): string {
  return `strict decoding error: ${problems.join(", ")}`;
}
