import assert from "node:assert/strict";
import { test } from "node:test";
import { type Cluster, startCluster } from "#controlplane";
import { type Pod, resources } from "#kubernetes/api";
import { FakeClock } from "#shared";
import { drainNode } from "./drain-node.ts";

const { signal } = new AbortController();

/** A cluster with a node and pods on it, which nobody runs, so that they go as soon as they are deleted. */
async function startWithPods(...pods: Partial<Pod["metadata"]>[]): Promise<Cluster> {
  const cluster = await startCluster({ controllers: ["serviceaccount-controller"] });
  const { client } = cluster;
  await client.create(resources.nodes, { metadata: { name: "node" } });
  for await (const _ of client.watch(resources.serviceAccounts, { namespace: "default", resourceVersion: "0" })) break;
  for (const metadata of pods) {
    await client.create(resources.pods, {
      metadata: { namespace: "default", ...metadata },
      spec: { nodeName: "node", terminationGracePeriodSeconds: 0, containers: [{ name: "c", image: "i" }] },
    });
  }
  return cluster;
}

async function podNames({ client }: Cluster): Promise<string[]> {
  const { items } = await client.list(resources.pods);
  return items.map(({ metadata }) => metadata.name!).toSorted();
}

test("drainNode: cordons the node and evicts its pods, but for those of DaemonSets and static ones", async () => {
  const owner = { apiVersion: "apps/v1", kind: "DaemonSet", name: "d", uid: "u", controller: true };
  await using cluster = await startWithPods(
    { name: "plain" },
    { name: "daemon", ownerReferences: [owner] },
    { name: "static", annotations: { "kubernetes.io/config.mirror": "x" } },
  );
  await drainNode(cluster.client, "node", { signal });
  assert.deepEqual(await podNames(cluster), ["daemon", "static"]);
  const node = await cluster.client.get(resources.nodes, { name: "node" });
  assert.equal(node.spec?.unschedulable, true);
});

test("drainNode: a node that is not there is empty", async () => {
  await using cluster = await startWithPods();
  await drainNode(cluster.client, "nowhere", { signal });
});

test("drainNode: a disruption budget holds it up until it allows the eviction", async () => {
  await using cluster = await startWithPods({ name: "held", labels: { app: "x" } });
  const { client } = cluster;
  const key = { namespace: "default", name: "budget" };
  await client.create(resources.podDisruptionBudgets, {
    metadata: key,
    spec: { minAvailable: 1, selector: { matchLabels: { app: "x" } } },
  });
  // A pod that never ran is evicted whatever the budget.
  const running = { phase: "Running", conditions: [{ type: "Ready", status: "True" }] };
  const toRunning = { type: "merge", body: { status: running } } as const;
  await client.patch(resources.pods, { namespace: "default", name: "held" }, toRunning, { subresource: "status" });
  const allow = (disruptionsAllowed: number) => {
    const status = { observedGeneration: 1, disruptionsAllowed, currentHealthy: 1, desiredHealthy: 1, expectedPods: 1 };
    const patch = { type: "merge", body: { status } } as const;
    return client.patch(resources.podDisruptionBudgets, key, patch, { subresource: "status" });
  };
  await allow(0);
  const clock = new FakeClock();
  const waits: string[] = [];
  const waited = Promise.withResolvers<void>();
  const draining = drainNode(client, "node", {
    signal,
    clock,
    onWait(reason) {
      waits.push(reason);
      waited.resolve();
    },
  });
  await waited.promise;
  assert.equal(
    waits[0],
    "pod default/held cannot go yet: The disruption budget budget needs 1 healthy pods and has 1 currently",
  );
  const blockedClock = new FakeClock();
  const held = Promise.withResolvers<void>();
  const onWait = () => held.resolve();
  const blocked = drainNode(client, "node", { signal, clock: blockedClock, timeoutMs: 3000, onWait });
  const refused = assert.rejects(blocked, (error: Error & { hints: string[] }) => {
    assert.equal(error.message, "Cannot drain node node: 1 pod is still there after 3 s");
    assert.equal(error.hints[0], `pod default/held: ${waits[0]!.split("yet: ")[1]}`);
    return true;
  });
  await held.promise;
  await blockedClock.advance(3000);
  await refused;
  await allow(1);
  await clock.advance(5000);
  await draining;
  assert.deepEqual(await podNames(cluster), []);
});
