// PATCH in its four kinds: each makes the wished object from the present one; the rest is an update's.

import {
  applyJsonPatch,
  applyMergePatch,
  applyStrategicMergePatch,
  badRequest,
  explainForeignKind,
  explainUnstructured,
  genericError,
  type KubeObject,
  notFound,
  printGo,
  readJsonPatch,
} from "#kubernetes/api";
import { type ObjectAnswer, warn } from "../call.ts";
import { unsupportedMediaType } from "../http/media-types.ts";
import { decodePatched } from "./bodies/body.ts";
import { bodyKindOf } from "./bodies/body-kind.ts";
import { readAppliedBody, readJsonBody } from "./bodies/patch-body.ts";
import type { RegistryContext, ResourceCall } from "./context.ts";
import { applyTracked, trackWrite } from "./managed-fields.ts";
import { checkName, settleNamespace } from "./object-meta.ts";
import { type FieldValidation, type PatchOptions, readPatchOptions } from "./options/write-options.ts";
import { groupResourceOf } from "./resources/served-resource.ts";
import { writeObject } from "./update.ts";

const patchTypes = {
  json: "application/json-patch+json",
  merge: "application/merge-patch+json",
  strategic: "application/strategic-merge-patch+json",
  apply: "application/apply-patch+yaml",
} as const;
type PatchType = keyof typeof patchTypes;
type JsonObject = Readonly<Record<string, unknown>>;

export async function patchObject(context: RegistryContext, request: ResourceCall): Promise<ObjectAnswer> {
  const { apply, options, createsMissing } = readPatch(context, request);
  return writeObject(context, request, { build: apply, options, createsMissing });
}

export interface ReadPatch {
  /** The wished object, the caller's own, tracked and checked against the path. */
  readonly apply: (live: KubeObject | undefined) => Promise<KubeObject>;
  readonly options: PatchOptions;
  /** Server-side apply creates what is missing, but not by way of a subresource. */
  readonly createsMissing: boolean;
}

/** Reads a patch and its options from a request. Throws UnsupportedMediaType, BadRequest, Invalid. */
export function readPatch(context: RegistryContext, request: ResourceCall): ReadPatch {
  const { call } = request;
  const type = patchTypeOf(request);
  const options = readPatchOptions(call.request.query, type === "apply");
  const build = type === "apply" ? readApply(context, request, options) : readChange(context, request, type, options);
  const createsMissing = type === "apply" && request.subresource === "";
  const apply = async (live: KubeObject | undefined): Promise<KubeObject> => {
    // Also of the kinds that a PUT creates.
    if (!live && !createsMissing) throw notFound(groupResourceOf(request.resource), call.info.name);
    const object = await build(live);
    settleNamespace(request.resource, object.metadata, call.info.namespace);
    checkName(object, call.info.name);
    return object;
  };
  return { apply, options, createsMissing };
}

/** Throws UnsupportedMediaType. Custom resources have no strategic merge. */
function patchTypeOf({ call, resource }: ResourceCall): PatchType {
  const contentType = (call.request.headers["content-type"] ?? "").split(";")[0]!.trim();
  const offered = (Object.keys(patchTypes) as PatchType[]).filter((type) => type !== "strategic" || !resource.custom);
  const found = offered.find((type) => patchTypes[type] === contentType);
  if (found) return found;
  if (resource.custom) throw unsupportedMediaType(offered.map((type) => patchTypes[type]));
  throw genericError(415, "UnsupportedMediaType", "415: Unsupported Media Type");
}

type Build = (live: KubeObject | undefined) => KubeObject | Promise<KubeObject>;

function readApply(context: RegistryContext, request: ResourceCall, options: PatchOptions): Build {
  const { value, problems } = readAppliedBody(request);
  return async (live) => {
    const merged = await applyTracked(context, request, live, value as KubeObject, options);
    const [problem] = problems;
    if (problem !== undefined && options.fieldValidation === "Strict") {
      throw badRequest(`error strict decoding YAML: ${problem}`);
    }
    if (problem !== undefined && options.fieldValidation === "Warn") warn(request.call, problem);
    return decodePatched(request, merged, { fieldValidation: "Ignore", problems: [] });
  };
}

function readChange(
  context: RegistryContext,
  request: ResourceCall,
  type: Exclude<PatchType, "apply">,
  { fieldValidation, fieldManager }: PatchOptions,
): Build {
  const change = changeOf(request, type, fieldValidation);
  return (live) => {
    const { patched, ...how } = change(live as unknown as JsonObject);
    const object = decodePatched(request, patched, { fieldValidation, ...how });
    return trackWrite(context, request, live, object, fieldManager);
  };
}

interface Changed {
  readonly patched: unknown;
  /** What strict reading of the patch minds. */
  readonly problems: readonly string[];
  /** How a refusal shows what came out, where that is not its JSON. */
  readonly shown?: () => string;
  /** Why what came out is no object, where upstream has words of its own for that. */
  readonly explain?: (patched: unknown) => string | undefined;
}

function changeOf(
  request: ResourceCall,
  type: Exclude<PatchType, "apply">,
  fieldValidation: FieldValidation,
): (live: JsonObject) => Changed {
  const { value, problems } = readJsonBody(request, type, fieldValidation);
  const kind = bodyKindOf(request.resource, request.subresource);
  const explainKind = (patched: unknown) => explainForeignKind(patched, kind);
  if (type === "json") {
    const patch = readJsonPatch(value);
    const all = [...problems, ...patch.strictErrors];
    return (live) => ({ patched: applyJsonPatch(live, patch), problems: all, explain: explainKind });
  }
  if (type === "merge") {
    return (live) => ({ patched: applyMergePatch(live, value), problems, explain: explainKind });
  }
  const { schema } = kind;
  const shown = () => printGo(value);
  const explain = (patched: unknown) => explainUnstructured(schema, patched);
  return (live) => ({ patched: applyStrategicMergePatch(live, value, schema), problems, shown, explain });
}
