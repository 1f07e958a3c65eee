import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { beginRotation, ensureClientPki, ensureClusterPki, issueCertificate } from "#bootstrap";
import { exitCodes } from "#shared";
import { expiringSoon, type FoundCertificate, warnAboutExpiry } from "./certs/find-certificates.ts";
import { startSession } from "./test-session.ts";

const dayMs = 24 * 60 * 60 * 1000;

async function startCluster(t: TestContext) {
  const session = startSession(t);
  await session.pretendCluster("demo");
  const folder = join(session.home, "clusters/demo/pki");
  const options = { serviceCIDR: "10.96.0.0/16", dnsDomain: "x", apiServerNames: [], apiServerAddresses: [] };
  return { ...session, folder, pki: await ensureClusterPki(folder, options) };
}

test("certs: a table; what will soon be over is said, there and by status", async (t) => {
  const { run, folder, pki } = await startCluster(t);
  const { out } = await run("certs");
  assert.match(
    out,
    /^CERTIFICATE +SUBJECT +ISSUED BY +EXPIRES +LEFT +WHERE\nadmin +kubernetes-admin \(system:masters\) +kubernetes /,
  );
  assert.doesNotMatch(out, /renew/);
  const old = await issueCertificate(
    pki.authority,
    { commonName: "kube-apiserver", usages: ["server"] },
    { now: Date.now() - 360 * dayMs },
  );
  writeFileSync(join(folder, "apiserver.crt"), old.certificate);
  const warning = /Certificate apiserver expires in 4 days: slipway certs renew --name demo\n/;
  assert.match((await run("certs")).out, warning);
  assert.match((await run("status")).out, warning);
  const { certificates } = JSON.parse((await run("certs", "--json")).out);
  assert.equal(certificates.length, 6);
  assert.equal(certificates.find(({ name }: { name: string }) => name === "apiserver").daysLeft, 4);
});

test("certs: upstream's distributions are renewed, too; authorities are not rotated there, and the refusal says what to do", async (t) => {
  const session = startSession(t);
  await session.pretendCluster("demo", { infrastructure: { provider: "nspawn" }, distribution: { type: "k3s" } });
  const folder = join(session.home, "clusters/demo/pki");
  const pki = await ensureClientPki(folder);
  const old = await issueCertificate(
    pki.authorities.kubernetes,
    { commonName: "kubernetes-admin", usages: ["client"] },
    { now: Date.now() - 360 * dayMs },
  );
  writeFileSync(join(folder, "admin.crt"), old.certificate);
  const warning = /Certificate admin expires in 4 days: slipway certs renew --name demo\n/;
  assert.match((await session.run("certs")).out, warning);
  assert.match((await session.run("certs", "rotate-ca")).err, /Cannot rotate the authorities.*\n.*rotate-ca`, as k3s/);
});

test("certs renew, rotate-ca: what is a cloud's is refused", async (t) => {
  const session = startSession(t);
  await session.pretendCluster("demo", { infrastructure: { provider: "eks", region: "eu-central-1" } });
  for (const words of ["renew", "rotate-ca"]) {
    const { code, err } = await session.run("certs", words);
    assert.equal(code, exitCodes.config);
    assert.match(err, /they are the cloud's \(provider eks\)/);
  }
});

test("certs: a rotation under way is told, with its stage", async (t) => {
  const { run, folder } = await startCluster(t);
  await beginRotation(folder, ["ca"]);
  assert.match(
    (await run("certs")).out,
    /being rotated \(stage "trust"\): slipway certs rotate-ca --name demo goes on/,
  );
  const { out } = await run("certs", "rotate-ca", "--plan");
  assert.match(out, /^Authorities: kubernetes\n/);
  assert.match(out, /1 trust +.* under way\n2 sign +.* to do\n3 drop +.* to do\n/);
  const other = await run("certs", "rotate-ca", "front-proxy");
  assert.equal(other.code, exitCodes.conflict);
});

test("certs renew, rotate-ca: names that are none", async (t) => {
  const { run } = await startCluster(t);
  const renew = await run("certs", "renew", "apisrver");
  assert.equal(renew.code, exitCodes.notFound);
  assert.match(renew.err, /Did you mean apiserver\?/);
  assert.match((await run("certs", "renew", "ca")).err, /Cannot renew ca: .*\n.*\n.*rotate-ca/);
  assert.equal((await run("certs", "rotate-ca", "constructor")).code, exitCodes.notFound);
});

test("warnAboutExpiry: the soonest first, what is over as such", () => {
  const certificate = (name: string, daysLeft: number, where = "cluster"): FoundCertificate => {
    const rest = { file: "", isElsewhere: false, pem: "", subject: "", issuer: "", isAuthority: false, expires: "" };
    return { name, daysLeft, where, ...rest };
  };
  const all = [certificate("a", 29), certificate("b", -1, "node-1"), certificate("c", 30)];
  assert.deepEqual(
    expiringSoon(all).map(({ name }) => name),
    ["b", "a"],
  );
  assert.equal(
    warnAboutExpiry("demo", all),
    "Certificate b of node-1 has expired, and 1 more soon: slipway certs renew --name demo",
  );
  assert.equal(warnAboutExpiry("demo", []), undefined);
});
