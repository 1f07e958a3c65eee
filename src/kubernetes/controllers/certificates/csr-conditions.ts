// The state of a CertificateSigningRequest. Pure.

import type { CertificateSigningRequest } from "#kubernetes/api";

/** Whatever the condition's status: before v1 it had none. */
export function hasCondition({ status }: CertificateSigningRequest, type: "Approved" | "Denied"): boolean {
  return status?.conditions?.some((condition) => condition.type === type) ?? false;
}

export function isApproved(request: CertificateSigningRequest): boolean {
  return hasCondition(request, "Approved") && !hasCondition(request, "Denied");
}

export function isFailed({ status }: CertificateSigningRequest): boolean {
  return status?.conditions?.some(({ type, status: value }) => type === "Failed" && value === "True") ?? false;
}

export function isIssued({ status }: CertificateSigningRequest): boolean {
  return (status?.certificate ?? "") !== "";
}
