// Which requests of nodes may be approved without a person, and on what that depends. Pure.

import type { CertificateSigningRequest } from "#kubernetes/api";
import { hasCondition, isIssued } from "../certificates/csr-conditions.ts";
import {
  agentClientSigner,
  refuseAgentClient,
  refuseKubeletClient,
  refuseKubeletServing,
} from "../certificates/kubelet-requests.ts";
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

const agentClient: ApprovalRule = {
  subresource: "agentclient",
  message: "Auto approving client certificate of a node's agent after SubjectAccessReview.",
};

const kubeletClientSigner = "kubernetes.io/kube-apiserver-client-kubelet";
const servingSigner = "kubernetes.io/kubelet-serving";
const signers = new Set([kubeletClientSigner, servingSigner, agentClientSigner]);
const nodePrefix = "system:node:";

/** Nobody has decided about it yet, and it is of the kind that is decided here. */
export function isUndecided(request: CertificateSigningRequest): boolean {
  const isDecided = hasCondition(request, "Approved") || hasCondition(request, "Denied") || isIssued(request);
  return signers.has(request.spec.signerName) && !isDecided;
}

/** The node that asks for a certificate of its own server; undefined where it is no such request. */
export function servingNode({ spec }: CertificateSigningRequest, asked: RequestedCertificate): string | undefined {
  if (spec.signerName !== servingSigner || refuseKubeletServing(asked, spec.usages ?? []) !== undefined)
    return undefined;
  return spec.username === asked.commonName ? asked.commonName.slice(nodePrefix.length) : undefined;
}

/** Whether the certificate would be for the node alone: its name, and addresses that it is known to have. */
export function isForNode(asked: RequestedCertificate, node: string, addresses: readonly string[]): boolean {
  return asked.dnsNames.every((name) => name === node) && asked.ipAddresses.every((ip) => addresses.includes(ip));
}

/** The rules to try, in order. None where it is no kubelet's request. */
export function approvalRules(
  { spec }: CertificateSigningRequest,
  asked: RequestedCertificate,
): readonly ApprovalRule[] {
  if (spec.signerName === agentClientSigner) {
    const isNode = spec.username?.startsWith(nodePrefix) === true;
    return isNode && refuseAgentClient(asked, spec.usages ?? []) === undefined ? [agentClient] : [];
  }
  if (spec.signerName !== kubeletClientSigner || refuseKubeletClient(asked, spec.usages ?? []) !== undefined) return [];
  return spec.username === asked.commonName ? [selfNodeClient, nodeClient] : [nodeClient];
}
