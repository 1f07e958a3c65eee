import assert from "node:assert/strict";
import { test } from "node:test";
import { isStatusError, type Pod, type PodDisruptionBudget, resources } from "#kubernetes/api";
import { FakeClock } from "#shared";
import { startTestCluster, type TestCluster } from "../../support/cluster/test-cluster.ts";
import { runPods } from "../../support/cluster/test-kubelet.ts";

const namespace = "default";

function evict({ client }: TestCluster, pod: Pod | undefined): Promise<unknown> {
  const key = { namespace, name: pod?.metadata.name ?? "" };
  return client.createSubresource(resources.pods, key, "eviction", { metadata: key });
}

async function makeWorkload({ client, until }: TestCluster, replicas: number): Promise<void> {
  await client.create(resources.deployments, {
    metadata: { name: "web", namespace },
    spec: {
      replicas,
      selector: { matchLabels: { app: "web" } },
      template: { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "c", image: "x" }] } },
    },
  });
  await until(resources.deployments, ([found]) => found?.status?.availableReplicas === replicas);
}

const makeBudget = ({ client }: TestCluster, spec: PodDisruptionBudget["spec"]) =>
  client.create(resources.podDisruptionBudgets, {
    metadata: { name: "web", namespace },
    spec: { selector: { matchLabels: { app: "web" } }, ...spec },
  });

test("PodDisruptionBudget: lets go as many pods as it can, and no more", async () => {
  await using cluster = await startTestCluster({ controllers: ["disruption", "deployment", "replicaset"] });
  const { client, until } = cluster;
  const kubelet = await runPods(cluster);
  await makeWorkload(cluster, 3);
  await makeBudget(cluster, { maxUnavailable: 1 });
  await until(resources.podDisruptionBudgets, ([budget]) => budget?.status?.disruptionsAllowed === 1);
  kubelet.stop();
  const { items } = await client.list(resources.pods);
  await evict(cluster, items[0]);
  await until(resources.podDisruptionBudgets, ([budget]) => {
    const { currentHealthy, disruptionsAllowed, disruptedPods } = budget?.status ?? {};
    return currentHealthy === 2 && disruptionsAllowed === 0 && disruptedPods === undefined;
  });
  await assert.rejects(evict(cluster, items[1]), (error) => {
    return (
      isStatusError(error) &&
      error.code === 429 &&
      error.details?.causes?.[0]?.message === "The disruption budget web needs 2 healthy pods and has 2 currently"
    );
  });
});

test("PodDisruptionBudget: a percentage is one of what the controllers ask for", async () => {
  await using cluster = await startTestCluster({ controllers: ["disruption", "deployment", "replicaset"] });
  const { client, until } = cluster;
  await runPods(cluster);
  await makeWorkload(cluster, 4);
  await makeBudget(cluster, { minAvailable: "75%" });
  const [budget] = await until(resources.podDisruptionBudgets, ([found]) => found?.status?.currentHealthy === 4);
  assert.deepEqual(
    [budget?.status?.expectedPods, budget?.status?.desiredHealthy, budget?.status?.disruptionsAllowed],
    [4, 3, 1],
  );
  await client.create(resources.pods, {
    metadata: { name: "lone", namespace, labels: { app: "web" } },
    spec: { containers: [{ name: "c", image: "x" }] },
  });
  await until(resources.events, (events) => events.some(({ reason }) => reason === "UnmanagedPods"));
});

test("PodDisruptionBudget: controllers without a scale are an error, and nothing may go", async () => {
  await using cluster = await startTestCluster({ controllers: ["disruption", "job"] });
  const { client, until } = cluster;
  await runPods(cluster);
  await client.create(resources.jobs, {
    metadata: { name: "work", namespace },
    spec: {
      template: {
        metadata: { labels: { app: "web" } },
        spec: { restartPolicy: "Never", containers: [{ name: "c", image: "x" }] },
      },
    },
  });
  await until(resources.pods, (pods) => pods.length === 1);
  await makeBudget(cluster, { maxUnavailable: 1 });
  const [budget] = await until(resources.podDisruptionBudgets, ([found]) => {
    return found?.status?.conditions?.[0]?.reason === "SyncFailed";
  });
  assert.equal(budget?.status?.conditions?.[0]?.message, "jobs.batch does not implement the scale subresource");
});

test("PodDisruptionBudget: a pod nobody deletes is not to be disrupted any more after a while", async () => {
  const clock = new FakeClock();
  await using cluster = await startTestCluster({ controllers: ["disruption"], clock });
  const { client, until, rest } = cluster;
  const key = { namespace, name: "a" };
  await client.create(resources.pods, { metadata: key, spec: { containers: [{ name: "c", image: "x" }] } });
  const conditions = [
    { type: "DisruptionTarget", status: "True", reason: "Test", lastTransitionTime: "2026-01-01T00:00:00Z" },
  ];
  const patch = { type: "strategic", body: { status: { conditions } } } as const;
  await client.patch(resources.pods, key, patch, { subresource: "status" });
  await rest();
  await clock.advance(119_000);
  await until(resources.pods, ([pod]) => pod?.status?.conditions?.[0]?.status === "True");
  await clock.advance(2_000);
  await until(resources.pods, ([pod]) => pod?.status?.conditions?.[0]?.status === "False");
});
