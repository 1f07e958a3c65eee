// Simulated nodes with the real API server, controllers and scheduler, in this process.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Cluster, startCluster } from "#controlplane";
import { type KubeObject, type Node, type Pod, type Resource, resources } from "#kubernetes/api";

const namespace = "default";

/** Resolves with a resource's objects as soon as they are as wanted; the test's time limit ends what never is. */
async function until<T extends KubeObject>(
  { client }: Cluster,
  resource: Resource<T>,
  isSo: (objects: readonly T[]) => boolean,
): Promise<readonly T[]> {
  const list = await client.list(resource);
  const objects = new Map(list.items.map((object) => [object.metadata.uid, object]));
  if (isSo(list.items)) return list.items;
  for await (const events of client.watch(resource, { resourceVersion: list.resourceVersion })) {
    for (const { type, object } of events) {
      if (type === "ADDED" || type === "MODIFIED") objects.set(object.metadata.uid, object);
      if (type === "DELETED") objects.delete(object.metadata.uid);
    }
    const now = [...objects.values()];
    if (isSo(now)) return now;
  }
  throw new Error(`the watch on ${resource.resource} ended`);
}

const template = (app: string, spec: object = {}) => ({
  metadata: { labels: { app } },
  spec: { containers: [{ name: "main", image: "registry.test/app:1" }], ...spec },
});

const deployment = (name: string, replicas: number) => ({
  metadata: { namespace, name },
  spec: { replicas, selector: { matchLabels: { app: name } }, template: template(name) },
});

const isReady = ({ status }: Node) =>
  status?.conditions?.some(({ type, status: value }) => type === "Ready" && value === "True") ?? false;

test("startCluster with nodes: they are there, Ready, and take a Deployment's pods", async () => {
  await using cluster = await startCluster({ nodes: 3 });
  const { client } = cluster;
  const { items } = await client.list(resources.nodes);
  assert.deepEqual(items.map(({ metadata }) => metadata.name).toSorted(), ["node-1", "node-2", "node-3"]);
  assert.ok(items.every(isReady));

  await client.create(resources.deployments, deployment("web", 6));
  await until(cluster, resources.deployments, ([web]) => web?.status?.availableReplicas === 6);
  const pods = (await client.list(resources.pods)).items;
  assert.equal(new Set(pods.map(({ spec }) => spec?.nodeName)).size, 3);
  assert.equal(new Set(pods.map(({ status }) => status?.podIP)).size, 6);

  await client.delete(resources.deployments, { namespace, name: "web" });
  await until(cluster, resources.pods, (left) => left.length === 0);
});

test("a Job's pods complete, and so does the Job", async () => {
  await using cluster = await startCluster({ nodes: 1 });
  const spec = { completions: 3, parallelism: 2, template: template("sum", { restartPolicy: "Never" }) };
  await cluster.client.create(resources.jobs, { metadata: { namespace, name: "sum" }, spec });
  const [job] = await until(cluster, resources.jobs, ([sum]) => sum?.status?.completionTime !== undefined);
  assert.equal(job?.status?.succeeded, 3);
});

test("pods start after the time that was asked for", async () => {
  await using cluster = await startCluster({ nodes: 1, podStartMs: 50 });
  const begin = performance.now();
  await cluster.client.create(resources.pods, { ...template("a"), metadata: { namespace, name: "a" } });
  await until(cluster, resources.pods, ([pod]) => pod?.status?.phase === "Running");
  assert.ok(performance.now() - begin >= 49);
});

test("without controllers nodes are Ready without a taint all the same, and the scheduler uses them", async () => {
  await using cluster = await startCluster({ nodes: 1, controllers: ["serviceaccount"] });
  await until(cluster, resources.serviceAccounts, (accounts) =>
    accounts.some(({ metadata }) => metadata.namespace === namespace),
  );
  await cluster.client.create(resources.pods, { ...template("a"), metadata: { namespace, name: "a" } });
  await until(cluster, resources.pods, ([pod]) => pod?.status?.phase === "Running");
});

