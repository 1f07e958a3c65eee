// Which requests of kubelets may be approved without a person, and on whose right that depends. Pure.

import type { CertificateSigningRequest } from "#kubernetes/api";
import { hasCondition, isIssued } from "../certificates/csr-conditions.ts";
import { refuseKubeletClient } from "../certificates/kubelet-requests.ts";
import type { RequestedCertificate } from "../certificates/signing-request.ts";

/** Approved if the one who asks may create this subresource of certificatesigningrequests. */
export interface ApprovalRule {
  readonly subresource: string;
  readonly message: string;
}

const selfNodeClient: ApprovalRule = {
  subresource: "selfnodeclient",
  message: "Auto approving self kubelet client certificate after SubjectAccessReview.",
};
const nodeClient: ApprovalRule = {
  subresource: "nodeclient",
  message: "Auto approving kubelet client certificate after SubjectAccessReview.",
};

/** Nobody has decided about it yet, and it is of the kind that is decided here. */
export function isUndecided(request: CertificateSigningRequest): boolean {
  const isDecided = hasCondition(request, "Approved") || hasCondition(request, "Denied") || isIssued(request);
  return request.spec.signerName === "kubernetes.io/kube-apiserver-client-kubelet" && !isDecided;
}

/** The rules to try, in order. None where it is no kubelet's request. */
export function approvalRules(
  { spec }: CertificateSigningRequest,
  asked: RequestedCertificate,
): readonly ApprovalRule[] {
  if (refuseKubeletClient(asked, spec.usages ?? []) !== undefined) return [];
  return spec.username === asked.commonName ? [selfNodeClient, nodeClient] : [nodeClient];
}
