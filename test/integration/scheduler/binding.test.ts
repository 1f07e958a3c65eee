import assert from "node:assert/strict";
import { test } from "node:test";
import { type Pod, resources } from "#kubernetes/api";
import { createInformerSet } from "#kubernetes/client";
import { createScheduler, type Plugin, type PluginFactory, type Scheduler } from "#kubernetes/scheduler";
import { FakeClock } from "#shared";
import { startTestCluster, type TestCluster } from "../../support/cluster/test-cluster.ts";
import { createNode } from "../../support/cluster/test-nodes.ts";

const namespace = "default";

interface Scene extends AsyncDisposable {
  readonly cluster: TestCluster;
  /** The scheduler's own; the rest of the cluster goes by the machine's. */
  readonly clock: FakeClock;
  readonly scheduler: Scheduler;
}

/** A scheduler with one more plug-in, and one node that takes one pod. */
async function startScene(plugin: Plugin): Promise<Scene> {
  const cluster = await startTestCluster();
  await createNode(cluster.client, "n", { allocatable: { pods: "1" } });
  const clock = new FakeClock(Date.now());
  const informers = createInformerSet(cluster.client);
  const factory: PluginFactory = () => plugin;
  const enabled = plugin.bind ? { bind: { enabled: [{ name: plugin.name }], disabled: [{ name: "*" }] } } : {};
  const plugins = { multiPoint: { enabled: [{ name: plugin.name }] }, ...enabled };
  const config = { profiles: [{ plugins }] };
  const options = { client: cluster.client, informers, clock, config, plugins: { [plugin.name]: factory } };
  const scheduler = createScheduler(options);
  scheduler.start();
  return {
    cluster,
    clock,
    scheduler,
    async [Symbol.asyncDispose]() {
      await scheduler.stop();
      await informers.stop();
      await cluster[Symbol.asyncDispose]();
    },
  };
}

function makePod(name: string): Pod {
  return { metadata: { namespace, name }, spec: { containers: [{ name: "c", image: "x" }] } };
}

const conditionOf = (pod: Pod | undefined) => pod?.status?.conditions?.find(({ type }) => type === "PodScheduled");

test("scheduler: a binding that fails gives the place back, and the pod is tried again after its back-off", async () => {
  let failures = 1;
  const binder: Plugin = {
    name: "Flaky",
    async bind({ name, uid }, nodeName) {
      if (failures-- > 0) throw new Error("out of order");
      const target = { kind: "Node", name: nodeName };
      const binding = { metadata: { namespace, name, uid }, target };
      await scene.cluster.client.createSubresource(resources.pods, { namespace, name }, "binding", binding);
      return { code: "Success" };
    },
  };
  await using scene = await startScene(binder);
  const { client, until } = scene.cluster;
  await client.create(resources.pods, makePod("p"));
  const [failed] = await until(resources.pods, ([pod]) => conditionOf(pod)?.status === "False");
  const condition = conditionOf(failed);
  assert.deepEqual(
    [condition?.reason, condition?.message],
    ["SchedulerError", 'running Bind plugin "Flaky": out of order'],
  );
  assert.deepEqual(scene.scheduler.pending, { active: 0, backoff: 1, unschedulable: 0, gated: 0 });
  await scene.clock.advance(3000);
  await until(resources.pods, ([pod]) => pod?.spec?.nodeName === "n");
});

test("scheduler: a pod held back keeps its place for as long as it may, and no longer", async () => {
  const permit: Plugin = {
    name: "Hold",
    events: [],
    permit: (_state, { name }) => (name === "held" ? { code: "Wait", timeoutMs: 60_000 } : { code: "Success" }),
  };
  await using scene = await startScene(permit);
  const { client, until } = scene.cluster;
  await client.create(resources.pods, makePod("held"));
  await until(resources.pods, ([pod]) => pod?.status?.nominatedNodeName === "n");
  await client.create(resources.pods, makePod("next"));
  const pods = await until(resources.pods, (found) =>
    found.some((pod) => pod.metadata.name === "next" && conditionOf(pod)?.status === "False"),
  );
  const next = pods.find(({ metadata }) => metadata.name === "next");
  assert.match(conditionOf(next)?.message ?? "", /^0\/1 nodes are available: 1 Too many pods\./);
  await scene.clock.advance(61_000);
  const after = await until(resources.pods, (found) =>
    found.some((pod) => pod.metadata.name === "held" && conditionOf(pod)?.status === "False"),
  );
  const loser = after.find(({ metadata }) => metadata.name === "held");
  assert.equal(
    conditionOf(loser)?.message,
    "0/1 nodes are available: 1 rejected due to timeout after waiting 60s at plugin Hold.",
  );
  await scene.clock.advance(11_000);
  await until(resources.pods, (found) =>
    found.some(({ metadata, spec }) => metadata.name === "next" && spec?.nodeName === "n"),
  );
});

test("scheduler: a pod deleted while it is held back leaves its place to the next", async () => {
  const permit: Plugin = {
    name: "Hold",
    events: [],
    permit: (_state, { name }) => (name === "held" ? { code: "Wait", timeoutMs: 60_000 } : { code: "Success" }),
  };
  await using scene = await startScene(permit);
  const { client, until } = scene.cluster;
  await client.create(resources.pods, makePod("held"));
  await until(resources.pods, ([pod]) => pod?.status?.nominatedNodeName === "n");
  await client.create(resources.pods, makePod("next"));
  await until(resources.pods, (found) => found.some((pod) => conditionOf(pod)?.status === "False"));
  await client.delete(resources.pods, { namespace, name: "held" }, { gracePeriodSeconds: 0 });
  await scene.clock.advance(3000);
  await until(resources.pods, ([pod]) => pod?.metadata.name === "next" && pod.spec?.nodeName === "n");
});
