// The one error of the API's edge: a Status with upstream's reason, code, wording and details (apimachinery's api/errors).
// Everything that refuses a request throws one; the HTTP layer only serialises it. Clients get the same class back.

import { describeFieldError, type FieldError } from "./field-error.ts";
import type { GroupResource, Status, StatusCause, StatusDetails } from "./generated/types.ts";
import { quote } from "./go-format.ts";

export type StatusReason =
  | ""
  | "Unauthorized"
  | "Forbidden"
  | "NotFound"
  | "AlreadyExists"
  | "Conflict"
  | "Gone"
  | "Expired"
  | "Invalid"
  | "ServerTimeout"
  | "StoreReadError"
  | "Timeout"
  | "TooManyRequests"
  | "BadRequest"
  | "MethodNotAllowed"
  | "NotAcceptable"
  | "RequestEntityTooLarge"
  | "UnsupportedMediaType"
  | "InternalError"
  | "ServiceUnavailable";

/** Group and kind: "Deployment.apps", or "Pod". */
export interface GroupKind {
  readonly group: string;
  readonly kind: string;
}

interface StatusErrorInit {
  readonly code: number;
  readonly reason: StatusReason;
  readonly message: string;
  readonly details?: StatusDetails;
  /** Of an expired list: the token to go on with as of now. */
  readonly continueToken?: string;
  readonly cause?: unknown;
}

export class StatusError extends Error {
  override readonly name = "StatusError";
  readonly code: number;
  readonly reason: StatusReason;
  readonly details: StatusDetails | undefined;
  readonly continueToken: string | undefined;

  constructor(init: StatusErrorInit) {
    super(init.message, init.cause === undefined ? undefined : { cause: init.cause });
    this.code = init.code;
    this.reason = init.reason;
    this.details = init.details;
    this.continueToken = init.continueToken;
  }

  /** The Status object as answered. */
  toStatus(): Status {
    return {
      kind: "Status",
      apiVersion: "v1",
      metadata: this.continueToken === undefined ? {} : { continue: this.continueToken },
      status: "Failure",
      message: this.message,
      ...(this.reason !== "" && { reason: this.reason }),
      ...(this.details && { details: this.details }),
      code: this.code,
    };
  }

  /** The error a Status answer stands for. */
  static fromStatus(status: Status): StatusError {
    return new StatusError({
      code: status.code ?? 500,
      reason: (status.reason ?? "") as StatusReason,
      message: status.message ?? "unknown",
      ...(status.details && { details: status.details }),
      ...(status.metadata?.continue && { continueToken: status.metadata.continue }),
    });
  }

  /** What was thrown, if it is a StatusError (also one of another copy of this module); else an InternalError around it. */
  static from(error: unknown): StatusError {
    if (isStatusError(error)) return error;
    return internalError(error instanceof Error ? error.message : String(error), error);
  }
}

export function notFound(resource: GroupResource, name: string): StatusError {
  return new StatusError({
    code: 404,
    reason: "NotFound",
    message: `${formatGroupResource(resource)} ${quote(name)} not found`,
    details: detailsOf(name, resource.group, resource.resource),
  });
}

export function alreadyExists(resource: GroupResource, name: string): StatusError {
  return new StatusError({
    code: 409,
    reason: "AlreadyExists",
    message: `${formatGroupResource(resource)} ${quote(name)} already exists`,
    details: detailsOf(name, resource.group, resource.resource),
  });
}

/** The wording of a lost optimistic lock, the usual `why` of conflict(). */
export const objectModified =
  "the object has been modified; please apply your changes to the latest version and try again";

export function conflict(resource: GroupResource, name: string, why: string = objectModified): StatusError {
  return new StatusError({
    code: 409,
    reason: "Conflict",
    message: `Operation cannot be fulfilled on ${formatGroupResource(resource)} ${quote(name)}: ${why}`,
    details: detailsOf(name, resource.group, resource.resource),
  });
}

export function applyConflict(causes: readonly StatusCause[], message: string): StatusError {
  return new StatusError({ code: 409, reason: "Conflict", message, details: { causes: [...causes] } });
}

