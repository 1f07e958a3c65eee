import assert from "node:assert/strict";
import { test } from "node:test";
import { type ConfigMap, resources } from "#kubernetes/api";
import { createClient, createDirectTransport, createInformerSet, type Informer } from "#kubernetes/client";
import { FakeClock } from "#shared";
import { type CuttableTransport, cuttable } from "../../support/cluster/cuttable-transport.ts";
import { startTestCluster, type TestCluster, type TestClusterOptions } from "../../support/cluster/test-cluster.ts";

const namespace = "default";

interface Scene extends AsyncDisposable {
  readonly cluster: TestCluster;
  readonly clock: FakeClock;
  readonly wire: CuttableTransport;
  readonly informer: Informer<ConfigMap>;
  /** What its handler heard, such as "+a", "~a", "-a". */
  readonly heard: string[];
}

/** An informer behind a wire that can be cut, on a server nothing else happens on. */
async function startScene(options: TestClusterOptions = {}): Promise<Scene> {
  const clock = new FakeClock();
  const cluster = await startTestCluster({ ...options, clock });
  const user = { name: "reader", groups: ["system:masters"] };
  const wire = cuttable(createDirectTransport(cluster.server.handler, user));
  const informers = createInformerSet(createClient({ transport: wire }), { clock });
  const informer = informers.informer(resources.configMaps, { namespace });
  const heard: string[] = [];
  informer.addHandler({
    added: ({ metadata }) => void heard.push(`+${metadata.name}`),
    updated: ({ metadata }) => void heard.push(`~${metadata.name}`),
    deleted: ({ metadata }) => void heard.push(`-${metadata.name}`),
  });
  informers.start();
  await informer.synced();
  return {
    cluster,
    clock,
    wire,
    informer,
    heard,
    async [Symbol.asyncDispose]() {
      await informers.stop();
      await cluster[Symbol.asyncDispose]();
    },
  };
}

const make = ({ cluster }: Scene, name: string) =>
  cluster.client.create(resources.configMaps, { metadata: { name, namespace } });
const remove = ({ cluster }: Scene, name: string) => cluster.client.delete(resources.configMaps, { namespace, name });
const change = ({ cluster }: Scene, name: string, value: string) =>
  cluster.client.patch(resources.configMaps, { namespace, name }, { type: "merge", body: { data: { value } } });

/** Lets time pass until the informer has seen the revision: its retries wait on the clock, whenever they come to. */
async function catchUp({ informer, clock }: Scene, resourceVersion: string | undefined): Promise<void> {
  let hasArrived = false;
  const arrived = informer.reached(resourceVersion).then(() => {
    hasArrived = true;
  });
  while (!hasArrived) await clock.advance(1000);
  await arrived;
}

test("Informer: follows what is added, changed and removed, in order", async () => {
  await using scene = await startScene();
  await make(scene, "a");
  await change(scene, "a", "1");
  await make(scene, "b");
  const gone = await remove(scene, "a");
  await scene.informer.reached(gone?.metadata.resourceVersion);
  assert.deepEqual(scene.heard, ["+a", "~a", "+b", "-a"]);
  assert.equal(scene.informer.size, 1);
});

test("Informer: resumes a watch that broke off, and misses nothing", async () => {
  await using scene = await startScene();
  await make(scene, "a");
  const b = await make(scene, "b");
  await scene.informer.reached(b.metadata.resourceVersion);
  scene.wire.cut();
  await change(scene, "a", "1");
  await remove(scene, "b");
  const c = await make(scene, "c");
  await scene.clock.advance(5_000);
  assert.deepEqual(scene.heard, ["+a", "+b"]);
  scene.wire.mend();
  await catchUp(scene, c.metadata.resourceVersion);
  // Resumed, not listed anew: every change is heard of by itself.
  assert.deepEqual(scene.heard, ["+a", "+b", "~a", "-b", "+c"]);
});

