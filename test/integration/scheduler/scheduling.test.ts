import assert from "node:assert/strict";
import { test } from "node:test";
import { type Pod, resources } from "#kubernetes/api";
import { createInformerSet } from "#kubernetes/client";
import { createScheduler, type Plugin } from "#kubernetes/scheduler";
import { startTestCluster, type TestCluster } from "../../support/cluster/test-cluster.ts";
import { createNode } from "../../support/cluster/test-nodes.ts";

const namespace = "default";

function makePod(name: string, cpu = "1", spec: Partial<Pod["spec"]> = {}): Pod {
  const container = { name: "c", image: "x", resources: { requests: { cpu } } };
  return { metadata: { namespace, name }, spec: { containers: [container], ...spec } };
}

const create = ({ client }: TestCluster, pod: Pod) => client.create(resources.pods, pod);
const find = (pods: readonly Pod[], name: string) => pods.find(({ metadata }) => metadata.name === name);
const conditionOf = (pod: Pod | undefined, type = "PodScheduled") =>
  pod?.status?.conditions?.find((condition) => condition.type === type);

/** Resolves when the pod is on a node; answers which. */
async function placeOf({ until }: TestCluster, name: string): Promise<string> {
  const pods = await until(resources.pods, (found) => find(found, name)?.spec?.nodeName);
  return find(pods, name)!.spec!.nodeName!;
}

async function messageOf({ until }: TestCluster, name: string): Promise<string> {
  const pods = await until(resources.pods, (found) => conditionOf(find(found, name))?.status === "False");
  return conditionOf(find(pods, name))!.message!;
}

async function untilEvent({ until }: TestCluster, reason: string, note: string | RegExp) {
  const matches = (text = "") => (typeof note === "string" ? text === note : note.test(text));
  const wanted = (event: { reason?: string; note?: string }) => event.reason === reason && matches(event.note);
  const events = await until(resources.eventsV1Events, (found) => found.some(wanted));
  return events.find(wanted)!;
}

test("scheduler: a pod is bound, and people are told", async () => {
  await using cluster = await startTestCluster({ scheduler: {} });
  await createNode(cluster.client, "n");
  const created = await create(cluster, makePod("p"));
  assert.equal(await placeOf(cluster, "p"), "n");
  const pod = await cluster.client.get(resources.pods, { namespace, name: "p" });
  assert.deepEqual([conditionOf(pod)?.status, pod.metadata.uid], ["True", created.metadata.uid]);
  const event = await untilEvent(cluster, "Scheduled", "Successfully assigned default/p to n");
  assert.deepEqual(
    [event.type, event.action, event.reportingController, event.regarding?.name],
    ["Normal", "Binding", "default-scheduler", "p"],
  );
});

test("scheduler: why a pod fits nowhere is said; it is placed as soon as something has changed that helps", async () => {
  await using cluster = await startTestCluster({ scheduler: {} });
  const { client } = cluster;
  await createNode(client, "small", { allocatable: { cpu: "1" } });
  await createNode(client, "tainted", { taints: [{ key: "a", effect: "NoSchedule" }] });
  await create(cluster, makePod("p", "2"));
  const message =
    "0/2 nodes are available: 1 Insufficient cpu, 1 node(s) had untolerated taint(s). " +
    "no new claims to deallocate, preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.";
  assert.equal(await messageOf(cluster, "p"), message);
  const { type, action } = await untilEvent(cluster, "FailedScheduling", message);
  assert.deepEqual([type, action], ["Warning", "Scheduling"]);
  await client.patch(resources.nodes, { name: "tainted" }, { type: "merge", body: { spec: { taints: null } } });
  assert.equal(await placeOf(cluster, "p"), "tainted");
});

test("scheduler: nodes are filled and never overfilled, however many pods come at once", async () => {
  await using cluster = await startTestCluster({ scheduler: {} });
  for (const name of ["a", "b", "c"]) await createNode(cluster.client, name, { allocatable: { cpu: "3" } });
  await Promise.all(Array.from({ length: 30 }, (_, at) => create(cluster, makePod(`p${at}`))));
  const pods = await cluster.until(resources.pods, (found) =>
    found.every((pod) => pod.spec?.nodeName || conditionOf(pod)?.status === "False"),
  );
  const counts = Map.groupBy(pods, ({ spec }) => spec?.nodeName ?? "none");
  assert.deepEqual(
    ["a", "b", "c", "none"].map((name) => counts.get(name)?.length),
    [3, 3, 3, 21],
  );
  assert.ok(pods.filter(({ spec }) => !spec?.nodeName).every((pod) => conditionOf(pod)?.reason === "Unschedulable"));
  const [bound] = pods.filter(({ spec }) => spec?.nodeName === "a");
  await cluster.client.delete(resources.pods, { namespace, name: bound!.metadata.name! }, { gracePeriodSeconds: 0 });
  await cluster.until(resources.pods, (found) => found.filter(({ spec }) => spec?.nodeName === "a").length === 3);
});

