import assert from "node:assert/strict";
import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type AgentOptions, createAuthority, issueCertificate, type KeyPair } from "#bootstrap";
import type { Client } from "#kubernetes/client";
import { FakeClock, silentLogger } from "#shared";
import type { Identity } from "./identities.ts";
import { ensureIdentity } from "./node-identity.ts";

const day = 24 * 60 * 60_000;

/** What a test changes between two looks: whether requests are answered, and the node's address. */
async function startScene(t: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), "slipway-identity-"));
  t.after(() => rm(folder, { recursive: true }));
  const clock = new FakeClock(Date.now());
  const asked: string[] = [];
  const by: string[] = [];
  const clientAuthority = join(folder, "ca.crt");
  const scene = { isAnswered: true, address: "10.0.0.11", authority: await createAuthority("kubernetes") };
  const trust = (...authorities: readonly KeyPair[]) =>
    writeFile(clientAuthority, authorities.map(({ certificate }) => certificate).join(""));
  await trust(scene.authority);
  const look = () =>
    ensureIdentity(
      {
        nodeName: "demo-worker-1",
        nodeAddress: scene.address,
        clientAuthority,
        kubeconfigs: { kubelet: "kubelet.conf", proxy: "", dns: "", storage: "" },
        identity: { folder, bootstrapKubeconfig: "bootstrap.conf" },
      } as unknown as AgentOptions,
      {
        clock,
        logger: silentLogger,
        signal: t.signal,
        connect: async (kubeconfig: string) => {
          by.push(kubeconfig);
          return { close: async () => {} } as Client;
        },
        request: async (_client: Client, { commonName, file, ipAddresses }: Identity) => {
          asked.push(file);
          if (!scene.isAnswered) throw new Error("nobody has approved it");
          const more = ipAddresses ? { ipAddresses } : {};
          return issueCertificate(scene.authority, { commonName, usages: ["client"], ...more }, { now: clock.now() });
        },
      },
    );
  await look();
  asked.length = 0;
  by.length = 0;
  return { folder, clock, asked, by, scene, look, trust };
}

test("ensureIdentity: another address, or a key that is another's, and there is a new one", async (t) => {
  const { folder, asked, scene, look } = await startScene(t);
  scene.address = "10.0.0.12";
  await look();
  assert.deepEqual(asked.splice(0), ["kubelet"]);
  await copyFile(join(folder, "dns.key"), join(folder, "proxy.key"));
  await look();
  assert.deepEqual(asked.splice(0), ["proxy"]);
});

test("ensureIdentity: a renewal that nobody answers keeps no node from its work while the old one is good", async (t) => {
  const { clock, asked, scene, look } = await startScene(t);
  scene.isAnswered = false;
  await clock.advance(300 * day);
  assert.equal(await look(), clock.now() + 60 * 60_000);
  assert.equal(asked.length, 5);
  scene.isAnswered = true;
  assert.ok((await look()) > clock.now() + 200 * day);
});

test("ensureIdentity: another authority signs now: new certificates, asked for with the old ones while those are trusted", async (t) => {
  const { asked, by, scene, look, trust } = await startScene(t);
  const old = scene.authority;
  scene.authority = await createAuthority("kubernetes");
  await trust(old, scene.authority);
  await look();
  assert.deepEqual(asked, []);
  await trust(scene.authority, old);
  await look();
  assert.equal(asked.length, 5);
  assert.deepEqual([...new Set(by)], ["kubelet.conf"]);
  await trust(scene.authority);
  await look();
  assert.equal(asked.length, 5);
});

test("ensureIdentity: a node that was away while the authority went joins again, with the token", async (t) => {
  const { asked, by, scene, look, trust } = await startScene(t);
  scene.authority = await createAuthority("kubernetes");
  await trust(scene.authority);
  await look();
  assert.equal(asked.length, 5);
  assert.deepEqual(by, ["bootstrap.conf", ...Array.from({ length: 4 }, () => "kubelet.conf")]);
});

test("ensureIdentity: the node's own with the token, the others in its name; again only when they are due", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "slipway-identity-"));
  t.after(() => rm(folder, { recursive: true }));
  const authority = await createAuthority("kubernetes");
  const clock = new FakeClock(Date.now());
  const asked: string[] = [];
  let by = "";
  const clientAuthority = join(folder, "ca.crt");
  await writeFile(clientAuthority, authority.certificate);
  const options = {
    nodeName: "demo-worker-1",
    nodeAddress: "10.0.0.11",
    clientAuthority,
    kubeconfigs: { kubelet: "kubelet.conf", proxy: "", dns: "", storage: "" },
    identity: { folder, bootstrapKubeconfig: "bootstrap.conf" },
  } as unknown as AgentOptions;
  const tools = {
    clock,
    logger: silentLogger,
    signal: new AbortController().signal,
    connect: async (kubeconfig: string) => {
      by = kubeconfig;
      return { close: async () => {} } as Client;
    },
    request: (_client: Client, { commonName, file, ipAddresses }: Identity) => {
      asked.push(`${by}: ${file} ${commonName}`);
      return issueCertificate(
        authority,
        { commonName, usages: ["client"], ...(ipAddresses && { ipAddresses }) },
        { now: clock.now() },
      );
    },
  };
  const due = await ensureIdentity(options, tools);
  assert.deepEqual(asked, [
    "bootstrap.conf: kubelet-client system:node:demo-worker-1",
    "kubelet.conf: kubelet system:node:demo-worker-1",
    "kubelet.conf: proxy system:kube-proxy",
    "kubelet.conf: dns system:coredns",
    "kubelet.conf: storage system:slipway:local-path",
  ]);
  assert.ok(Math.abs(due - clock.now() - 292 * day) < day);
  assert.match(await readFile(join(folder, "proxy.key"), "utf8"), /PRIVATE KEY/);

  asked.length = 0;
  assert.equal(await ensureIdentity(options, tools), due);
  assert.deepEqual(asked, []);
  await clock.advance(300 * day);
  await ensureIdentity(options, tools);
  assert.equal(asked[0], "kubelet.conf: kubelet-client system:node:demo-worker-1");
  assert.equal(asked.length, 5);
});
