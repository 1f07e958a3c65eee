import assert from "node:assert/strict";
import { test } from "node:test";
import type { CertificateSigningRequest } from "#kubernetes/api";
import type { RequestedCertificate } from "../certificates/signing-request.ts";
import { isToBeSigned, planValidity, refuseRequest } from "./plan.ts";

const kubelet: RequestedCertificate = {
  commonName: "system:node:n",
  organizations: ["system:nodes"],
  dnsNames: [],
  ipAddresses: [],
  emailAddresses: [],
  uris: [],
};

function csr(signer: string, usages: string[] = [], ...conditions: string[]): CertificateSigningRequest {
  return {
    metadata: { name: "r" },
    spec: { request: "", signerName: `kubernetes.io/${signer}`, usages },
    status: { conditions: conditions.map((type) => ({ type, status: "True" })) },
  };
}

test("isToBeSigned: what is approved, and for a signer of kubernetes.io", () => {
  assert.equal(isToBeSigned(csr("kubelet-serving", [], "Approved")), true);
  assert.equal(isToBeSigned(csr("kubelet-serving")), false);
  assert.equal(isToBeSigned(csr("kubelet-serving", [], "Approved", "Denied")), false);
  assert.equal(isToBeSigned(csr("kubelet-serving", [], "Approved", "Failed")), false);
  assert.equal(isToBeSigned(csr("somebody-else", [], "Approved")), false);
  const issued = csr("kubelet-serving", [], "Approved");
  assert.equal(isToBeSigned({ ...issued, status: { ...issued.status, certificate: "eA==" } }), false);
});

test("refuseRequest: a kubelet's client certificate", () => {
  const request = csr("kube-apiserver-client-kubelet", ["digital signature", "client auth"]);
  assert.equal(refuseRequest(request, kubelet), undefined);
  const refusals: [Partial<RequestedCertificate>, string][] = [
    [{ organizations: ["a", "system:nodes"] }, "subject organization is not system:nodes"],
    [{ dnsNames: ["a"] }, "DNS subjectAltNames are not allowed"],
    [{ emailAddresses: ["a@b"] }, "Email subjectAltNames are not allowed"],
    [{ ipAddresses: ["10.0.0.1"] }, "IP subjectAltNames are not allowed"],
    [{ uris: ["a:b"] }, "URI subjectAltNames are not allowed"],
    [{ commonName: "n" }, "subject common name does not begin with system:node:"],
  ];
  for (const [change, message] of refusals) assert.equal(refuseRequest(request, { ...kubelet, ...change }), message);
  assert.equal(
    refuseRequest(csr("kube-apiserver-client-kubelet", ["client auth"]), kubelet),
    "usages did not match [client auth digital signature key encipherment]",
  );
});

test("refuseRequest: a kubelet's serving certificate", () => {
  const request = csr("kubelet-serving", ["digital signature", "key encipherment", "server auth"]);
  assert.equal(refuseRequest(request, { ...kubelet, ipAddresses: ["10.0.0.1"] }), undefined);
  assert.equal(refuseRequest(request, kubelet), "DNS or IP subjectAltName is required");
});

test("refuseRequest: clients ask for clients' usages, the legacy signer takes all", () => {
  assert.equal(refuseRequest(csr("kube-apiserver-client", ["client auth"]), kubelet), undefined);
  assert.equal(
    refuseRequest(csr("kube-apiserver-client", ["server auth"]), kubelet),
    "invalid usage for client certificate: server auth",
  );
  assert.equal(
    refuseRequest(csr("kube-apiserver-client", ["digital signature"]), kubelet),
    "missing required usage for client certificate: client auth",
  );
  assert.equal(refuseRequest(csr("legacy-unknown", ["cert sign"]), kubelet), undefined);
});

test("planValidity: as long as asked, within bounds, never beyond the authority", () => {
  const hour = 3600_000;
  const limits = { longestMs: 24 * hour, authorityEndsMs: 100 * hour };
  const life = (seconds: number | undefined, now = 0) => planValidity(seconds, now, limits).notAfter - now;
  assert.equal(life(undefined), 24 * hour - 300_000);
  assert.equal(life(3600), hour);
  assert.equal(life(60), 600_000);
  assert.equal(life(9 * 3600), 9 * hour - 300_000);
  assert.equal(life(999 * 3600), 24 * hour - 300_000);
  assert.equal(planValidity(undefined, 90 * hour, limits).notAfter, 100 * hour);
  assert.equal(planValidity(undefined, 90 * hour, limits).notBefore, 90 * hour - 300_000);
  assert.throws(() => planValidity(undefined, 100 * hour, limits), /refusing to sign a certificate that expired/);
});
