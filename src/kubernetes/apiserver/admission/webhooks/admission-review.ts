// AdmissionReviews: the question a webhook is asked, and what its answer says, in upstream's words where it is none.

import { formatApiVersion, type GroupVersionKind, type KubeObject, type Status, StatusError } from "#kubernetes/api";
import type { AdmissionRequest } from "../admission.ts";
import { describeRequest } from "../matching/describe-request.ts";
import type { MatchedResource } from "../matching/match-criteria.ts";

export interface ReviewQuestion {
  readonly uid: string;
  readonly version: "v1" | "v1beta1";
  readonly matched: MatchedResource;
  readonly kind: GroupVersionKind;
  readonly object: KubeObject | undefined;
  readonly oldObject: KubeObject | undefined;
}

/** The review to send. */
export function makeReview(request: AdmissionRequest, question: ReviewQuestion): object {
  const { uid, matched, kind } = question;
  return {
    kind: "AdmissionReview",
    apiVersion: `admission.k8s.io/${question.version}`,
    request: {
      uid,
      ...describeRequest(request, matched, kind),
      object: question.object ?? null,
      oldObject: question.oldObject ?? null,
    },
  };
}

export interface ReviewAnswer {
  readonly allowed: boolean;
  /** A JSON patch as text. */
  readonly patch?: string;
  readonly status?: Partial<Status>;
  readonly warnings: readonly string[];
  readonly auditAnnotations: Readonly<Record<string, string>>;
}

interface RawAnswer {
  readonly kind?: unknown;
  readonly apiVersion?: unknown;
  readonly response?: {
    readonly uid?: unknown;
    readonly allowed?: unknown;
    readonly patch?: unknown;
    readonly patchType?: unknown;
    readonly status?: Partial<Status>;
    readonly warnings?: unknown;
    readonly auditAnnotations?: Record<string, string>;
  };
}

/** Reads an answer. Throws an Error that says why it is none. */
export function readReview(answer: unknown, { uid, version }: ReviewQuestion, isMutating: boolean): ReviewAnswer {
  const { kind, apiVersion, response } = (answer ?? {}) as RawAnswer;
  if (!response) throw new Error("webhook response was absent");
  if (version === "v1") {
    if (response.uid !== uid) throw new Error(`expected response.uid="${uid}", got "${String(response.uid ?? "")}"`);
    checkKind(kind, apiVersion);
  }
  const patch = readPatch(response, { isMutating, isStrict: version === "v1" });
  return {
    allowed: response.allowed === true,
    ...(patch !== undefined && { patch }),
    ...(response.status && { status: response.status }),
    warnings: Array.isArray(response.warnings) ? response.warnings.map(String) : [],
    auditAnnotations: response.auditAnnotations ?? {},
  };
}

function checkKind(kind: unknown, apiVersion: unknown): void {
  const expected = formatApiVersion({ group: "admission.k8s.io", version: "v1" });
  if (kind === "AdmissionReview" && apiVersion === expected) return;
  const shown = `${String(apiVersion ?? "")}, Kind=${String(kind ?? "")}`;
  throw new Error(`expected webhook response of ${expected}, Kind=AdmissionReview, got ${shown}`);
}

function readPatch(
  { patch, patchType }: NonNullable<RawAnswer["response"]>,
  { isMutating, isStrict }: { isMutating: boolean; isStrict: boolean },
): string | undefined {
  const hasPatch = typeof patch === "string" && patch !== "";
  if (!isMutating) {
    if (isStrict && hasPatch) throw new Error("validating webhook may not return response.patch");
    if (isStrict && patchType !== undefined && patchType !== null) {
      throw new Error("validating webhook may not return response.patchType");
    }
    return undefined;
  }
  if (isStrict) checkPatchType(hasPatch, patchType);
  return hasPatch ? Buffer.from(patch, "base64").toString() : undefined;
}

function checkPatchType(hasPatch: boolean, patchType: unknown): void {
  const hasType = patchType !== undefined && patchType !== null;
  if (hasPatch && !hasType) throw new Error("webhook returned response.patch but not response.patchType");
  if (!hasPatch && hasType) throw new Error("webhook returned response.patchType but not response.patch");
  if (hasType && patchType !== "JSONPatch") throw new Error(`unsupported patch type "${String(patchType)}"`);
}

/** The refusal of a webhook, as the client is told of it. */
export function refusedByWebhook(name: string, status: Partial<Status> = {}): StatusError {
  const denied = `admission webhook "${name}" denied the request`;
  const { message, reason, code = 0, details } = status;
  const why = message || reason;
  return new StatusError({
    code: Math.max(code, 400),
    reason: (reason ?? "") as StatusError["reason"],
    message: why ? `${denied}: ${why}` : `${denied} without explanation`,
    ...(details && { details }),
  });
}
