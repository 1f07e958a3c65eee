import assert from "node:assert/strict";
import { test } from "node:test";
import { type ReplicaSet, resources } from "#kubernetes/api";
import { startTestCluster } from "../../support/cluster/test-cluster.ts";
import { runPods } from "../../support/cluster/test-kubelet.ts";

function replicaSet(replicas: number): ReplicaSet {
  return {
    metadata: { name: "web", namespace: "default" },
    spec: {
      replicas,
      selector: { matchLabels: { app: "web" } },
      template: { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "c", image: "x" }] } },
    },
  };
}

test("ReplicaSet: pods are created, counted, scaled down and replaced", async () => {
  await using cluster = await startTestCluster({ controllers: ["replicaset"] });
  const { client, until } = cluster;
  await runPods(cluster);
  await client.create(resources.replicaSets, replicaSet(3));
  await until(resources.replicaSets, ([set]) => set?.status?.readyReplicas === 3);
  const [set] = await until(resources.replicaSets, ([found]) => found?.status?.availableReplicas === 3);
  assert.deepEqual(
    { ...set?.status, conditions: undefined },
    {
      replicas: 3,
      fullyLabeledReplicas: 3,
      readyReplicas: 3,
      availableReplicas: 3,
      observedGeneration: 1,
      terminatingReplicas: 0,
      conditions: undefined,
    },
  );
  const pods = await until(resources.pods, (found) => found.length === 3);
  for (const { metadata } of pods) {
    assert.match(metadata.name ?? "", /^web-[a-z0-9]{5}$/);
    assert.deepEqual(metadata.ownerReferences, [
      {
        apiVersion: "apps/v1",
        kind: "ReplicaSet",
        name: "web",
        uid: set?.metadata.uid,
        controller: true,
        blockOwnerDeletion: true,
      },
    ]);
  }
  await client.delete(resources.pods, { namespace: "default", name: pods[0]?.metadata.name ?? "" });
  await until(
    resources.pods,
    (found) => found.length === 3 && found.every(({ metadata }) => metadata.name !== pods[0]?.metadata.name),
  );
  await client.patch(
    resources.replicaSets,
    { namespace: "default", name: "web" },
    { type: "merge", body: { spec: { replicas: 1 } } },
  );
  await until(resources.pods, (found) => found.length === 1);
  await until(resources.replicaSets, ([found]) => found?.status?.replicas === 1);
});

test("ReplicaSet: adopts pods that match, lets go of those that no longer do", async () => {
  await using cluster = await startTestCluster({ controllers: ["replicaset"] });
  const { client, until } = cluster;
  const pod = (name: string) => ({
    metadata: { name, namespace: "default", labels: { app: "web" } },
    spec: { containers: [{ name: "c", image: "x" }] },
  });
  await client.create(resources.pods, pod("orphan"));
  await client.create(resources.replicaSets, replicaSet(2));
  await until(resources.pods, (pods) => {
    return pods.length === 2 && pods.every(({ metadata }) => metadata.ownerReferences?.[0]?.kind === "ReplicaSet");
  });
  await client.patch(
    resources.pods,
    { namespace: "default", name: "orphan" },
    { type: "merge", body: { metadata: { labels: { app: "other" } } } },
  );
  const pods = await until(resources.pods, (found) => {
    const released = found.find(({ metadata }) => metadata.name === "orphan");
    return found.length === 3 && released?.metadata.ownerReferences === undefined;
  });
  assert.equal(pods.filter(({ metadata }) => metadata.labels?.["app"] === "web").length, 2);
});

test("ReplicaSet: says why pods cannot be made, and tries again", async () => {
  await using cluster = await startTestCluster({ controllers: ["replicaset"] });
  const { client, until } = cluster;
  await client.create(resources.resourceQuotas, {
    metadata: { name: "few", namespace: "default" },
    spec: { hard: { pods: "2" } },
    status: { hard: { pods: "2" }, used: { pods: "0" } },
  });
  await client.patch(
    resources.resourceQuotas,
    { namespace: "default", name: "few" },
    { type: "merge", body: { status: { hard: { pods: "2" }, used: { pods: "0" } } } },
    { subresource: "status" },
  );
  await client.create(resources.replicaSets, replicaSet(5));
  const [set] = await until(resources.replicaSets, ([found]) =>
    (found?.status?.conditions ?? []).some(({ type, status }) => type === "ReplicaFailure" && status === "True"),
  );
  const condition = set?.status?.conditions?.[0];
  assert.equal(condition?.reason, "FailedCreate");
  assert.match(condition?.message ?? "", /exceeded quota: few, requested: pods=1, used: pods=2, limited: pods=2/);
  await until(resources.events, (events) => {
    const failed = events.find(({ reason, type }) => reason === "FailedCreate" && type === "Warning");
    return failed?.message?.startsWith("Error creating: pods ") === true;
  });
});
