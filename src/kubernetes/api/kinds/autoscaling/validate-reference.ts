// References to other objects in autoscalers, and names that become parts of URLs.

import { child, type FieldError, invalid, required } from "../../field-error.ts";
import type { CrossVersionObjectReference } from "../../generated/types.ts";
import { checkPathSegmentName } from "../../names.ts";
import { parseApiVersion } from "../../resource.ts";
import { reportInvalid } from "../report.ts";

export interface ReferenceOptions {
  /** The apiVersion is not looked at. */
  readonly anyVersion: boolean;
  /** The core group, which has no name, is fine. */
  readonly noGroup: boolean;
}

/** A reference to an object of any version of its group. */
export function validateReference(
  { kind, name, apiVersion = "" }: CrossVersionObjectReference,
  path: string,
  errors: FieldError[],
  options: ReferenceOptions,
): void {
  validatePathSegment(kind, child(path, "kind"), errors);
  validatePathSegment(name, child(path, "name"), errors);
  const problem = checkVersion(apiVersion, options);
  if (problem !== undefined) errors.push(invalid(child(path, "apiVersion"), apiVersion, problem));
}

/** Must be given, and can be part of a URL. */
export function validatePathSegment(text: string, path: string, errors: FieldError[], why = ""): void {
  if (text === "") errors.push(required(path, why));
  else reportInvalid(errors, path, text, checkPathSegmentName(text));
}

/** What is wrong with an apiVersion. */
export function checkVersion(apiVersion: string, { anyVersion, noGroup }: ReferenceOptions): string | undefined {
  if (anyVersion) return undefined;
  if (apiVersion.split("/").length > 2) return `unexpected GroupVersion string: ${apiVersion}`;
  const isCore = parseApiVersion(apiVersion).group === "";
  return isCore && !noGroup ? "apiVersion must specify API group" : undefined;
}
