import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { isConflict, isNotFound, isStatusError, resources } from "#kubernetes/api";
import type { Listener } from "#kubernetes/apiserver";
import {
  type Client,
  createClient,
  createHttpTransport,
  createInformerSet,
  discoverResources,
} from "#kubernetes/client";
import { adminToken, startTestCluster, type TestCluster } from "../../support/cluster/test-cluster.ts";

const namespace = "default";
const fixtures = join(import.meta.dirname, "../../fixtures/tls");

interface Scene extends AsyncDisposable {
  readonly cluster: TestCluster;
  readonly client: Client;
  readonly listener: Listener;
}

async function startScene(token = adminToken): Promise<Scene> {
  const certificate = await readFile(join(fixtures, "localhost.crt"), "utf8");
  const key = await readFile(join(fixtures, "localhost.key"), "utf8");
  const cluster = await startTestCluster();
  const listener = await cluster.server.listen({ host: "127.0.0.1", port: 0, tls: { certificate, key } });
  const transport = createHttpTransport({
    server: `https://localhost:${listener.port}`,
    tls: { ca: certificate },
    token,
  });
  const client = createClient({ transport, userAgent: "test/1.0" });
  return {
    cluster,
    client,
    listener,
    async [Symbol.asyncDispose]() {
      await client.close();
      await cluster[Symbol.asyncDispose]();
    },
  };
}

test("HTTPS: objects are made, read, changed and removed", async () => {
  await using scene = await startScene();
  const { client } = scene;
  const key = { namespace, name: "a" };
  const created = await client.create(resources.configMaps, { metadata: key, data: { value: "ä" } });
  assert.equal(created.metadata.managedFields?.[0]?.manager, "test");
  const updated = await client.update(resources.configMaps, { ...created, data: { value: "2" } });
  await assert.rejects(client.update(resources.configMaps, { ...created, data: { value: "3" } }), isConflict);
  const patched = await client.patch(resources.configMaps, key, { type: "merge", body: { data: { more: "x" } } });
  assert.deepEqual(patched.data, { value: "2", more: "x" });
  assert.notEqual(updated.metadata.resourceVersion, patched.metadata.resourceVersion);
  const { items } = await client.list(resources.configMaps, { namespace, fieldSelector: "metadata.name=a" });
  assert.deepEqual(
    items.map(({ metadata }) => metadata.name),
    ["a"],
  );
  await client.delete(resources.configMaps, key);
  await assert.rejects(client.get(resources.configMaps, key), (error) => {
    return isNotFound(error) && isStatusError(error) && error.message === 'configmaps "a" not found';
  });
});

test("HTTPS: lists come in pages", async () => {
  await using scene = await startScene();
  const { client } = scene;
  for (let position = 0; position < 5; position++) {
    await client.create(resources.secrets, { metadata: { name: `s-${position}`, namespace } });
  }
  const first = await client.list(resources.secrets, { namespace, limit: 2 });
  assert.deepEqual([first.items.length, first.remainingItemCount], [2, 3]);
  const second = await client.list(resources.secrets, { namespace, limit: 10, continue: first.continue ?? "" });
  assert.deepEqual([second.items.length, second.continue], [3, undefined]);
});

test("HTTPS: an informer follows over the wire, through the loss of its connection", async () => {
  await using scene = await startScene();
  const { client, cluster } = scene;
  const informers = createInformerSet(client);
  try {
    const informer = informers.informer(resources.configMaps, { namespace });
    informers.start();
    await informer.synced();
    const a = await cluster.client.create(resources.configMaps, { metadata: { name: "a", namespace } });
    await informer.reached(a.metadata.resourceVersion);
    assert.equal(informer.get({ namespace, name: "a" })?.metadata.uid, a.metadata.uid);

    const certificate = await readFile(join(fixtures, "localhost.crt"), "utf8");
    const key = await readFile(join(fixtures, "localhost.key"), "utf8");
    const { port } = scene.listener;
    await scene.listener.close();
    const b = await cluster.client.create(resources.configMaps, { metadata: { name: "b", namespace } });
    await cluster.server.listen({ host: "127.0.0.1", port, tls: { certificate, key } });
    await informer.reached(b.metadata.resourceVersion);
    assert.equal(informer.size, 2);
  } finally {
    await informers.stop();
  }
});

test("HTTPS: what the server refuses comes back as its status", async () => {
  await using scene = await startScene("somebody else's");
  await assert.rejects(scene.client.list(resources.secrets), (error) => {
    return isStatusError(error) && error.code === 401 && error.message === "Unauthorized";
  });
});

test("HTTPS: discovery finds what is served", async () => {
  await using scene = await startScene();
  const { resources: found } = await discoverResources(scene.client);
  const deployments = found.find(({ resource }) => resource.resource === "deployments");
  assert.deepEqual(deployments?.resource, {
    group: "apps",
    version: "v1",
    resource: "deployments",
    kind: "Deployment",
    namespaced: true,
  });
  assert.ok(deployments?.verbs.includes("list"));
});
