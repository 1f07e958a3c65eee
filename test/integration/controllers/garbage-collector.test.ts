import assert from "node:assert/strict";
import { test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { type ConfigMap, type OwnerReference, resources } from "#kubernetes/api";
import { startTestCluster, type TestCluster } from "../../support/cluster/test-cluster.ts";
import { runPods } from "../../support/cluster/test-kubelet.ts";

const controllers = ["garbagecollector"];
const namespace = "default";

function ownedBy(...owners: ConfigMap[]): OwnerReference[] {
  return owners.map(({ metadata: { name = "", uid = "" } }) => ({ apiVersion: "v1", kind: "ConfigMap", name, uid }));
}

function make({ client }: TestCluster, name: string, more: Partial<ConfigMap["metadata"]> = {}): Promise<ConfigMap> {
  return client.create(resources.configMaps, { metadata: { name, namespace, ...more } });
}

/** Waits for what lies outside of kube-system, where the server keeps notes of its own. */
async function untilConfigMaps({ until }: TestCluster, check: (found: readonly ConfigMap[]) => boolean): Promise<void> {
  await until(resources.configMaps, (found) =>
    check(found.filter(({ metadata }) => metadata.namespace !== "kube-system")),
  );
}

const names = (found: readonly ConfigMap[]) => found.map(({ metadata }) => metadata.name).toSorted();

test("Garbage collector: background deletion takes dependents, and theirs", async () => {
  await using cluster = await startTestCluster({ controllers });
  const { client } = cluster;
  const a = await make(cluster, "a");
  const b = await make(cluster, "b", { ownerReferences: ownedBy(a) });
  await make(cluster, "c", { ownerReferences: ownedBy(b) });
  await make(cluster, "d");
  await client.delete(resources.configMaps, { namespace, name: "a" }, { propagationPolicy: "Background" });
  await untilConfigMaps(cluster, (found) => names(found).join() === "d");
});

test("Garbage collector: a dependent stays while one of its owners does", async () => {
  await using cluster = await startTestCluster({ controllers });
  const { client } = cluster;
  const [a, b] = [await make(cluster, "a"), await make(cluster, "b")];
  await make(cluster, "c", { ownerReferences: ownedBy(a, b) });
  await client.delete(resources.configMaps, { namespace, name: "a" });
  await untilConfigMaps(cluster, (found) => {
    const kept = found.find(({ metadata }) => metadata.name === "c");
    return isDeepStrictEqual(kept?.metadata.ownerReferences, ownedBy(b));
  });
  await client.delete(resources.configMaps, { namespace, name: "b" });
  await untilConfigMaps(cluster, (found) => found.length === 0);
});

test("Garbage collector: foreground deletion removes the owner last", async () => {
  await using cluster = await startTestCluster({ controllers });
  const { client, rest } = cluster;
  const a = await make(cluster, "a");
  const blocking = ownedBy(a).map((owner) => ({ ...owner, blockOwnerDeletion: true }));
  await make(cluster, "b", { ownerReferences: blocking, finalizers: ["example.com/held"] });
  await client.delete(resources.configMaps, { namespace, name: "a" }, { propagationPolicy: "Foreground" });
  await untilConfigMaps(cluster, (found) => found.every(({ metadata }) => metadata.deletionTimestamp !== undefined));
  await rest();
  await untilConfigMaps(cluster, (found) => {
    return isDeepStrictEqual(found.map(({ metadata }) => metadata.finalizers).toSorted(), [
      ["example.com/held"],
      ["foregroundDeletion"],
    ]);
  });
  await client.patch(
    resources.configMaps,
    { namespace, name: "b" },
    { type: "merge", body: { metadata: { finalizers: null } } },
  );
  await untilConfigMaps(cluster, (found) => found.length === 0);
});

test("Garbage collector: orphans lose the reference and stay", async () => {
  await using cluster = await startTestCluster({ controllers });
  const { client, rest } = cluster;
  const a = await make(cluster, "a");
  await make(cluster, "b", { ownerReferences: ownedBy(a) });
  await client.delete(resources.configMaps, { namespace, name: "a" }, { propagationPolicy: "Orphan" });
  await untilConfigMaps(cluster, (found) => names(found).join() === "b");
  await rest();
  await untilConfigMaps(cluster, ([left]) => left?.metadata.ownerReferences === undefined);
});

test("Garbage collector: what names an owner that is not there goes", async () => {
  await using cluster = await startTestCluster({ controllers });
  const gone = { metadata: { name: "gone", uid: "3d0d1b5c-2a4a-4a83-9b1b-6d7bd1d2f001" } };
  await make(cluster, "b", { ownerReferences: ownedBy(gone) });
  await untilConfigMaps(cluster, (found) => found.length === 0);
});

test("Garbage collector: an owner in another namespace is an error that people are told of", async () => {
  await using cluster = await startTestCluster({ controllers });
  const { client, until } = cluster;
  await client.create(resources.namespaces, { metadata: { name: "team" } });
  const a = await client.create(resources.configMaps, { metadata: { name: "a", namespace: "team" } });
  await make(cluster, "b", { ownerReferences: ownedBy(a) });
  await until(resources.events, (events) => events.some(({ reason }) => reason === "OwnerRefInvalidNamespace"));
  await untilConfigMaps(cluster, (found) => names(found).join() === "a");
});

test("Garbage collector: a deleted Deployment takes ReplicaSets and pods, in the foreground in that order", async () => {
  await using cluster = await startTestCluster({ controllers: [...controllers, "deployment", "replicaset"] });
  const { client, until } = cluster;
  await runPods(cluster);
  const order: string[] = [];
  const note = (kind: string) => ({ deleted: () => void order.push(kind) });
  cluster.informers.informer(resources.deployments).addHandler(note("Deployment"));
  cluster.informers.informer(resources.replicaSets).addHandler(note("ReplicaSet"));
  cluster.informers.informer(resources.pods).addHandler(note("Pod"));
  await client.create(resources.deployments, {
    metadata: { name: "web", namespace },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: "web" } },
      template: { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "c", image: "x" }] } },
    },
  });
  await until(resources.deployments, ([found]) => found?.status?.availableReplicas === 2);
  await client.delete(resources.deployments, { namespace, name: "web" }, { propagationPolicy: "Foreground" });
  await until(resources.deployments, (found) => found.length === 0);
  assert.deepEqual(order, ["Pod", "Pod", "ReplicaSet", "Deployment"]);
});
