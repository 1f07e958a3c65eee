import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { resolveConfig } from "#config";
import { resources, type UnknownObject } from "#kubernetes/api";
import { createApiServer } from "#kubernetes/apiserver";
import { type Client, createClient, createDirectTransport } from "#kubernetes/client";
import { openMemoryStore } from "#kubernetes/store";
import { applyAddon, isAddonApplied, removeAddon } from "./apply-addon.ts";
import { applySetId } from "./apply-set.ts";
import { catalogue } from "./catalogue.ts";
import { labelNode, waitForNodes } from "./nodes.ts";

const { signal } = new AbortController();

async function startApi(t: TestContext): Promise<Client> {
  const store = await openMemoryStore();
  const server = createApiServer({ store });
  t.after(async () => {
    await server.stop();
    await store.close();
  });
  const user = { name: "admin", groups: ["system:masters", "system:authenticated"] };
  return createClient({ transport: createDirectTransport(server.handler, user) });
}

const input = { config: resolveConfig({ name: "demo" }), server: "https://127.0.0.1:6443", authority: "PEM" };

function configMap(name: string, data: Record<string, string> = {}): UnknownObject {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { namespace: "default", name }, data };
}

async function namesIn(client: Client): Promise<string[]> {
  const { items } = await client.list(resources.configMaps, { namespace: "default" });
  return items.map(({ metadata }) => metadata.name!).toSorted();
}

test("the catalogue: every add-on is taken by the API server, and a second time there is nothing to do", async (t) => {
  const client = await startApi(t);
  for (const addon of catalogue) {
    const objects = { name: addon.name, objects: addon.build(input) };
    assert.ok(!(await isAddonApplied(client, objects, signal)));
    await applyAddon(client, objects, signal);
    assert.ok(await isAddonApplied(client, objects, signal), addon.name);
  }
  const service = await client.get(resources.services, { namespace: "kube-system", name: "kube-dns" });
  assert.equal(service.spec?.clusterIP, "10.96.0.10");
  assert.equal(service.metadata.labels?.["applyset.kubernetes.io/part-of"], applySetId("dns"));
  for (const { name } of catalogue) await removeAddon(client, name, signal);
  const { items } = await client.list(resources.storageClasses);
  assert.deepEqual(items, []);
});

test("applyAddon: what an earlier version brought and this one does not is removed; others' objects stay", async (t) => {
  const client = await startApi(t);
  await client.create(resources.configMaps, configMap("theirs") as never);
  await applyAddon(client, { name: "x", objects: [configMap("a"), configMap("b")] }, signal);
  await applyAddon(client, { name: "x", objects: [configMap("b"), configMap("c", { key: "value" })] }, signal);
  assert.deepEqual(await namesIn(client), ["b", "c", "theirs"]);
  await removeAddon(client, "x", signal);
  assert.deepEqual(await namesIn(client), ["theirs"]);
  await removeAddon(client, "x", signal);
});

test("applyAddon: interrupted in the middle, it counts as not applied, and removing finds everything", async (t) => {
  const client = await startApi(t);
  const abort = new AbortController();
  const broken: UnknownObject = { apiVersion: "v1", kind: "ConfigMap", metadata: { namespace: "nowhere", name: "b" } };
  const addon = { name: "x", objects: [configMap("a"), broken] };
  await assert.rejects(applyAddon(client, addon, abort.signal), /namespaces "nowhere" not found/);
  assert.ok(!(await isAddonApplied(client, addon, signal)));
  await removeAddon(client, "x", signal);
  assert.deepEqual(await namesIn(client), []);
});

test("waitForNodes: resolves when the last of them is Ready, told by the watch", async (t) => {
  const client = await startApi(t);
  const progress: string[][] = [];
  const waiting = waitForNodes(client, ["a", "b"], { signal, onProgress: (missing) => progress.push([...missing]) });
  for (const name of ["a", "b", "c"]) {
    await client.create(resources.nodes, { metadata: { name } });
    const status = { conditions: [{ type: "Ready", status: "True" }] };
    await client.patch(resources.nodes, { name }, { type: "merge", body: { status } }, { subresource: "status" });
  }
  await waiting;
  assert.deepEqual(progress[0], ["a", "b"]);
});

test("labelNode: gives labels, takes away those it gave before, leaves others' alone", async (t) => {
  const client = await startApi(t);
  await client.create(resources.nodes, { metadata: { name: "a", labels: { theirs: "1" } } });
  await labelNode(client, "a", { one: "1", two: "2" }, signal);
  await labelNode(client, "a", { two: "3" }, signal);
  const { metadata } = await client.get(resources.nodes, { name: "a" });
  assert.deepEqual(metadata.labels, { theirs: "1", two: "3" });
});
