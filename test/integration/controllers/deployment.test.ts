import assert from "node:assert/strict";
import { test } from "node:test";
import { type Deployment, type ReplicaSet, resources } from "#kubernetes/api";
import { FakeClock } from "#shared";
import { startTestCluster, type TestCluster } from "../../support/cluster/test-cluster.ts";
import { runPods } from "../../support/cluster/test-kubelet.ts";

const key = { namespace: "default", name: "web" };
const controllers = ["deployment", "replicaset"];

function deployment(replicas: number, spec: Partial<Deployment["spec"]> = {}): Deployment {
  return {
    metadata: key,
    spec: {
      replicas,
      selector: { matchLabels: { app: "web" } },
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: "25%", maxUnavailable: "25%" } },
      progressDeadlineSeconds: 600,
      revisionHistoryLimit: 10,
      template: template("v1"),
      ...spec,
    },
  };
}

function template(image: string) {
  return { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "c", image }] } };
}

function change({ client }: TestCluster, spec: object) {
  return client.patch(resources.deployments, key, { type: "merge", body: { spec } });
}

const revision = ({ metadata }: ReplicaSet) => metadata.annotations?.["deployment.kubernetes.io/revision"];
const imageOf = ({ spec }: ReplicaSet) => spec?.template?.spec?.containers[0]?.image;
const condition = (found: Deployment | undefined, type: string) =>
  found?.status?.conditions?.find((candidate) => candidate.type === type);
const isComplete = (found: Deployment | undefined, replicas: number) =>
  found?.status?.observedGeneration === found?.metadata.generation &&
  found?.status?.updatedReplicas === replicas &&
  found?.status?.availableReplicas === replicas &&
  found?.status?.replicas === replicas &&
  condition(found, "Progressing")?.reason === "NewReplicaSetAvailable";

