import assert from "node:assert/strict";
import { test } from "node:test";
import { type Pod, resources } from "#kubernetes/api";
import { FakeClock } from "#shared";
import { startTestCluster } from "../../support/cluster/test-cluster.ts";
import { createReadyNode, runPods } from "../../support/cluster/test-kubelet.ts";

const namespace = "default";

function pod(name: string, nodeName?: string): Pod {
  return {
    // The finalizer lets the test see how the pod ends.
    metadata: { name, namespace, finalizers: ["example.com/keep"] },
    spec: { containers: [{ name: "c", image: "x" }], ...(nodeName !== undefined && { nodeName }) },
  };
}

test("pods of a node that is gone fail and go, after a time in which it may come back", async () => {
  const clock = new FakeClock();
  await using cluster = await startTestCluster({ controllers: ["podgc"], clock });
  const { client, until, rest } = cluster;
  await createReadyNode(client, "node-1", clock);
  await client.create(resources.pods, pod("a", "node-1"));
  await rest();
  await client.delete(resources.nodes, { name: "node-1" });
  await rest();
  await clock.advance(39_000);
  await rest();
  assert.equal((await client.get(resources.pods, { namespace, name: "a" })).metadata.deletionTimestamp, undefined);
  await clock.advance(2_000);
  const [found] = await until(resources.pods, ([left]) => left?.metadata.deletionTimestamp !== undefined);
  assert.equal(found?.status?.phase, "Failed");
  const condition = found?.status?.conditions?.find(({ type }) => type === "DisruptionTarget");
  assert.deepEqual([condition?.reason, condition?.message], ["DeletionByPodGC", "PodGC: node no longer exists"]);
});

test("deleted pods of a node out of service go, and finished ones beyond the threshold", async () => {
  await using cluster = await startTestCluster({ controllers: ["podgc"], settings: { terminatedPodThreshold: 2 } });
  const { client, until } = cluster;
  const kubelet = await runPods(cluster, { outcome: () => "succeeded" });
  for (const name of ["a", "b", "c"]) {
    const { metadata, spec } = pod(name);
    await client.create(resources.pods, { metadata: { name, namespace: metadata.namespace! }, ...(spec && { spec }) });
  }
  await until(resources.pods, (pods) => pods.length === 2 && pods.every(({ status }) => status?.phase === "Succeeded"));
  kubelet.stop();

  await client.create(resources.pods, { ...pod("stuck", "node-1"), metadata: { name: "stuck", namespace } });
  await client.delete(resources.pods, { namespace, name: "stuck" });
  const conditions = [{ type: "Ready", status: "Unknown" }];
  const patch = { type: "strategic", body: { status: { conditions } } } as const;
  await client.patch(resources.nodes, { name: "node-1" }, patch, { subresource: "status" });
  const taints = [{ key: "node.kubernetes.io/out-of-service", value: "nodeshutdown", effect: "NoExecute" }];
  await client.patch(resources.nodes, { name: "node-1" }, { type: "merge", body: { spec: { taints } } });
  await until(resources.pods, (pods) => !pods.some(({ metadata }) => metadata.name === "stuck"));
});
