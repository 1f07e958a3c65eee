import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { splitPem } from "./certificates.ts";
import { ensureClusterPki, readClusterPki } from "./cluster-pki.ts";
import { describeCertificates, listCertificates } from "./list-certificates.ts";
import {
  advanceRotation,
  beginRotation,
  endRotation,
  isRotationSettled,
  isSignedByOld,
  readRotation,
  settleRotation,
} from "./rotation.ts";

const options = { serviceCIDR: "10.96.0.0/16", dnsDomain: "x", apiServerNames: [], apiServerAddresses: [] };

async function makePki(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), "slipway-rotation-"));
  t.after(() => rmSync(folder, { recursive: true }));
  return { folder, before: await ensureClusterPki(folder, options) };
}

/** Whether one of the authorities in `trusted` signed the certificate. */
function isTrusted(certificate: string, trusted: string): boolean {
  const leaf = new X509Certificate(certificate);
  return splitPem(trusted).some((authority) => leaf.verify(new X509Certificate(authority).publicKey));
}

test("a rotation: at each stage everybody trusts what anybody shows, before and after reading the files", async (t) => {
  const { folder, before } = await makePki(t);
  let trusted = [before.authority.certificate];
  let shown = [before.apiServer.certificate];
  let rotation = await beginRotation(folder, ["ca", "front-proxy-ca", "sa"]);
  for (;;) {
    await settleRotation(folder);
    const now = await ensureClusterPki(folder, options);
    trusted.push(now.authority.certificate);
    shown.push(now.apiServer.certificate);
    for (const certificate of shown)
      for (const trust of trusted) assert.ok(isTrusted(certificate, trust), rotation.stage);
    // All have read them anew.
    trusted = trusted.slice(-1);
    shown = shown.slice(-1);
    if (rotation.stage === "drop") break;
    rotation = await advanceRotation(folder, rotation);
  }
  await endRotation(folder);
  const after = await readClusterPki(folder, options);
  assert.ok(after);
  assert.ok(!isTrusted(before.apiServer.certificate, after.authority.certificate));
  assert.ok(!isTrusted(before.frontProxyClient.certificate, after.frontProxyAuthority.certificate));
  assert.equal(splitPem(readFileSync(join(folder, "sa.pub"), "utf8")).length, 1);
  assert.equal(await readRotation(folder), undefined);
  assert.ok(!existsSync(join(folder, "rotation")));
});

test("isSignedByOld: whatever an authority on its way out has signed, and nothing else", async (t) => {
  const { folder, before } = await makePki(t);
  const rotation = await advanceRotation(folder, await beginRotation(folder, ["ca", "sa"]));
  await settleRotation(folder);
  const after = await ensureClusterPki(folder, options);
  const isOld = (pair: { certificate: string }) => isSignedByOld(folder, rotation, pair.certificate);
  assert.equal(await isOld(before.apiServer), true);
  assert.equal(await isOld(after.apiServer), false);
  // Its authority stays.
  assert.equal(await isOld(before.frontProxyClient), false);
  assert.equal(await isOld(before.authority), false);
});

test("settleRotation: makes good what a crash left between two files", async (t) => {
  const { folder } = await makePki(t);
  const rotation = await advanceRotation(folder, await beginRotation(folder, ["ca", "sa"]));
  const [oldKey, oldSigning] = [readFileSync(join(folder, "ca.key")), readFileSync(join(folder, "sa.key"))];
  await settleRotation(folder);
  assert.ok(await isRotationSettled(folder));
  writeFileSync(join(folder, "ca.key"), oldKey);
  writeFileSync(join(folder, "sa.key"), oldSigning);
  assert.ok(!(await isRotationSettled(folder)));
  await settleRotation(folder);
  assert.notDeepEqual(readFileSync(join(folder, "ca.key")), oldKey);
  assert.notDeepEqual(readFileSync(join(folder, "sa.key")), oldSigning);
  assert.deepEqual(await readRotation(folder), rotation);
});

test("beginRotation: what is not there cannot be rotated", async (t) => {
  const { folder } = await makePki(t);
  await assert.rejects(beginRotation(folder, ["etcd/ca"]), /Cannot rotate etcd\/ca: it is not in/);
});

test("listCertificates: who, by whom, how long", async (t) => {
  const { folder } = await makePki(t);
  const found = await listCertificates(folder, Date.now() + 24 * 3600 * 1000);
  assert.deepEqual(
    found.map(({ name, subject, issuer, daysLeft }) => [name, subject, issuer, daysLeft]),
    [
      ["admin", "kubernetes-admin (system:masters)", "kubernetes", 363],
      ["apiserver", "kube-apiserver", "kubernetes", 363],
      ["apiserver-kubelet-client", "kube-apiserver-kubelet-client (system:masters)", "kubernetes", 363],
      ["ca", "kubernetes", "itself", 3648],
      ["front-proxy-ca", "front-proxy-ca", "itself", 3648],
      ["front-proxy-client", "front-proxy-client", "front-proxy-ca", 363],
    ],
  );
  const bundle = readFileSync(join(folder, "ca.crt"), "utf8").repeat(2);
  assert.deepEqual(
    describeCertificates("ca", bundle).map(({ name, isAuthority }) => [name, isAuthority]),
    [
      ["ca", true],
      ["ca (also trusted)", true],
    ],
  );
  assert.deepEqual(await listCertificates(join(folder, "none")), []);
});
