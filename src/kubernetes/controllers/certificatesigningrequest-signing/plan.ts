// Whether upstream's four signers, and one for our agents, sign a request, and for how long. Pure.

import type { CertificateSigningRequest } from "#kubernetes/api";
import { isApproved, isFailed, isIssued } from "../certificates/csr-conditions.ts";
import {
  agentClientSigner,
  refuseAgentClient,
  refuseKubeletClient,
  refuseKubeletServing,
} from "../certificates/kubelet-requests.ts";
import type { RequestedCertificate } from "../certificates/signing-request.ts";

type Refuse = (request: RequestedCertificate, usages: readonly string[]) => string | undefined;

/** Why a signer does not sign what it is asked to. */
const signers: Readonly<Record<string, Refuse>> = {
  "kubernetes.io/kubelet-serving": refuseKubeletServing,
  "kubernetes.io/kube-apiserver-client-kubelet": refuseKubeletClient,
  "kubernetes.io/kube-apiserver-client": (_, usages) => refuseClientUsages(usages),
  [agentClientSigner]: refuseAgentClient,
  // Everything, as it always did.
  "kubernetes.io/legacy-unknown": () => undefined,
};

/** Approved, not signed yet, and for a signer of ours. */
export function isToBeSigned(request: CertificateSigningRequest): boolean {
  const isOurs = Object.hasOwn(signers, request.spec.signerName);
  return isOurs && isApproved(request) && !isFailed(request) && !isIssued(request);
}

/** Why it fails for good; undefined where it is signed. */
export function refuseRequest({ spec }: CertificateSigningRequest, asked: RequestedCertificate): string | undefined {
  return signers[spec.signerName]?.(asked, spec.usages ?? []);
}

function refuseClientUsages(usages: readonly string[]): string | undefined {
  const others = new Set(["digital signature", "key encipherment", "client auth"]);
  const unknown = usages.find((usage) => !others.has(usage));
  if (unknown !== undefined) return `invalid usage for client certificate: ${unknown}`;
  return usages.includes("client auth") ? undefined : "missing required usage for client certificate: client auth";
}

/** Certificates are valid from a little earlier, for machines whose clock is behind. */
const backdateMs = 5 * 60_000;
const shortestMs = 2 * backdateMs;
/** What lives shorter is not cut short by the same. */
const shortLivedMs = 8 * 60 * 60_000;

export interface Validity {
  readonly notBefore: number;
  readonly notAfter: number;
}

/** Throws where the authority has expired. */
export function planValidity(
  expirationSeconds: number | undefined,
  nowMs: number,
  limits: { readonly longestMs: number; readonly authorityEndsMs: number },
): Validity {
  const { longestMs, authorityEndsMs } = limits;
  const asked = expirationSeconds === undefined ? longestMs : expirationSeconds * 1000;
  const lifeMs = asked > longestMs ? longestMs : Math.max(asked, shortestMs);
  if (nowMs >= authorityEndsMs) {
    const end = new Date(authorityEndsMs).toISOString();
    throw new Error(`refusing to sign a certificate that expired in the past: NotAfter=${end}`);
  }
  const notAfter = nowMs + lifeMs - (lifeMs < shortLivedMs ? 0 : backdateMs);
  return { notBefore: nowMs - backdateMs, notAfter: Math.min(notAfter, authorityEndsMs) };
}
