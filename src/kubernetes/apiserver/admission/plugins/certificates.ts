// Certificate signing requests: who may approve and sign for a signer, and that no client certificate is made for system:masters.

import {
  type CertificateSigningRequest,
  equalJson,
  parseCertificateRequest,
  quote,
  type UserInfo,
} from "#kubernetes/api";
import type { Authorizer } from "../../authorization/authorizer.ts";
import type { AdmissionPlugin } from "../admission.ts";
import { Refusal } from "../refusal.ts";
import type { PluginContext } from "./plugin-context.ts";

const group = "certificates.k8s.io";
const resource = "certificatesigningrequests";

export function certificateApproval({ authorizer }: PluginContext): AdmissionPlugin {
  return {
    name: "CertificateApproval",
    handles: (target) => target.operation === "UPDATE" && isFor(target, "approval"),
    async validate({ oldObject, user }) {
      const { signerName } = (oldObject as CertificateSigningRequest).spec;
      if (await mayUseSigner(authorizer, user, "approve", signerName)) return;
      throw new Refusal(`user not permitted to approve requests with signerName ${quote(signerName)}`);
    },
  };
}

export function certificateSigning({ authorizer }: PluginContext): AdmissionPlugin {
  return {
    name: "CertificateSigning",
    handles: (target) => target.operation === "UPDATE" && isFor(target, "status"),
    async validate({ object, oldObject, user }) {
      const before = oldObject as CertificateSigningRequest;
      const { status } = object as CertificateSigningRequest;
      const isSame =
        before.status?.certificate === status?.certificate &&
        equalJson(before.status?.conditions ?? [], status?.conditions ?? []);
      if (isSame) return;
      const { signerName } = before.spec;
      if (await mayUseSigner(authorizer, user, "sign", signerName)) return;
      throw new Refusal(`user not permitted to sign requests with signerName ${quote(signerName)}`);
    },
  };
}

const clientSigner = "kubernetes.io/kube-apiserver-client";

export const certificateSubjectRestriction: AdmissionPlugin = {
  name: "CertificateSubjectRestriction",
  handles: (target) => target.operation === "CREATE" && isFor(target, ""),
  validate({ object }) {
    const { signerName, request } = (object as CertificateSigningRequest).spec;
    if (signerName !== clientSigner) return;
    if (organizationsOf(request).includes("system:masters")) {
      throw new Refusal(`use of ${clientSigner} signer with system:masters group is not allowed`);
    }
  },
};

function organizationsOf(request: string): readonly string[] {
  try {
    return parseCertificateRequest(Buffer.from(request, "base64").toString("latin1")).organizations;
  } catch (error) {
    throw new Refusal(`failed to parse CSR: ${(error as Error).message}`);
  }
}

function isFor(target: { group: string; resource: string; subresource: string }, subresource: string): boolean {
  return target.group === group && target.resource === resource && target.subresource === subresource;
}

/** The signer itself, or all signers of its domain. */
async function mayUseSigner(
  authorizer: Authorizer,
  user: UserInfo,
  verb: string,
  signerName: string,
): Promise<boolean> {
  const domain = signerName.split("/")[0];
  for (const name of [signerName, `${domain}/*`]) {
    const decision = await authorizer.authorize({
      user,
      verb,
      isResourceRequest: true,
      path: "",
      apiGroup: group,
      apiVersion: "*",
      namespace: "",
      resource: "signers",
      subresource: "",
      name,
    });
    if (decision.allowed) return true;
  }
  return false;
}
