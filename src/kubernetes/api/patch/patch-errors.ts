// How the API server answers a patch that cannot be applied (endpoints/handlers/patch.go). What exactly was wrong is on the
// wire only where upstream puts it there; it is always in the error's cause.

import { StatusError } from "../status-error.ts";

/** 422 with upstream's generic words; `why` stays in the cause. */
export function unprocessablePatch(why: string): StatusError {
  return new StatusError({
    code: 422,
    reason: "Invalid",
    message: "the server rejected our request due to an error in our request",
    details: {},
    cause: new Error(why),
  });
}

/** 500 without a reason: what upstream answers for an error it did not foresee. */
export function unforeseen(message: string): StatusError {
  return new StatusError({ code: 500, reason: "", message });
}

/** How encoding/json names the kind of a value it cannot decode. */
export function jsonKindOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return typeof value === "boolean" ? "bool" : typeof value === "bigint" ? "number" : typeof value;
}
