// Secrets encrypted by a KMS plug-in, in the embedded store and in etcd: what a server wrote is read by the next one, and by another one
// while it runs.

import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, type TestContext, test } from "node:test";
import { isStatusError, resources } from "#kubernetes/api";
import { createApiServer, openEncryption } from "#kubernetes/apiserver";
import { type Client, createClient, createDirectTransport } from "#kubernetes/client";
import { openEmbeddedStore, openEtcdStore, type Store } from "#kubernetes/store";
import { silentLogger, systemClock } from "#shared";
import { startKmsPlugin } from "../../../src/kubernetes/apiserver/encryption/testing/kms-plugin.ts";
import { findEtcdProblem, startEtcd } from "../../../src/kubernetes/store/testing/etcd-server.ts";

const root = await mkdtemp(join(tmpdir(), "slipway-kms-"));
after(() => rm(root, { recursive: true }));

const user = { name: "admin", groups: ["system:masters"] };
const namespace = "default";
const secret = (name: string) => ({ metadata: { namespace, name }, stringData: { word: `the word of ${name}` } });
type OpenEncryption = Awaited<ReturnType<typeof openEncryption>>;

interface Server {
  readonly client: Client;
  readonly store: Store;
  ask(path: string): Promise<{ readonly status: number; readonly text: string }>;
  stop(): Promise<void>;
}

async function startServer(
  context: TestContext,
  file: string,
  openStore: (transformer: OpenEncryption["transformer"]) => Promise<Store>,
): Promise<Server> {
  const encryption = await openEncryption(file, { apiServerId: "one", clock: systemClock, logger: silentLogger });
  const store = await openStore(encryption.transformer);
  const server = createApiServer({ store, encryption });
  await server.ready;
  const transport = createDirectTransport(server.handler, user);
  let stopping: Promise<void> | undefined;
  const stop = async () => {
    await server.stop();
    await store.close();
    await encryption.close();
  };
  const stopOnce = () => {
    stopping ??= stop();
    return stopping;
  };
  context.after(stopOnce);
  return {
    client: createClient({ transport }),
    store,
    async ask(path) {
      const answer = await server.handler({ method: "GET", path, query: new URLSearchParams(), headers: {}, user });
      assert.ok(answer.kind === "bytes" && answer.body instanceof Uint8Array);
      return { status: answer.status, text: Buffer.from(answer.body).toString() };
    },
    stop: stopOnce,
  };
}

async function writeConfiguration(socket: string): Promise<string> {
  const file = `${socket}.yaml`;
  await writeFile(
    file,
    `apiVersion: apiserver.config.k8s.io/v1
kind: EncryptionConfiguration
resources:
- resources: [secrets]
  providers: [{kms: {apiVersion: v2, name: vault, endpoint: "unix://${socket}"}}, {identity: {}}]
`,
  );
  return file;
}

test("embedded store: secrets lie on the disk as the plug-in's, and a restart reads them", async (context) => {
  const socket = join(root, "embedded.sock");
  const file = await writeConfiguration(socket);
  const folder = join(root, "store");
  let plugin = await startKmsPlugin(socket);
  context.after(() => plugin.stop());
  const openStore = (transformer: OpenEncryption["transformer"]) => openEmbeddedStore({ folder, transformer });
  const first = await startServer(context, file, openStore);
  await first.client.create(resources.secrets, secret("one"));
  assert.equal((await first.ask("/readyz/kms-providers")).text, "ok");
  assert.equal((await first.ask("/healthz/kms-providers")).text, "ok");
  assert.equal((await first.ask("/livez/kms-providers")).status, 404, "a server is not restarted for its plug-in");
  const metrics = (await first.ask("/metrics")).text;
  assert.match(metrics, /apiserver_envelope_encryption_key_id_hash_total\{[^}]*transformation_type="to_storage"\} 1\n/);
  await first.stop();
  const files = await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name), "latin1")));
  assert.ok(files.some((content) => content.includes("k8s:enc:kms:v2:vault:")));
  assert.ok(files.every((content) => !content.includes("the word of one")));

  await plugin.stop();
  plugin = await startKmsPlugin(socket, { keyId: "key-2" });
  const second = await startServer(context, file, openStore);
  const { data } = await second.client.get(resources.secrets, { namespace, name: "one" });
  assert.equal(Buffer.from(data!["word"]!, "base64").toString(), "the word of one");
  assert.equal(plugin.calls.Decrypt, 1, "the seed of the first server");
});

test("embedded store: without the plug-in nothing is written, and the server says so", async (context) => {
  const socket = join(root, "absent.sock");
  const file = await writeConfiguration(socket);
  const server = await startServer(context, file, (transformer) =>
    openEmbeddedStore({ folder: join(root, "absent"), transformer }),
  );
  await assert.rejects(
    server.client.create(resources.secrets, secret("one")),
    (error) => isStatusError(error) && error.code === 500 && /got unexpected nil transformer/.test(error.message),
  );
  await server.client.create(resources.configMaps, { metadata: { namespace, name: "plain" } });
  assert.equal((await server.ask("/readyz/kms-providers")).status, 500);
});

test("etcd: a running server reads what another writes by a seed it has not seen", {
  skip: findEtcdProblem() ?? false,
}, async (context) => {
  const etcd = await startEtcd();
  context.after(() => etcd.stop());
  const socket = join(root, "etcd.sock");
  const file = await writeConfiguration(socket);
  const plugin = await startKmsPlugin(socket);
  context.after(() => plugin.stop());
  const openStore = (transformer: OpenEncryption["transformer"]) =>
    openEtcdStore({ endpoints: [etcd.endpoint], transformer, compactionIntervalMs: 0 });
  const one = await startServer(context, file, openStore);
  await one.client.create(resources.secrets, secret("before"));
  const two = await startServer(context, file, openStore);
  await one.client.create(resources.secrets, secret("during"));
  await two.client.create(resources.secrets, secret("back"));
  for (const { client } of [one, two]) {
    const { items } = await client.list(resources.secrets, { namespace });
    assert.deepEqual(
      items.map(({ data }) => Buffer.from(data!["word"]!, "base64").toString()),
      ["back", "before", "during"].map((name) => `the word of ${name}`),
    );
  }
  assert.equal(plugin.calls.Decrypt, 2, "each asked for the other's seed, once");

  // While a seed is being asked for, what comes behind it waits its turn.
  plugin.state.failures = { Decrypt: "sealed" };
  const three = await startServerWithNewKey(context, openStore, socket);
  await three.client.create(resources.secrets, secret("late"));
  await three.client.create(resources.configMaps, { metadata: { namespace, name: "behind" } });
  const asked = plugin.calls.Decrypt;
  const behind = one.client.get(resources.configMaps, { namespace, name: "behind" });
  while (plugin.calls.Decrypt === asked) await new Promise((resolve) => setImmediate(resolve));
  plugin.state.failures = {};
  assert.equal((await behind).metadata.name, "behind");
  const { data } = await one.client.get(resources.secrets, { namespace, name: "late" });
  assert.equal(Buffer.from(data!["word"]!, "base64").toString(), "the word of late");
});

/** Its plug-in is one of its own, with the same keys: the others' refuses to decrypt for now. */
async function startServerWithNewKey(
  context: TestContext,
  openStore: (transformer: OpenEncryption["transformer"]) => Promise<Store>,
  socket: string,
): Promise<Server> {
  const own = `${socket}.own`;
  const plugin = await startKmsPlugin(own, { keyId: "key-3" });
  context.after(() => plugin.stop());
  return startServer(context, await writeConfiguration(own), openStore);
}
