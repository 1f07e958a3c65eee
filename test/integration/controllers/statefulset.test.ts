import assert from "node:assert/strict";
import { test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { type Pod, resources, type StatefulSet } from "#kubernetes/api";
import { startTestCluster, type TestCluster } from "../../support/cluster/test-cluster.ts";
import { runPods } from "../../support/cluster/test-kubelet.ts";

const key = { namespace: "default", name: "db" };
const controllers = ["statefulset"];

function statefulSet(replicas: number, spec: Partial<StatefulSet["spec"]> = {}): StatefulSet {
  return {
    metadata: key,
    spec: {
      replicas,
      serviceName: "db",
      selector: { matchLabels: { app: "db" } },
      template: template("v1"),
      ...spec,
    },
  };
}

function template(image: string) {
  return {
    metadata: { labels: { app: "db" } },
    spec: { containers: [{ name: "c", image }] },
  };
}

const claims = [
  {
    metadata: { name: "data" },
    spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
  },
];

const change = ({ client }: TestCluster, spec: object) =>
  client.patch(resources.statefulSets, key, { type: "merge", body: { spec } });
const names = (found: readonly { metadata: { name?: string } }[]) =>
  found.map(({ metadata }) => metadata.name).toSorted();
const images = (pods: readonly Pod[]) =>
  pods
    .toSorted((a, b) => ((a.metadata.name ?? "") < (b.metadata.name ?? "") ? -1 : 1))
    .map(({ spec }) => spec?.containers[0]?.image);

test("StatefulSet: pods come one after the other, with names and claims of their own", async () => {
  await using cluster = await startTestCluster({ controllers });
  const { client, until } = cluster;
  const events: string[] = [];
  const kubelet = await runPods(cluster, { outcome: () => "running" });
  await client.create(resources.statefulSets, statefulSet(3, { volumeClaimTemplates: claims }));
  for (let ordinal = 0; ordinal < 3; ordinal++) {
    const pods = await until(resources.pods, (found) => {
      return found.length === ordinal + 1 && found.every(({ status }) => status?.phase === "Running");
    });
    await cluster.rest();
    const pod = pods.find(({ metadata }) => metadata.name === `db-${ordinal}`)!;
    events.push(pod.metadata.name ?? "");
    assert.equal((await client.list(resources.pods)).items.length, ordinal + 1);
    await kubelet.set(pod, "ready");
  }
  const [set] = await until(resources.statefulSets, ([found]) => found?.status?.readyReplicas === 3);
  assert.deepEqual(events, ["db-0", "db-1", "db-2"]);
  assert.equal(set?.status?.currentRevision, set?.status?.updateRevision);
  const pods = await until(resources.pods, (found) => found.length === 3);
  const first = pods.find(({ metadata }) => metadata.name === "db-0");
  assert.deepEqual(first?.metadata.labels, {
    app: "db",
    "apps.kubernetes.io/pod-index": "0",
    "controller-revision-hash": set?.status?.currentRevision,
    "statefulset.kubernetes.io/pod-name": "db-0",
  });
  assert.deepEqual([first?.spec?.hostname, first?.spec?.subdomain], ["db-0", "db"]);
  assert.equal(
    first?.spec?.volumes?.find(({ name }) => name === "data")?.persistentVolumeClaim?.claimName,
    "data-db-0",
  );
  await until(resources.persistentVolumeClaims, (found) => {
    return isDeepStrictEqual(names(found), ["data-db-0", "data-db-1", "data-db-2"]);
  });
});

test("StatefulSet: scales down from the end, and keeps the claims", async () => {
  await using cluster = await startTestCluster({ controllers });
  const { client, until } = cluster;
  await runPods(cluster);
  await client.create(resources.statefulSets, statefulSet(3, { volumeClaimTemplates: claims }));
  await until(resources.statefulSets, ([found]) => found?.status?.readyReplicas === 3);
  const order: string[] = [];
  cluster.informers.informer(resources.pods).addHandler({
    deleted: ({ metadata }) => void order.push(metadata.name ?? ""),
  });
  await change(cluster, { replicas: 1 });
  await until(resources.pods, (found) => isDeepStrictEqual(names(found), ["db-0"]));
  await until(resources.statefulSets, ([found]) => found?.status?.replicas === 1);
  assert.deepEqual(order, ["db-2", "db-1"]);
  assert.equal((await client.list(resources.persistentVolumeClaims)).items.length, 3);
});

test("StatefulSet: updates from the end, and only as far as the partition says", async () => {
  await using cluster = await startTestCluster({ controllers });
  const { client, until } = cluster;
  await runPods(cluster);
  await client.create(resources.statefulSets, statefulSet(3));
  await until(resources.statefulSets, ([found]) => found?.status?.readyReplicas === 3);
  const updateStrategy = (partition: number) => ({ type: "RollingUpdate", rollingUpdate: { partition } });
  await change(cluster, { template: template("v2"), updateStrategy: updateStrategy(2) });
  await until(resources.statefulSets, ([found]) => {
    return found?.status?.updatedReplicas === 1 && found.status.readyReplicas === 3;
  });
  assert.deepEqual(images((await client.list(resources.pods)).items), ["v1", "v1", "v2"]);
  const [partial] = await until(resources.statefulSets, (found) => found.length === 1);
  assert.notEqual(partial?.status?.currentRevision, partial?.status?.updateRevision);
  await change(cluster, { updateStrategy: updateStrategy(0) });
  await until(resources.statefulSets, ([found]) => {
    return found?.status?.currentRevision === found?.status?.updateRevision && found?.status?.readyReplicas === 3;
  });
  assert.deepEqual(images((await client.list(resources.pods)).items), ["v2", "v2", "v2"]);
  assert.equal((await client.list(resources.controllerRevisions)).items.length, 2);
});

test("StatefulSet: a pod that goes comes back under its name", async () => {
  await using cluster = await startTestCluster({ controllers });
  const { client, until } = cluster;
  await runPods(cluster);
  await client.create(resources.statefulSets, statefulSet(2));
  await until(resources.statefulSets, ([found]) => found?.status?.readyReplicas === 2);
  const before = await client.get(resources.pods, { namespace: "default", name: "db-0" });
  await client.delete(resources.pods, { namespace: "default", name: "db-0" });
  await until(resources.pods, (found) => {
    const pod = found.find(({ metadata }) => metadata.name === "db-0");
    return pod !== undefined && pod.metadata.uid !== before.metadata.uid && pod.status?.phase === "Running";
  });
});

test("StatefulSet: claims go with the set where it says so", async () => {
  await using cluster = await startTestCluster({ controllers: [...controllers, "garbagecollector"] });
  const { client, until } = cluster;
  await runPods(cluster);
  const persistentVolumeClaimRetentionPolicy = { whenDeleted: "Delete", whenScaled: "Delete" };
  await client.create(
    resources.statefulSets,
    statefulSet(2, { volumeClaimTemplates: claims, persistentVolumeClaimRetentionPolicy }),
  );
  await until(resources.statefulSets, ([found]) => found?.status?.readyReplicas === 2);
  await change(cluster, { replicas: 1 });
  await until(resources.persistentVolumeClaims, (found) => {
    // Nobody protects claims here, so that one goes as soon as its pod has.
    const left = found.filter(({ metadata }) => !metadata.deletionTimestamp);
    return isDeepStrictEqual(names(left), ["data-db-0"]);
  });
  await client.delete(resources.statefulSets, key);
  await until(resources.persistentVolumeClaims, (found) => found.every(({ metadata }) => metadata.deletionTimestamp));
});

test("StatefulSet: Parallel does not wait, OnDelete does not update", async () => {
  await using cluster = await startTestCluster({ controllers });
  const { client, until, rest } = cluster;
  await runPods(cluster, { outcome: () => "running" });
  await client.create(
    resources.statefulSets,
    statefulSet(3, { podManagementPolicy: "Parallel", updateStrategy: { type: "OnDelete" } }),
  );
  await until(resources.pods, (found) => found.length === 3);
  await change(cluster, { template: template("v2") });
  await rest();
  assert.deepEqual(images((await client.list(resources.pods)).items), ["v1", "v1", "v1"]);
  await client.delete(resources.pods, { namespace: "default", name: "db-1" });
  await until(resources.pods, (found) => isDeepStrictEqual(images(found), ["v1", "v2", "v1"]));
});
