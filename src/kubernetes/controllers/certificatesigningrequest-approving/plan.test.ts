import assert from "node:assert/strict";
import { test } from "node:test";
import type { CertificateSigningRequest } from "#kubernetes/api";
import type { RequestedCertificate } from "../certificates/signing-request.ts";
import { approvalRules, isForNode, isUndecided, servingNode } from "./plan.ts";

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

test("approvalRules: a node may ask for what runs beside its kubelet, and nobody else", () => {
  const agent = { ...asked, commonName: "system:kube-proxy", organizations: [] };
  const ask = (username: string, request: RequestedCertificate) => {
    const base = csr(username);
    return approvalRules({ ...base, spec: { ...base.spec, signerName: "slipway.dev/agent-client" } }, request);
  };
  assert.deepEqual(
    ask("system:node:n", agent).map(({ subresource }) => subresource),
    ["agentclient"],
  );
  assert.deepEqual(ask("system:bootstrap:abcdef", agent), []);
  assert.deepEqual(ask("system:node:n", { ...agent, commonName: "kubernetes-admin" }), []);
  assert.deepEqual(ask("system:node:n", { ...agent, organizations: ["system:masters"] }), []);
});

test("servingNode, isForNode: a server's certificate is the node's alone, for addresses others know it by", () => {
  const request = csr("system:node:n");
  const spec = {
    ...request.spec,
    signerName: "kubernetes.io/kubelet-serving",
    usages: ["digital signature", "server auth"],
  };
  const serving = { ...asked, dnsNames: ["n"], ipAddresses: ["10.0.0.1"] };
  assert.equal(servingNode({ ...request, spec }, serving), "n");
  assert.equal(servingNode({ ...request, spec: { ...spec, username: "system:node:m" } }, serving), undefined);
  assert.equal(isForNode(serving, "n", ["10.0.0.1"]), true);
  assert.equal(isForNode({ ...serving, ipAddresses: ["10.0.0.9"] }, "n", ["10.0.0.1"]), false);
  assert.equal(isForNode({ ...serving, dnsNames: ["api"] }, "n", ["10.0.0.1"]), false);
});