test("without a scheduler pods stay where they are put, or nowhere", async () => {
  await using cluster = await startCluster({ nodes: 1, scheduler: false });
  const { client } = cluster;
  await client.create(resources.pods, { ...template("a"), metadata: { namespace, name: "nowhere" } });
  await client.create(resources.pods, {
    ...template("a", { nodeName: "node-1" }),
    metadata: { namespace, name: "bound" },
  });
  const pods = await until(cluster, resources.pods, (all) => all.some(({ status }) => status?.phase === "Running"));
  const phases = pods.map(({ metadata, status }) => `${metadata.name} ${status?.phase}`);
  assert.deepEqual(phases.toSorted(), ["bound Running", "nowhere Pending"]);
});

test("nodes of one's own: with KWOK's annotation they live, without they do not; deleted ones are gone", async () => {
  await using cluster = await startCluster();
  const { client } = cluster;
  const annotations = { "kwok.x-k8s.io/node": "fake" };
  await client.create(resources.nodes, { metadata: { name: "real" } });
  await client.create(resources.nodes, { metadata: { name: "fake", annotations }, status: { capacity: { cpu: "2" } } });
  const nodes = await until(cluster, resources.nodes, (all) => all.some(isReady));
  const fake = nodes.find(({ metadata }) => metadata.name === "fake");
  assert.equal(fake?.status?.allocatable?.["cpu"], "2");
  assert.ok(!isReady(nodes.find(({ metadata }) => metadata.name === "real")!));

  await cluster.addNodes([{ name: "added", labels: { zone: "a" }, taints: [{ key: "k", effect: "NoSchedule" }] }]);
  await client.delete(resources.nodes, { name: "fake" });
  const left = await until(cluster, resources.nodes, (all) => all.length === 2);
  const added = left.find(({ metadata }) => metadata.name === "added")!;
  assert.equal(added.metadata.labels?.["zone"], "a");
  assert.ok(added.spec?.taints?.some(({ key }) => key === "k"));
});

test("a cluster with a folder finds its nodes and pods again", async (t) => {
  const { mkdtempSync, rmSync } = await import("node:fs");
  const { tmpdir } = await import("node:os");
  const { join } = await import("node:path");
  const folder = mkdtempSync(join(tmpdir(), "slipway-simulated-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const first = await startCluster({ nodes: 2, folder });
  await first.client.create(resources.deployments, deployment("web", 2));
  const before = await until(first, resources.pods, (pods) => pods.length === 2 && pods.every(isRunning));
  await first.stop();
  await using second = await startCluster({ nodes: 2, folder });
  const after = (await second.client.list(resources.pods)).items;
  assert.deepEqual(after.map(addressOf).toSorted(), before.map(addressOf).toSorted());
  // A new pod gets an address that none of the old has.
  await second.client.patch(
    resources.deployments,
    { namespace, name: "web" },
    { type: "merge", body: { spec: { replicas: 3 } } },
  );
  const all = await until(second, resources.pods, (pods) => pods.length === 3 && pods.every(isRunning));
  assert.equal(new Set(all.map(addressOf)).size, 3);
});

const isRunning = ({ status }: Pod) => status?.phase === "Running";
const addressOf = ({ metadata, status }: Pod) => `${status?.podIP} ${metadata.name?.length}`;

test("logs and commands are refused with a reason", async () => {
  await using cluster = await startCluster({ nodes: 1, scheduler: false });
  const { client } = cluster;
  await client.create(resources.pods, { ...template("a", { nodeName: "node-1" }), metadata: { namespace, name: "a" } });
  const message = /node node-1 is simulated: nothing runs in its pods that could be read or reached/;
  const kubeconfig = await cluster.kubeconfig();
  const { connectionOf, createClient, createHttpTransport, parseKubeconfig } = await import("#kubernetes/client");
  const remote = createClient({ transport: createHttpTransport(await connectionOf(parseKubeconfig(kubeconfig))) });
  try {
    for (const path of ["pods/a/log", "pods/a/proxy/", "pods/a/exec"]) {
      const method = path.endsWith("exec") ? "POST" : "GET";
      await assert.rejects(remote.raw({ method, path: `/api/v1/namespaces/${namespace}/${path}` }), message, path);
    }
  } finally {
    await remote.close();
  }
});