test("Deployment: rolls out, updates without a gap, and numbers its revisions", async () => {
  await using cluster = await startTestCluster({ controllers });
  const { client, until } = cluster;
  let least = 8;
  await runPods(cluster);
  await client.create(resources.deployments, deployment(8));
  const [first] = await until(resources.deployments, ([found]) => isComplete(found, 8));
  assert.equal(
    condition(first, "Progressing")?.message?.replace(/-[a-z0-9]+"/, '"'),
    'ReplicaSet "web" has successfully progressed.',
  );
  assert.deepEqual(
    [condition(first, "Available")?.reason, condition(first, "Available")?.message],
    ["MinimumReplicasAvailable", "Deployment has minimum availability."],
  );
  assert.equal(first?.metadata.annotations?.["deployment.kubernetes.io/revision"], "1");

  cluster.informers.informer(resources.deployments).addHandler({
    updated: ({ status }) => {
      least = Math.min(least, status?.availableReplicas ?? 0);
    },
  });
  await change(cluster, { template: template("v2") });
  await until(resources.deployments, ([found]) => isComplete(found, 8));
  assert.ok(least >= 6, `${least} pods were available at some time`);
  const sets = await until(resources.replicaSets, (found) => found.length === 2);
  assert.deepEqual(sets.map((set) => [imageOf(set), set.spec?.replicas, revision(set)]).toSorted(), [
    ["v1", 0, "1"],
    ["v2", 8, "2"],
  ]);
  for (const { metadata } of sets) {
    assert.match(metadata.name ?? "", /^web-[bcdfghjklmnpqrstvwxz2456789]+$/);
    assert.equal(metadata.name, `web-${metadata.labels?.["pod-template-hash"]}`);
  }
});

test("Deployment: going back to an old template reuses its ReplicaSet", async () => {
  await using cluster = await startTestCluster({ controllers });
  const { client, until } = cluster;
  await runPods(cluster);
  await client.create(resources.deployments, deployment(2));
  await until(resources.deployments, ([found]) => isComplete(found, 2));
  await change(cluster, { template: template("v2") });
  await until(resources.deployments, ([found]) => isComplete(found, 2));
  await change(cluster, { template: template("v1") });
  await until(resources.deployments, ([found]) => isComplete(found, 2));
  const sets = await until(resources.replicaSets, (found) => found.length === 2);
  const [old, current] = sets.toSorted((a, b) => Number(revision(a)) - Number(revision(b)));
  assert.deepEqual([imageOf(old!), revision(old!)], ["v2", "2"]);
  assert.deepEqual([imageOf(current!), revision(current!)], ["v1", "3"]);
  assert.equal(current?.metadata.annotations?.["deployment.kubernetes.io/revision-history"], "1");
});

test("Deployment: Recreate lets all old pods go before new ones come", async () => {
  await using cluster = await startTestCluster({ controllers });
  const { client, until } = cluster;
  await runPods(cluster);
  await client.create(resources.deployments, deployment(3, { strategy: { type: "Recreate" } }));
  await until(resources.deployments, ([found]) => isComplete(found, 3));
  let mixed = false;
  const pods = cluster.informers.informer(resources.pods);
  pods.addHandler({
    added: () => {
      mixed ||= new Set(pods.list().map(({ spec }) => spec?.containers[0]?.image)).size > 1;
    },
  });
  await change(cluster, { template: template("v2") });
  await until(resources.deployments, ([found]) => isComplete(found, 3));
  assert.equal(mixed, false);
});

test("Deployment: paused, it scales but does not roll out", async () => {
  await using cluster = await startTestCluster({ controllers });
  const { client, until, rest } = cluster;
  await runPods(cluster);
  await client.create(resources.deployments, deployment(2));
  await until(resources.deployments, ([found]) => isComplete(found, 2));
  await change(cluster, { paused: true, replicas: 4, template: template("v2") });
  const [paused] = await until(resources.deployments, ([found]) => found?.status?.availableReplicas === 4);
  assert.equal(condition(paused, "Progressing")?.reason, "DeploymentPaused");
  await rest();
  await until(resources.replicaSets, (found) => found.length === 1);
  await change(cluster, { paused: false });
  await until(resources.deployments, ([found]) => isComplete(found, 4));
});

test("Deployment: one that does not get on says so after its deadline", async () => {
  const clock = new FakeClock();
  await using cluster = await startTestCluster({ controllers, clock });
  const { client, until, rest } = cluster;
  await runPods(cluster, { clock, outcome: () => "running" });
  await client.create(resources.deployments, deployment(1, { progressDeadlineSeconds: 30 }));
  await until(resources.deployments, ([found]) => condition(found, "Progressing")?.reason === "ReplicaSetUpdated");
  await rest();
  await clock.advance(29_000);
  await until(resources.deployments, ([found]) => condition(found, "Progressing")?.status === "True");
  await clock.advance(3_000);
  const [late] = await until(resources.deployments, ([found]) => condition(found, "Progressing")?.status === "False");
  assert.equal(condition(late, "Progressing")?.reason, "ProgressDeadlineExceeded");
  assert.match(
    condition(late, "Progressing")?.message ?? "",
    /^ReplicaSet "web-[a-z0-9]+" has timed out progressing\.$/,
  );
});

test("Deployment: minReadySeconds makes pods count only after a while", async () => {
  const clock = new FakeClock();
  await using cluster = await startTestCluster({ controllers, clock });
  const { client, until, rest } = cluster;
  await runPods(cluster, { clock });
  await client.create(resources.deployments, deployment(2, { minReadySeconds: 10 }));
  await until(resources.deployments, ([found]) => found?.status?.readyReplicas === 2);
  await rest();
  await until(resources.deployments, ([found]) => found?.status?.availableReplicas === undefined);
  await clock.advance(10_000);
  await until(resources.deployments, ([found]) => isComplete(found, 2));
});

test("Deployment: keeps as many old ReplicaSets as it is told", async () => {
  await using cluster = await startTestCluster({ controllers });
  const { client, until } = cluster;
  await runPods(cluster);
  await client.create(resources.deployments, deployment(1, { revisionHistoryLimit: 1 }));
  await until(resources.deployments, ([found]) => isComplete(found, 1));
  for (const image of ["v2", "v3", "v4"]) {
    await change(cluster, { template: template(image) });
    await until(resources.deployments, ([found]) => isComplete(found, 1));
  }
  const sets = await until(resources.replicaSets, (found) => found.length === 2);
  assert.deepEqual(sets.map(imageOf).toSorted(), ["v3", "v4"]);
});

test("Deployment: at rest, nothing is written", async () => {
  await using cluster = await startTestCluster({ controllers });
  const { client, until, rest } = cluster;
  await runPods(cluster);
  await client.create(resources.deployments, deployment(3));
  await until(resources.deployments, ([found]) => isComplete(found, 3));
  await rest();
  const before = (await client.list(resources.deployments)).resourceVersion;
  await rest();
  assert.equal((await client.list(resources.deployments)).resourceVersion, before);
});
