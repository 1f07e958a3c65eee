// References to the requests of a claim: "request", or "request/subrequest".

import { type FieldError, invalid } from "../../field-error.ts";
import type { DeviceClaim } from "../../generated/types.ts";
import { validateLabelText } from "./names.ts";

/** The names that can be referred to. */
export type RequestNames = ReadonlySet<string>;

export function requestNamesOf({ requests }: DeviceClaim): RequestNames {
  const names = new Set<string>();
  for (const { name, firstAvailable = [] } of requests ?? []) {
    names.add(name);
    for (const subRequest of firstAvailable) names.add(`${name}/${subRequest.name}`);
  }
  return names;
}

const referenceError =
  "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'";

export function validateRequestReference(name: string, path: string, errors: FieldError[], names: RequestNames): void {
  const segments = name.split("/");
  if (segments.length <= 2) for (const segment of segments) validateLabelText(segment, path, errors);
  if (segments.length > 2 || !names.has(name)) errors.push(invalid(path, name, referenceError));
}
