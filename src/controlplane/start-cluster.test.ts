import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { isNotFound, resources } from "#kubernetes/api";
import { connectionOf, createClient, createHttpTransport, parseKubeconfig } from "#kubernetes/client";
import { startCluster } from "./start-cluster.ts";

test("startCluster: an API with its first objects, and controllers at work", async () => {
  await using cluster = await startCluster();
  const { items } = await cluster.client.list(resources.namespaces);
  assert.deepEqual(
    items.map(({ metadata }) => metadata.name),
    ["default", "kube-node-lease", "kube-public", "kube-system"],
  );
  await cluster.client.create(resources.namespaces, { metadata: { name: "demo" } });
  const accounts = cluster.client.watch(resources.serviceAccounts, { namespace: "demo", resourceVersion: "0" });
  for await (const [event] of accounts) {
    assert.equal(event?.object.metadata.name, "default");
    break;
  }
});

test("startCluster: a kubeconfig that works over HTTPS, with a client certificate", async () => {
  await using cluster = await startCluster({ controllers: [] });
  const connection = await connectionOf(parseKubeconfig(await cluster.kubeconfig()));
  const client = createClient({ transport: createHttpTransport(connection) });
  await client.create(resources.configMaps, { metadata: { namespace: "default", name: "x" }, data: { a: "b" } });
  const { data } = await cluster.client.get(resources.configMaps, { namespace: "default", name: "x" });
  assert.deepEqual(data, { a: "b" });
  assert.equal(await cluster.kubeconfig(), await cluster.kubeconfig());
  await client.close();
});

test("startCluster: many side by side; what is written in one is not in another", async () => {
  await using one = await startCluster({ controllers: [] });
  await using other = await startCluster({ controllers: [] });
  await one.client.create(resources.namespaces, { metadata: { name: "mine" } });
  await assert.rejects(other.client.get(resources.namespaces, { name: "mine" }), isNotFound);
});

test("startCluster: a folder keeps the data for the next start", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "slipway-cluster-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const first = await startCluster({ controllers: [], folder });
  await first.client.create(resources.namespaces, { metadata: { name: "kept" } });
  await first.stop();
  await first.stop();
  await using second = await startCluster({ controllers: [], folder });
  assert.equal((await second.client.get(resources.namespaces, { name: "kept" })).metadata.name, "kept");
});

test("startCluster: an unknown controller is refused", async () => {
  await assert.rejects(
    startCluster({ controllers: ["nonsense"] }),
    /"nonsense" is not in the list of known controllers/,
  );
});

test("startCluster: pods are placed on nodes that have room; none without a scheduler", async () => {
  await using cluster = await startCluster({ controllers: ["serviceaccount"] });
  await using other = await startCluster({ controllers: ["serviceaccount"], scheduler: false });
  for (const { client } of [cluster, other]) {
    await client.create(resources.nodes, {
      metadata: { name: "n" },
      status: { allocatable: { cpu: "1", memory: "1Gi", pods: "10" } },
    });
    for await (const [event] of client.watch(resources.serviceAccounts, {
      namespace: "default",
      resourceVersion: "0",
    })) {
      if (event) break;
    }
    await client.create(resources.pods, {
      metadata: { namespace: "default", name: "p" },
      spec: { containers: [{ name: "c", image: "x" }], tolerations: [{ operator: "Exists" }] },
    });
  }
  for await (const [event] of cluster.client.watch(resources.pods, { namespace: "default", resourceVersion: "0" })) {
    if (event?.object.spec?.nodeName === "n") break;
  }
  assert.equal((await other.client.get(resources.pods, { namespace: "default", name: "p" })).spec?.nodeName, undefined);
});

test("startCluster: claims of pods on simulated nodes get volumes, which go when the claims go", async () => {
  await using cluster = await startCluster({ nodes: 2 });
  const { client } = cluster;
  const namespace = "default";
  await client.create(resources.storageClasses, {
    metadata: { name: "standard", annotations: { "storageclass.kubernetes.io/is-default-class": "true" } },
    provisioner: "slipway.dev/local-path",
    volumeBindingMode: "WaitForFirstConsumer",
  });
  await client.create(resources.persistentVolumeClaims, {
    metadata: { namespace, name: "data" },
    spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
  });
  const pod = await client.create(resources.pods, {
    metadata: { namespace, name: "db" },
    spec: {
      containers: [{ name: "db", image: "db" }],
      volumes: [{ name: "data", persistentVolumeClaim: { claimName: "data" } }],
    },
  });
  const { resourceVersion = "" } = pod.metadata;
  let isRunning = false;
  for await (const events of client.watch(resources.pods, { namespace, resourceVersion })) {
    isRunning = events.some(({ object }) => object.status?.phase === "Running");
    if (isRunning) break;
  }
  assert.ok(isRunning);
  const claim = await client.get(resources.persistentVolumeClaims, { namespace, name: "data" });
  assert.equal(claim.status?.phase, "Bound");
  await client.delete(resources.pods, { namespace, name: "db" }, { gracePeriodSeconds: 0 });
  const { resourceVersion: before } = await client.list(resources.persistentVolumes);
  await client.delete(resources.persistentVolumeClaims, { namespace, name: "data" });
  for await (const events of client.watch(resources.persistentVolumes, { resourceVersion: before })) {
    if (events.some(({ type }) => type === "DELETED")) break;
  }
});
