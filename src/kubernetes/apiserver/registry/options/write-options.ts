// Options of create, update, patch and delete, read from the query (of delete also from the body) and checked as upstream does.

import {
  type DeleteOptions,
  type FieldError,
  forbiddenField,
  invalid,
  invalidObject,
  notSupported,
  required,
  tooLong,
} from "#kubernetes/api";
import { isTrue } from "../../request-info.ts";
import { readQueryInteger } from "./query-integer.ts";

export interface WriteOptions {
  readonly dryRun: boolean;
  /** "" where the query names none. */
  readonly fieldManager: string;
  readonly fieldValidation: FieldValidation;
}

/** What happens to unknown and duplicate fields: nothing, a warning, or a refusal. */
export type FieldValidation = "Ignore" | "Warn" | "Strict";

export interface PatchOptions extends WriteOptions {
  /** Server-side apply takes over fields others own. */
  readonly force: boolean;
}

/** Reads what create and update take. Throws Invalid, in the name of `kind`. */
export function readWriteOptions(query: URLSearchParams, kind: "CreateOptions" | "UpdateOptions"): WriteOptions {
  if (query.size === 0) return defaults;
  throwIfInvalid(kind, checkCommon(query));
  return readCommon(query);
}

export function readPatchOptions(query: URLSearchParams, isApply: boolean): PatchOptions {
  const errors: FieldError[] = [];
  if (isApply && !query.get("fieldManager")) errors.push(required("fieldManager", "is required for apply patch"));
  if (!isApply && query.has("force")) errors.push(forbiddenField("force", "may not be specified for non-apply patch"));
  throwIfInvalid("PatchOptions", [...errors, ...checkCommon(query)]);
  return { ...readCommon(query), force: isTrue(query.get("force")) };
}

/** The options of a delete in its query; a body, where there is one, says all instead. */
export function readDeleteQuery(query: URLSearchParams): DeleteOptions {
  const options: DeleteOptions = {};
  const grace = readQueryInteger(query, "gracePeriodSeconds");
  if (grace !== undefined) options.gracePeriodSeconds = grace;
  const [uid, resourceVersion] = [query.get("uid"), query.get("resourceVersion")];
  if (uid !== null || resourceVersion !== null) {
    options.preconditions = { ...(uid !== null && { uid }), ...(resourceVersion !== null && { resourceVersion }) };
  }
  const policy = query.get("propagationPolicy");
  if (policy !== null) options.propagationPolicy = policy;
  if (query.has("orphanDependents")) options.orphanDependents = isTrue(query.get("orphanDependents"));
  if (query.has("dryRun")) options.dryRun = query.getAll("dryRun");
  return options;
}

/** Everything wrong with a delete's options. Throws Invalid. */
export function checkDeleteOptions(options: DeleteOptions): void {
  const { propagationPolicy: policy, orphanDependents, dryRun } = options;
  const errors: FieldError[] = [];
  if (orphanDependents !== undefined && policy !== undefined) {
    errors.push(invalid("propagationPolicy", policy, "orphanDependents and deletionPropagation cannot be both set"));
  }
  const policies = ["Foreground", "Background", "Orphan"];
  if (policy !== undefined && !policies.includes(policy)) {
    errors.push(notSupported("propagationPolicy", policy, [...policies, "nil"]));
  }
  throwIfInvalid("DeleteOptions", [...errors, ...checkDryRun(dryRun ?? [])]);
}

const defaults: WriteOptions = { dryRun: false, fieldManager: "", fieldValidation: "Warn" };

function readCommon(query: URLSearchParams): WriteOptions {
  return {
    dryRun: query.has("dryRun"),
    fieldManager: query.get("fieldManager") ?? "",
    fieldValidation: (query.get("fieldValidation") || "Warn") as FieldValidation,
  };
}

function checkCommon(query: URLSearchParams): FieldError[] {
  const errors = [...checkFieldManager(query.get("fieldManager") ?? ""), ...checkDryRun(query.getAll("dryRun"))];
  const directive = query.get("fieldValidation") ?? "";
  const directives = ["", "Ignore", "Strict", "Warn"];
  if (!directives.includes(directive)) errors.push(notSupported("fieldValidation", directive, directives));
  return errors;
}

const longestManager = 128;

function checkFieldManager(manager: string): FieldError[] {
  const errors: FieldError[] = [];
  if (Buffer.byteLength(manager) > longestManager) errors.push(tooLong("fieldManager", longestManager));
  let position = 0;
  for (const character of manager) {
    if (!/[\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.test(character)) {
      const code = character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0");
      errors.push(invalid("fieldManager", manager, `invalid character U+${code} (at position ${position})`));
    }
    position += Buffer.byteLength(character);
  }
  return errors;
}

function checkDryRun(values: readonly string[]): FieldError[] {
  return values.every((value) => value === "All") ? [] : [notSupported("dryRun", values, ["All"])];
}

function throwIfInvalid(kind: string, errors: readonly FieldError[]): void {
  if (errors.length > 0) throw invalidObject({ group: "meta.k8s.io", kind }, "", errors);
}
