import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fits, issueCertificate } from "./certificates.ts";
import { ensureClusterPki, ensureNodePki, readClusterPki } from "./cluster-pki.ts";

function tempFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "slipway-pki-"));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

const options = {
  serviceCIDR: "10.96.0.0/16",
  dnsDomain: "cluster.local",
  apiServerNames: ["demo"],
  apiServerAddresses: ["10.90.0.1"],
};

test("ensureClusterPki: makes every certificate once, signed by the right authority, keys for the owner only", async (t) => {
  const folder = tempFolder(t);
  const pki = await ensureClusterPki(folder, options);
  const pairs = ["admin", "apiserver", "apiserver-kubelet-client", "ca", "front-proxy-ca", "front-proxy-client"];
  const files = [...pairs.flatMap((file) => [`${file}.crt`, `${file}.key`]), "sa.key", "sa.pub"];
  assert.deepEqual(readdirSync(folder).toSorted(), files.toSorted());
  for (const name of readdirSync(folder).filter((file) => file.endsWith(".key"))) {
    assert.equal(statSync(join(folder, name)).mode & 0o777, 0o600, name);
  }
  const serving = new X509Certificate(pki.apiServer.certificate);
  assert.ok(serving.verify(new X509Certificate(pki.authority.certificate).publicKey));
  assert.deepEqual(serving.subjectAltName?.split(", ").toSorted(), [
    "DNS:demo",
    "DNS:kubernetes",
    "DNS:kubernetes.default",
    "DNS:kubernetes.default.svc",
    "DNS:kubernetes.default.svc.cluster.local",
    "DNS:localhost",
    "IP Address:10.90.0.1",
    "IP Address:10.96.0.1",
    "IP Address:127.0.0.1",
  ]);
  assert.deepEqual(serving.keyUsage, ["1.3.6.1.5.5.7.3.1"]);
  assert.equal(new X509Certificate(pki.admin.certificate).subject, "O=system:masters\nCN=kubernetes-admin");
  assert.ok(
    new X509Certificate(pki.frontProxyClient.certificate).verify(
      new X509Certificate(pki.frontProxyAuthority.certificate).publicKey,
    ),
  );
  assert.ok(new X509Certificate(pki.authority.certificate).ca);

  assert.deepEqual(await ensureClusterPki(folder, options), pki);
  assert.deepEqual(await readClusterPki(folder, options), pki);
  assert.equal(await readClusterPki(folder, { ...options, apiServerNames: [] }), undefined);
});

test("ensureClusterPki: signs the serving certificate anew when the API server gets another address, and only that", async (t) => {
  const folder = tempFolder(t);
  const before = await ensureClusterPki(folder, options);
  const after = await ensureClusterPki(folder, { ...options, apiServerAddresses: ["10.90.7.1"] });
  assert.notEqual(after.apiServer.certificate, before.apiServer.certificate);
  assert.match(new X509Certificate(after.apiServer.certificate).subjectAltName!, /10\.90\.7\.1/);
  assert.deepEqual({ ...after, apiServer: 0 }, { ...before, apiServer: 0 });
});

test("ensureClusterPki: goes on where a crash left half of the files", async (t) => {
  const folder = tempFolder(t);
  const before = await ensureClusterPki(folder, options);
  for (const file of ["sa.key", "admin.crt", "apiserver.key"]) rmSync(join(folder, file));
  const after = await ensureClusterPki(folder, options);
  assert.deepEqual(after.authority, before.authority);
  assert.notEqual(after.admin.key, before.admin.key);
  assert.match(readFileSync(join(folder, "sa.key"), "utf8"), /BEGIN PRIVATE KEY/);
});

test("ensureNodePki: a client certificate in system:nodes and a serving one for the node's name and address", async (t) => {
  const folder = tempFolder(t);
  const { authority } = await ensureClusterPki(folder, options);
  const { client, server } = await ensureNodePki(join(folder, "node"), authority, {
    name: "demo-worker-1",
    address: "10.90.0.3",
  });
  assert.equal(new X509Certificate(client.certificate).subject, "O=system:nodes\nCN=system:node:demo-worker-1");
  assert.equal(new X509Certificate(server.certificate).subjectAltName, "DNS:demo-worker-1, IP Address:10.90.0.3");
});

test("fits: not when another authority signed, or when the end is near", async (t) => {
  const { authority, frontProxyAuthority } = await ensureClusterPki(tempFolder(t), options);
  const request = { commonName: "x", usages: ["client"] } as const;
  const pair = await issueCertificate(authority, request);
  assert.ok(fits(pair, authority, request));
  assert.ok(!fits(pair, frontProxyAuthority, request));
  assert.ok(!fits(pair, authority, { ...request, commonName: "y" }));
  assert.ok(!fits(pair, authority, request, { now: Date.now() + 340 * 24 * 3600 * 1000 }));
});
