import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { test } from "node:test";
import { createAuthority } from "#bootstrap";
import { type CertificateSigningRequest, resources } from "#kubernetes/api";
import { createClient, createDirectTransport } from "#kubernetes/client";
import { FakeClock } from "#shared";
import { makeRequest } from "../../support/certificate-requests.ts";
import { startTestCluster, type TestCluster } from "../../support/cluster/test-cluster.ts";

const signerPrefix = "kubernetes.io/";
const nodeNames = { commonName: "system:node:n", organizations: ["system:nodes"] };
const clientUsages = ["digital signature", "client auth"];

function asUser({ server }: TestCluster, name: string, ...groups: string[]) {
  return createClient({ transport: createDirectTransport(server.handler, { name, groups }) });
}

function csr(name: string, request: string, signer: string, usages = clientUsages): CertificateSigningRequest {
  return { metadata: { name }, spec: { request, signerName: signerPrefix + signer, usages } };
}

async function approve({ client }: TestCluster, name: string): Promise<void> {
  const request = await client.get(resources.certificateSigningRequests, { name });
  const conditions = [{ type: "Approved", status: "True", reason: "Test", message: "" }];
  const approved = { ...request, status: { ...request.status, conditions } };
  await client.update(resources.certificateSigningRequests, approved, { subresource: "approval" });
}

async function signingCluster(clock: FakeClock) {
  const authority = await createAuthority("test", { now: clock.now() });
  const cluster = await startTestCluster({
    controllers: ["csrsigning", "csrapproving", "csrcleaner"],
    settings: { clusterSigning: authority },
    clock,
  });
  return { authority, cluster };
}

test("CertificateSigningRequest: a node that may is approved and signed, one that may not waits", async () => {
  const clock = new FakeClock();
  const { authority, cluster } = await signingCluster(clock);
  await using _ = cluster;
  const { client, until } = cluster;
  const groups = ["system:bootstrappers", "system:authenticated"];
  const joining = asUser(cluster, "system:bootstrap:abcdef", ...groups);
  const bind = (name: string, role: string, group: string) =>
    client.create(resources.clusterRoleBindings, {
      metadata: { name },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: role },
      subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "Group", name: group }],
    });
  await bind("create", "system:node-bootstrapper", "system:bootstrappers");
  const signer = "kube-apiserver-client-kubelet";
  await joining.create(resources.certificateSigningRequests, csr("early", await makeRequest(nodeNames), signer));
  await cluster.rest();
  const early = await client.get(resources.certificateSigningRequests, { name: "early" });
  assert.deepEqual(early.status?.conditions ?? [], []);

  await bind("approve", "system:certificates.k8s.io:certificatesigningrequests:nodeclient", "system:bootstrappers");
  await joining.create(resources.certificateSigningRequests, csr("joins", await makeRequest(nodeNames), signer));
  const found = await until(resources.certificateSigningRequests, (all) => {
    return all.find(({ metadata, status }) => metadata.name === "joins" && status?.certificate);
  });
  const { status } = found.find(({ metadata }) => metadata.name === "joins")!;
  assert.deepEqual(
    status?.conditions?.map(({ type, reason, message }) => [type, reason, message]),
    [["Approved", "AutoApproved", "Auto approving kubelet client certificate after SubjectAccessReview."]],
  );
  const certificate = new X509Certificate(Buffer.from(status?.certificate ?? "", "base64"));
  const issuer = new X509Certificate(authority.certificate);
  assert.ok(certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey));
  assert.equal(certificate.subject, "O=system:nodes\nCN=system:node:n");
  assert.deepEqual(certificate.keyUsage, ["1.3.6.1.5.5.7.3.2"]);
  assert.equal(certificate.ca, false);
  assert.equal(certificate.validFromDate.toISOString(), "2025-12-31T23:55:00.000Z");
  assert.equal(certificate.validToDate.toISOString(), "2026-12-31T23:55:00.000Z");

  // The next look at the one that waits finds that it may.
  await clock.advance(10_000);
  await until(resources.certificateSigningRequests, (all) => all.every((request) => request.status?.certificate));
});

test("CertificateSigningRequest: what a person approves is signed with its names, or fails with a reason", async () => {
  const clock = new FakeClock();
  const { cluster } = await signingCluster(clock);
  await using _ = cluster;
  const { client, until } = cluster;
  const serving = ["digital signature", "server auth"];
  const names = { ...nodeNames, dnsNames: ["n.example"] };
  await client.create(
    resources.certificateSigningRequests,
    csr("serves", await makeRequest(names), "kubelet-serving", serving),
  );
  const wrong = csr("wrong", await makeRequest(nodeNames), "kubelet-serving", serving);
  await client.create(resources.certificateSigningRequests, wrong);
  const person = csr("person", await makeRequest({ commonName: "jo" }), "kube-apiserver-client");
  const short = { ...person, spec: { ...person.spec, expirationSeconds: 3600 } };
  await client.create(resources.certificateSigningRequests, short);
  for (const name of ["serves", "wrong", "person"]) await approve(cluster, name);
  const byName = (all: readonly CertificateSigningRequest[], wanted: string) =>
    all.find(({ metadata }) => metadata.name === wanted);
  const all = await until(resources.certificateSigningRequests, (found) => {
    const isSigned = ["serves", "person"].every((name) => byName(found, name)?.status?.certificate);
    return isSigned && byName(found, "wrong")?.status?.conditions?.length === 2;
  });
  const read = (name: string) => {
    return new X509Certificate(Buffer.from(byName(all, name)?.status?.certificate ?? "", "base64"));
  };
  assert.equal(read("serves").subjectAltName, "DNS:n.example");
  assert.equal(read("person").validToDate.toISOString(), "2026-01-01T01:00:00.000Z");
  const failed = byName(all, "wrong")?.status?.conditions?.[1];
  assert.deepEqual(
    [failed?.type, failed?.reason, failed?.message],
    ["Failed", "SignerValidationFailure", "DNS or IP subjectAltName is required"],
  );

  await clock.advance(3_599_000);
  await cluster.rest();
  assert.equal((await client.list(resources.certificateSigningRequests)).items.length, 3);
  await clock.advance(2_000);
  await until(resources.certificateSigningRequests, (left) => left.length === 0);
});
