import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { ensureClusterPki } from "#bootstrap";
import { ensureOwnCertificates, lookAfterCertificates } from "./renew-certificates.ts";

const certificates = {
  serviceCIDR: "10.96.0.0/16",
  dnsDomain: "cluster.local",
  apiServerNames: [],
  apiServerAddresses: ["10.0.0.1"],
};

test("certificates are signed at the start, left alone while they are good, and signed anew where they are not", async (t) => {
  const pkiFolder = mkdtempSync(join(tmpdir(), "slipway-renew-"));
  t.after(() => rmSync(pkiFolder, { recursive: true }));
  await ensureClusterPki(pkiFolder, certificates);
  const own = { pkiFolder, certificates };
  const known = await ensureOwnCertificates(own);
  const certificate = () => readFileSync(join(pkiFolder, "apiserver.crt"), "utf8");
  const first = certificate();
  let renewed = 0;
  const look = () =>
    lookAfterCertificates(own, { known, onRenewed: () => renewed++, onProblem: (error) => assert.fail(String(error)) });
  await look();
  assert.deepEqual([renewed, certificate()], [0, first]);
  rmSync(join(pkiFolder, "apiserver.crt"));
  await look();
  assert.equal(renewed, 1);
  assert.notEqual(certificate(), first);
});

test("certificates that others make are left to them", async () => {
  const own = { pkiFolder: "/nowhere" };
  assert.equal(await ensureOwnCertificates(own), undefined);
  await lookAfterCertificates(own, {
    known: undefined,
    onRenewed: () => assert.fail("nothing was signed"),
    onProblem: (error) => assert.fail(String(error)),
  });
});
