import assert from "node:assert/strict";
import { test } from "node:test";
import { resources } from "#kubernetes/api";
import { startTestCluster } from "../../support/cluster/test-cluster.ts";
import { runPods } from "../../support/cluster/test-kubelet.ts";

test("ReplicationController: keeps its pods", async () => {
  await using cluster = await startTestCluster({ controllers: ["replicationcontroller"] });
  const { client, until } = cluster;
  await runPods(cluster);
  const key = { namespace: "default", name: "web" };
  await client.create(resources.replicationControllers, {
    metadata: key,
    spec: {
      replicas: 2,
      selector: { app: "web" },
      template: { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "c", image: "x" }] } },
    },
  });
  const [first] = await until(resources.replicationControllers, ([found]) => found?.status?.availableReplicas === 2);
  assert.deepEqual(first?.status, {
    replicas: 2,
    fullyLabeledReplicas: 2,
    readyReplicas: 2,
    availableReplicas: 2,
    observedGeneration: 1,
  });
  await client.patch(resources.replicationControllers, key, { type: "merge", body: { spec: { replicas: 0 } } });
  await until(resources.pods, (found) => found.length === 0);
  await until(resources.replicationControllers, ([found]) => found?.status?.replicas === 0);
});
