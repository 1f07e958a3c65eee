// References to objects of any group, which implementations of networking know what to do with.

import { child, type FieldError, required } from "../../field-error.ts";
import { checkDNS1123Subdomain, checkPathSegmentName } from "../../names.ts";
import { reportInvalid } from "../report.ts";

interface ObjectReference {
  readonly apiGroup?: string | null;
  readonly kind: string;
  readonly name: string;
}

/** Group (if any), kind and name. */
export function validateObjectReference(
  { apiGroup, kind, name }: ObjectReference,
  path: string,
  errors: FieldError[],
): void {
  if (apiGroup !== undefined && apiGroup !== null) {
    reportInvalid(errors, child(path, "apiGroup"), apiGroup, checkDNS1123Subdomain(apiGroup));
  }
  validateSegment(kind, child(path, "kind"), errors);
  validateSegment(name, child(path, "name"), errors);
}

/** Must be given, and can be part of a URL. */
export function validateSegment(text: string, path: string, errors: FieldError[]): void {
  if (text === "") errors.push(required(path));
  else reportInvalid(errors, path, text, checkPathSegmentName(text));
}
