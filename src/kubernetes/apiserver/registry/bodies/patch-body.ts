// Bodies of patches: parsed by their type, with upstream's refusals of what cannot be read.

import { badRequest, CodecError, parseJson, parseYamlBody } from "#kubernetes/api";
import type { ResourceCall } from "../context.ts";
import type { FieldValidation } from "../options/write-options.ts";

export interface PatchBody {
  readonly value: unknown;
  /** What strict reading of the patch itself minds, such as fields that occur twice. */
  readonly problems: readonly string[];
}

/** Reads a patch in JSON: all types but apply. Throws BadRequest. */
export function readJsonBody(
  { call }: ResourceCall,
  type: "json" | "merge" | "strategic",
  fieldValidation: FieldValidation,
): PatchBody {
  const { body } = call.request;
  if (body?.kind === "object") return { value: body.object, problems: [] };
  try {
    const { value, duplicates } = parseJson(body?.bytes ?? new Uint8Array());
    if (fieldValidation === "Ignore") return { value, problems: [] };
    return { value, problems: type === "json" ? duplicates.map((text) => `json patch ${text}`) : duplicates };
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    throw badRequest(refusal(type, fieldValidation, error.message));
  }
}

/** Upstream reads patches twice, strictly and leniently; which reader fails first makes the words. */
function refusal(type: "json" | "merge" | "strategic", fieldValidation: FieldValidation, why: string): string {
  if (type === "strategic") return why;
  if (fieldValidation !== "Ignore") return `error decoding patch: ${why}`;
  return type === "merge" ? "Invalid JSON Patch" : why;
}

/** Reads an applied configuration, YAML or JSON. Throws BadRequest. */
export function readAppliedBody({ call }: ResourceCall): PatchBody {
  const { body } = call.request;
  if (body?.kind === "object") return { value: body.object, problems: [] };
  try {
    const { value, duplicates } = parseYamlBody(body?.bytes ?? new Uint8Array());
    if (typeof value === "object" && !Array.isArray(value)) return { value: value ?? {}, problems: duplicates };
    const given = Array.isArray(value) ? "array" : typeof value === "boolean" ? "bool" : typeof value;
    const why = `json: cannot unmarshal ${given} into Go value of type map[string]interface {}`;
    throw badRequest(`error decoding YAML: error unmarshaling JSON: while decoding JSON: ${why}`);
  } catch (error) {
    if (error instanceof CodecError) throw badRequest(`error decoding YAML: ${error.message}`);
    throw error;
  }
}