export function invalidObject(kind: GroupKind, name: string, errors: readonly FieldError[]): StatusError {
  const subject = `${formatGroupKind(kind)} ${quote(name)} is invalid`;
  const messages = [...new Set(errors.map(describeFieldError))];
  const list = messages.length === 1 ? messages[0] : `[${messages.join(", ")}]`;
  const causes = errors.map((error) => ({ reason: error.type, message: error.body, field: error.field }));
  return new StatusError({
    code: 422,
    reason: "Invalid",
    message: errors.length === 0 ? subject : `${subject}: ${list}`,
    details: { ...detailsOf(name, kind.group, kind.kind), ...(causes.length > 0 && { causes }) },
  });
}

export function forbidden(resource: GroupResource, name: string, why: string): StatusError {
  const subject = formatGroupResource(resource);
  const object = name === "" ? subject : `${subject} ${quote(name)}`;
  return new StatusError({
    code: 403,
    reason: "Forbidden",
    message: subject === "" ? `forbidden: ${why}` : `${object} is forbidden: ${why}`,
    details: detailsOf(name, resource.group, resource.resource),
  });
}

export function unauthorized(message = "Unauthorized"): StatusError {
  return new StatusError({ code: 401, reason: "Unauthorized", message });
}

export function badRequest(message: string, cause?: unknown): StatusError {
  return new StatusError({ code: 400, reason: "BadRequest", message, cause });
}

export function methodNotSupported(resource: GroupResource, action: string): StatusError {
  return new StatusError({
    code: 405,
    reason: "MethodNotAllowed",
    message: `${action} is not supported on resources of kind ${quote(formatGroupResource(resource))}`,
    details: detailsOf("", resource.group, resource.resource),
  });
}

/** What the server answers before it knows of an object: no such path, method or media type. */
export function genericError(code: number, reason: StatusReason, message: string): StatusError {
  return new StatusError({ code, reason, message, details: {} });
}

export function expired(message: string): StatusError {
  return new StatusError({ code: 410, reason: "Expired", message });
}

export function gone(message: string): StatusError {
  return new StatusError({ code: 410, reason: "Gone", message });
}

export function tooManyRequests(message: string, retryAfterSeconds: number): StatusError {
  return new StatusError({ code: 429, reason: "TooManyRequests", message, details: { retryAfterSeconds } });
}

export function requestEntityTooLarge(message: string): StatusError {
  return new StatusError({
    code: 413,
    reason: "RequestEntityTooLarge",
    message: `Request entity too large: ${message}`,
  });
}

export function serviceUnavailable(message: string): StatusError {
  return new StatusError({ code: 503, reason: "ServiceUnavailable", message });
}

export function serverTimeout(resource: GroupResource, operation: string, retryAfterSeconds: number): StatusError {
  const subject = formatGroupResource(resource);
  return new StatusError({
    code: 500,
    reason: "ServerTimeout",
    message: `The ${operation} operation against ${subject} could not be completed at this time, please try again.`,
    details: { ...detailsOf("", resource.group, resource.resource), retryAfterSeconds },
  });
}

export function timeoutError(message: string, retryAfterSeconds: number): StatusError {
  const details = retryAfterSeconds > 0 ? { retryAfterSeconds } : {};
  return new StatusError({ code: 504, reason: "Timeout", message: `Timeout: ${message}`, details });
}

export function internalError(message: string, cause?: unknown): StatusError {
  return new StatusError({
    code: 500,
    reason: "InternalError",
    message: `Internal error occurred: ${message}`,
    details: { causes: [{ message }] },
    cause,
  });
}

export function isStatusError(error: unknown): error is StatusError {
  return error instanceof Error && error.name === "StatusError" && "code" in error && "toStatus" in error;
}

export function isNotFound(error: unknown): boolean {
  return isStatusError(error) && error.reason === "NotFound";
}

export function isAlreadyExists(error: unknown): boolean {
  return isStatusError(error) && error.reason === "AlreadyExists";
}

export function isConflict(error: unknown): boolean {
  return isStatusError(error) && error.reason === "Conflict";
}

/** A watch or a continue token from before the last compaction: list again. */
export function isExpired(error: unknown): boolean {
  return isStatusError(error) && (error.reason === "Expired" || error.reason === "Gone");
}

export function formatGroupResource(resource: GroupResource): string {
  return resource.group === "" ? resource.resource : `${resource.resource}.${resource.group}`;
}

export function formatGroupKind(kind: GroupKind): string {
  return kind.group === "" ? kind.kind : `${kind.kind}.${kind.group}`;
}

function detailsOf(name: string, group: string, kind: string): StatusDetails {
  return { ...(name !== "" && { name }), ...(group !== "" && { group }), ...(kind !== "" && { kind }) };
}
