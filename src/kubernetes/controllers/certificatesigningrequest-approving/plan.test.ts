import assert from "node:assert/strict";
import { test } from "node:test";
import type { CertificateSigningRequest } from "#kubernetes/api";
import type { RequestedCertificate } from "../certificates/signing-request.ts";
import { approvalRules, isUndecided } from "./plan.ts";

const asked: RequestedCertificate = {
  commonName: "system:node:n",
  organizations: ["system:nodes"],
  dnsNames: [],
  ipAddresses: [],
  emailAddresses: [],
  uris: [],
};

function csr(username: string, ...conditions: string[]): CertificateSigningRequest {
  return {
    metadata: { name: "r" },
    spec: {
      request: "",
      signerName: "kubernetes.io/kube-apiserver-client-kubelet",
      usages: ["client auth", "digital signature"],
      username,
    },
    status: { conditions: conditions.map((type) => ({ type, status: "True" })) },
  };
}

const rulesOf = (username: string, request: RequestedCertificate) =>
  approvalRules(csr(username), request).map(({ subresource }) => subresource);

test("approvalRules: a node may ask for itself, a bootstrap token for any node", () => {
  assert.deepEqual(rulesOf("system:node:n", asked), ["selfnodeclient", "nodeclient"]);
  assert.deepEqual(rulesOf("system:bootstrap:abcdef", asked), ["nodeclient"]);
  assert.deepEqual(rulesOf("system:node:n", { ...asked, organizations: [] }), []);
});

test("isUndecided: only what nobody has decided about, of this one signer", () => {
  assert.equal(isUndecided(csr("u")), true);
  assert.equal(isUndecided(csr("u", "Approved")), false);
  assert.equal(isUndecided(csr("u", "Denied")), false);
  const request = csr("u");
  const spec = { ...request.spec, signerName: "kubernetes.io/kube-apiserver-client" };
  assert.equal(isUndecided({ ...request, spec }), false);
});
