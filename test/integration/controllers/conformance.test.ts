// What the conformance suite asks of sig-apps beyond the controllers' own tests: flows across several of them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type JobSpec, type PodTemplateSpec, resources } from "#kubernetes/api";
import { startTestCluster } from "../../support/cluster/test-cluster.ts";
import { runPods } from "../../support/cluster/test-kubelet.ts";

const namespace = "default";
const revision = "deployment.kubernetes.io/revision";

function template(labels: Record<string, string>, more: object = {}): PodTemplateSpec {
  return { metadata: { labels }, spec: { containers: [{ name: "c", image: "x" }], ...more } };
}

test("Deployment: a rollout goes on from the revision of a ReplicaSet it adopts, whatever that is", async () => {
  await using cluster = await startTestCluster({ controllers: ["deployment", "replicaset"] });
  const { client, until } = cluster;
  await runPods(cluster);
  const labels = { name: "sample", pod: "old" };
  await client.create(resources.replicaSets, {
    metadata: { name: "adopted", namespace, labels, annotations: { [revision]: "3546343826724305832" } },
    spec: { replicas: 1, selector: { matchLabels: labels }, template: template(labels) },
  });
  await until(resources.replicaSets, ([found]) => found?.status?.availableReplicas === 1);
  await client.create(resources.deployments, {
    metadata: { name: "web", namespace },
    spec: { replicas: 1, selector: { matchLabels: { name: "sample" } }, template: template({ name: "sample" }) },
  });
  await until(resources.deployments, ([found]) => {
    const { updatedReplicas, replicas, availableReplicas } = found?.status ?? {};
    const isComplete = updatedReplicas === 1 && replicas === 1 && availableReplicas === 1;
    return isComplete && found?.metadata.annotations?.[revision] === "3546343826724305833";
  });
  await until(resources.replicaSets, (sets) => {
    return sets.find(({ metadata }) => metadata.name === "adopted")?.status?.replicas === 0;
  });
});

test("ReplicationController: says that a quota keeps pods from it, and takes that back", async () => {
  await using cluster = await startTestCluster({ controllers: ["replicationcontroller", "resourcequota"] });
  const { client, until } = cluster;
  await runPods(cluster);
  await client.create(resources.resourceQuotas, { metadata: { name: "q", namespace }, spec: { hard: { pods: "2" } } });
  await until(resources.resourceQuotas, ([found]) => found?.status?.hard?.["pods"] === "2");
  const selector = { name: "rc" };
  await client.create(resources.replicationControllers, {
    metadata: { name: "rc", namespace },
    spec: { replicas: 3, selector, template: template(selector) },
  });
  const [failing] = await until(resources.replicationControllers, ([found]) => found?.status?.conditions?.length === 1);
  const [condition] = failing?.status?.conditions ?? [];
  assert.deepEqual([condition?.type, condition?.status, condition?.reason], ["ReplicaFailure", "True", "FailedCreate"]);
  assert.match(condition?.message ?? "", /exceeded quota: q, requested: pods=1, used: pods=2, limited: pods=2$/);
  const body = { spec: { replicas: 2 } };
  await client.patch(resources.replicationControllers, { namespace, name: "rc" }, { type: "merge", body });
  await until(resources.replicationControllers, ([found]) => (found?.status?.conditions ?? []).length === 0);
});

test("StatefulSet: a pod that was evicted is made anew", async () => {
  await using cluster = await startTestCluster({ controllers: ["statefulset"] });
  const { client, until } = cluster;
  let evictions = 2;
  await runPods(cluster, { outcome: () => (evictions-- > 0 ? "failed" : "ready") });
  const labels = { app: "db" };
  await client.create(resources.statefulSets, {
    metadata: { name: "db", namespace },
    spec: { replicas: 1, serviceName: "db", selector: { matchLabels: labels }, template: template(labels) },
  });
  await until(resources.statefulSets, ([found]) => found?.status?.readyReplicas === 1);
  const [pod] = await until(resources.pods, (found) => found.length === 1);
  assert.equal(pod?.metadata.name, "db-0");
});

const isOdd = (index: string | undefined) => Number(index) % 2 === 1;

async function runIndexedJob(spec: Partial<JobSpec>) {
  await using cluster = await startTestCluster({ controllers: ["job"] });
  const { client, until } = cluster;
  const indexOf = (annotations: Readonly<Record<string, string>> | undefined) =>
    annotations?.["batch.kubernetes.io/job-completion-index"];
  await runPods(cluster, {
    outcome: ({ metadata }) => (isOdd(indexOf(metadata.annotations)) ? "failed" : "succeeded"),
  });
  await client.create(resources.jobs, {
    metadata: { name: "work", namespace },
    spec: { completionMode: "Indexed", template: template({}, { restartPolicy: "Never" }), ...spec },
  });
  const [job] = await until(resources.jobs, ([found]) => {
    return found?.status?.conditions?.some(({ type, status }) => type === "Failed" && status === "True");
  });
  const { status } = job ?? {};
  const reason = status?.conditions?.find(({ type }) => type === "Failed")?.reason;
  return { ...status, reason };
}

test("Job: all indexes run though some fail", async () => {
  const status = await runIndexedJob({ completions: 4, parallelism: 4, backoffLimitPerIndex: 0 });
  assert.deepEqual([status.failedIndexes, status.completedIndexes], ["1,3", "0,2"]);
  assert.deepEqual([status.failed, status.succeeded, status.reason], [2, 2, "FailedIndexes"]);
});

test("Job: ends early when too many indexes have failed", async () => {
  const spec = { completions: 6, parallelism: 1, backoffLimitPerIndex: 0, maxFailedIndexes: 0 };
  const status = await runIndexedJob(spec);
  assert.deepEqual([status.failedIndexes, status.completedIndexes], ["1", "0"]);
  assert.deepEqual([status.failed, status.reason], [1, "MaxFailedIndexesExceeded"]);
});