test("Informer: lists anew when the past is gone, and tells of what was removed meanwhile", async () => {
  await using scene = await startScene({ history: { ageMs: 1000, keepEvents: 2 } });
  await make(scene, "a");
  const b = await make(scene, "b");
  await scene.informer.reached(b.metadata.resourceVersion);
  scene.wire.cut();
  await remove(scene, "b");
  await make(scene, "c");
  for (let turn = 0; turn < 20; turn++) await change(scene, "c", `${turn}`);
  await scene.clock.advance(600_000);
  const last = await change(scene, "c", "last");
  scene.wire.mend();
  await catchUp(scene, last.metadata.resourceVersion);
  assert.deepEqual(scene.heard.toSorted(), ["+a", "+b", "+c", "-b"]);
  assert.equal(scene.informer.get({ namespace, name: "c" })?.data?.["value"], "last");
});

test("Informer: a removed and recreated object is another one", async () => {
  await using scene = await startScene({ history: { ageMs: 1000, keepEvents: 2 } });
  const first = await make(scene, "a");
  await scene.informer.reached(first.metadata.resourceVersion);
  scene.wire.cut();
  await remove(scene, "a");
  const second = await make(scene, "a");
  for (let turn = 0; turn < 20; turn++) await make(scene, `other-${turn}`);
  await scene.clock.advance(600_000);
  scene.wire.mend();
  await catchUp(scene, second.metadata.resourceVersion);
  assert.deepEqual(
    scene.heard.filter((line) => line.endsWith("a")),
    ["+a", "-a", "+a"],
  );
  assert.equal(scene.informer.get({ namespace, name: "a" })?.metadata.uid, second.metadata.uid);
});

test("Informer: bookmarks keep a quiet watch's place", async () => {
  await using scene = await startScene({ history: { ageMs: 1000, keepEvents: 2 } });
  const a = await make(scene, "a");
  await scene.informer.reached(a.metadata.resourceVersion);
  for (let turn = 0; turn < 20; turn++) {
    await scene.cluster.client.create(resources.secrets, { metadata: { name: `s-${turn}`, namespace } });
  }
  await scene.clock.advance(120_000);
  const { resourceVersion } = await scene.cluster.client.list(resources.configMaps);
  await scene.informer.reached(resourceVersion);
  assert.deepEqual(scene.heard, ["+a"]);
});

test("Informer: those who ask later are told of all there is, and of no more than they want", async () => {
  await using scene = await startScene();
  await make(scene, "a");
  const b = await make(scene, "b");
  await scene.informer.reached(b.metadata.resourceVersion);
  const later: string[] = [];
  const leave = scene.informer.addHandler({
    added: ({ metadata }, isInitialList) => void later.push(`${metadata.name} ${isInitialList}`),
  });
  await scene.informer.synced();
  assert.deepEqual(later, ["a true", "b true"]);
  const c = await make(scene, "c");
  await scene.informer.reached(c.metadata.resourceVersion);
  leave();
  const d = await make(scene, "d");
  await scene.informer.reached(d.metadata.resourceVersion);
  assert.deepEqual(later, ["a true", "b true", "c false"]);
});

test("Informer: with a label selector, what stops matching is gone", async () => {
  await using scene = await startScene();
  const { client, informers } = scene.cluster;
  const informer = informers.informer(resources.configMaps, { namespace, labelSelector: "wanted" });
  await informer.synced();
  await client.create(resources.configMaps, { metadata: { name: "a", namespace, labels: { wanted: "yes" } } });
  await make(scene, "b");
  const key = { namespace, name: "a" };
  await new Promise<void>((resolve) => {
    informer.addHandler({ added: () => resolve() });
  });
  assert.deepEqual(
    informer.list().map(({ metadata }) => metadata.name),
    ["a"],
  );
  const left = new Promise<void>((resolve) => {
    informer.addHandler({ deleted: () => resolve() });
  });
  await client.patch(resources.configMaps, key, { type: "merge", body: { metadata: { labels: null } } });
  await left;
  assert.equal(informer.size, 0);
});