test("scheduler: an important pod gets its room, which is kept for it until it is free", async () => {
  await using cluster = await startTestCluster({ scheduler: {} });
  const { client } = cluster;
  await createNode(client, "n");
  for (const [name, value] of [
    ["vip", 1000],
    ["medium", 10],
  ] as const) {
    await client.create(resources.priorityClasses, { metadata: { name }, value });
  }
  await create(cluster, makePod("low", "4"));
  await placeOf(cluster, "low");
  const vip = await create(cluster, makePod("vip", "3", { priorityClassName: "vip" }));
  await cluster.until(resources.pods, (found) => find(found, "vip")?.status?.nominatedNodeName === "n");
  const [victim] = (
    await cluster.until(resources.pods, (found) => find(found, "low")?.metadata.deletionTimestamp)
  ).filter(({ metadata }) => metadata.name === "low");
  const condition = conditionOf(victim, "DisruptionTarget");
  assert.deepEqual(
    [condition?.status, condition?.reason, condition?.message],
    ["True", "PreemptionByScheduler", "default-scheduler: preempting to accommodate a higher priority pod"],
  );
  await untilEvent(cluster, "Preempted", `Preempted by pod ${vip.metadata.uid} on node n`);
  await create(cluster, makePod("other", "2", { priorityClassName: "medium" }));
  await client.delete(resources.pods, { namespace, name: "low" }, { gracePeriodSeconds: 0 });
  assert.equal(await placeOf(cluster, "vip"), "n");
  assert.match(await messageOf(cluster, "other"), /1 Insufficient cpu/);
});

test("scheduler: gates hold a pod back until they are taken away", async () => {
  await using cluster = await startTestCluster({ scheduler: {} });
  await createNode(cluster.client, "n");
  await create(cluster, makePod("p", "1", { schedulingGates: [{ name: "example.com/wait" }] }));
  await create(cluster, makePod("free"));
  await placeOf(cluster, "free");
  const gated = await cluster.client.get(resources.pods, { namespace, name: "p" });
  assert.deepEqual([conditionOf(gated)?.reason, gated.spec?.nodeName], ["SchedulingGated", undefined]);
  const { spec, ...rest } = gated;
  const { schedulingGates: _gates, ...open } = spec!;
  await cluster.client.update(resources.pods, { ...rest, spec: open });
  assert.equal(await placeOf(cluster, "p"), "n");
});

test("scheduler: each profile looks after the pods that name it, others are left alone", async () => {
  const packing = { type: "MostAllocated" };
  const profiles = [
    { schedulerName: "default-scheduler" },
    { schedulerName: "packer", pluginConfig: [{ name: "NodeResourcesFit", args: { scoringStrategy: packing } }] },
  ];
  await using cluster = await startTestCluster({ scheduler: { profiles } });
  const { client } = cluster;
  await createNode(client, "a");
  await createNode(client, "b");
  await create(cluster, makePod("first", "1", { nodeSelector: { "kubernetes.io/hostname": "b" } }));
  await placeOf(cluster, "first");
  await create(cluster, makePod("stray", "1", { schedulerName: "somebody" }));
  await create(cluster, makePod("packed", "1", { schedulerName: "packer" }));
  assert.equal(await placeOf(cluster, "packed"), "b");
  await create(cluster, makePod("spread"));
  assert.equal(await placeOf(cluster, "spread"), "a");
  const stray = await client.get(resources.pods, { namespace, name: "stray" });
  assert.deepEqual([stray.spec?.nodeName, conditionOf(stray)], [undefined, undefined]);
});

test("createScheduler: takes up what it finds; plug-ins of one's own hold pods back and send them where they like", async () => {
  await using cluster = await startTestCluster();
  const { client } = cluster;
  await createNode(client, "a");
  await createNode(client, "b");
  await create(cluster, makePod("p"));
  let release = () => {};
  const informers = createInformerSet(client);
  const onlyB: Plugin = {
    name: "OnlyB",
    filter: (_state, _pod, node) =>
      node.name === "b" ? { code: "Success" } : { code: "Unschedulable", reasons: ["not b"], plugin: "OnlyB" },
    permit: () => ({ code: "Wait", timeoutMs: 60_000 }),
  };
  const config = { profiles: [{ plugins: { multiPoint: { enabled: [{ name: "OnlyB" }] } } }] };
  const waiting = Promise.withResolvers<void>();
  const scheduler = createScheduler({
    client,
    informers,
    config,
    plugins: {
      OnlyB: (_args, { waitingPods }) => {
        release = () => {
          for (const pod of waitingPods) pod.allow("OnlyB");
        };
        // After this comes permit, in the same turn.
        const reserve = (): { code: "Success" } => {
          setImmediate(waiting.resolve);
          return { code: "Success" };
        };
        return { ...onlyB, reserve };
      },
    },
  });
  try {
    scheduler.start();
    await waiting.promise;
    assert.equal((await client.get(resources.pods, { namespace, name: "p" })).spec?.nodeName, undefined);
    release();
    assert.equal(await placeOf(cluster, "p"), "b");
  } finally {
    await scheduler.stop();
    await informers.stop();
  }
});
