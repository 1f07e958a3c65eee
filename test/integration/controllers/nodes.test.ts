import assert from "node:assert/strict";
import { test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { type Node, type Pod, resources } from "#kubernetes/api";
import { formatMicroTime, formatTime } from "#kubernetes/runtime";
import { FakeClock } from "#shared";
import { startTestCluster, type TestCluster } from "../../support/cluster/test-cluster.ts";
import { createReadyNode, runPods } from "../../support/cluster/test-kubelet.ts";

const controllers = ["nodelifecycle", "taint-eviction-controller"];

const taintsOf = (node: Node | undefined) =>
  (node?.spec?.taints ?? []).map(({ key, effect }) => `${key.replace("node.kubernetes.io/", "")}:${effect}`).toSorted();
const byName = (nodes: readonly Node[], name: string) => nodes.find(({ metadata }) => metadata.name === name);
const readyOf = (node: Node | undefined) => node?.status?.conditions?.find(({ type }) => type === "Ready");

function pod(name: string, more: Partial<Pod["spec"]> = {}): Pod {
  return {
    metadata: { name, namespace: "default" },
    spec: { containers: [{ name: "c", image: "x" }], ...more },
  };
}

/** As a kubelet does it every ten seconds. */
async function renew({ client }: TestCluster, name: string, clock: FakeClock): Promise<void> {
  const key = { namespace: "kube-node-lease", name };
  const renewTime = formatMicroTime(clock.now());
  const body = { spec: { holderIdentity: name, renewTime } };
  await client
    .patch(resources.leases, key, { type: "merge", body })
    .catch(() => client.create(resources.leases, { metadata: key, ...body }));
}

test("Nodes: what is wrong with one keeps pods away", async () => {
  await using cluster = await startTestCluster({ controllers });
  const { client, until } = cluster;
  await createReadyNode(client, "node-1");
  await client.patch(resources.nodes, { name: "node-1" }, { type: "merge", body: { spec: { unschedulable: true } } });
  await until(resources.nodes, ([node]) => isDeepStrictEqual(taintsOf(node), ["unschedulable:NoSchedule"]));
  const conditions = [{ type: "DiskPressure", status: "True" }];
  const patch = { type: "strategic", body: { status: { conditions } } } as const;
  await client.patch(resources.nodes, { name: "node-1" }, patch, { subresource: "status" });
  await client.patch(resources.nodes, { name: "node-1" }, { type: "merge", body: { spec: { unschedulable: false } } });
  await until(resources.nodes, ([node]) => isDeepStrictEqual(taintsOf(node), ["disk-pressure:NoSchedule"]));
  await until(resources.events, (events) =>
    events.some(({ reason, message }) => {
      return reason === "RegisteredNode" && message === "Node node-1 event: Registered Node node-1 in Controller";
    }),
  );
});

test("Nodes: a silent one is noticed, its pods are not ready, and leave after a while", async () => {
  const clock = new FakeClock();
  await using cluster = await startTestCluster({ controllers, clock });
  const { client, until, rest } = cluster;
  await runPods(cluster, { clock, nodes: ["node-1", "node-2"] });
  for (const name of ["a", "b"]) await client.create(resources.pods, pod(name));
  await until(resources.pods, (pods) => {
    return pods.length === 2 && pods.every(({ status }) => status?.conditions?.[0]?.status === "True");
  });
  const [silent] = (await client.list(resources.pods)).items.filter(({ spec }) => spec?.nodeName === "node-2");
  for (let seconds = 0; seconds < 60; seconds += 10) {
    await renew(cluster, "node-1", clock);
    await rest();
    await clock.advance(10_000);
  }
  const nodes = await until(resources.nodes, (found) => readyOf(byName(found, "node-2"))?.status === "Unknown");
  assert.equal(readyOf(byName(nodes, "node-1"))?.status, "True");
  assert.equal(readyOf(byName(nodes, "node-2"))?.reason, "NodeStatusUnknown");
  await until(resources.nodes, (found) =>
    isDeepStrictEqual(taintsOf(byName(found, "node-2")), ["unreachable:NoExecute", "unreachable:NoSchedule"]),
  );
  await until(resources.pods, (pods) => {
    const found = pods.find(({ metadata }) => metadata.uid === silent?.metadata.uid);
    return found?.status?.conditions?.find(({ type }) => type === "Ready")?.status === "False";
  });
  await until(resources.events, (events) => events.some(({ reason }) => reason === "NodeNotReady"));

  // The default toleration of five minutes, from when it is known that the pod is to go.
  await rest();
  for (let seconds = 0; seconds < 280; seconds += 10) {
    await renew(cluster, "node-1", clock);
    await clock.advance(10_000);
  }
  await rest();
  await until(resources.pods, (pods) => pods.length === 2);
  for (let seconds = 0; seconds < 30; seconds += 10) {
    await renew(cluster, "node-1", clock);
    await clock.advance(10_000);
  }
  await until(resources.pods, (pods) => pods.length === 1);
  await until(resources.events, (events) => {
    return events.some(({ reason, message }) => {
      const expected = `Marking for deletion Pod default/${silent?.metadata.name}`;
      return reason === "TaintManagerEviction" && message === expected;
    });
  });
});

test("Nodes: one that comes back loses its taints, and its pods stay", async () => {
  const clock = new FakeClock();
  await using cluster = await startTestCluster({ controllers, clock });
  const { client, until, rest } = cluster;
  await runPods(cluster, { clock, nodes: ["node-1", "node-2"] });
  await client.create(resources.pods, pod("a", { nodeName: "node-2" }));
  await until(resources.pods, ([found]) => found?.status?.phase === "Running");
  for (let seconds = 0; seconds < 60; seconds += 10) {
    await renew(cluster, "node-1", clock);
    await rest();
    await clock.advance(10_000);
  }
  await until(resources.nodes, (found) => taintsOf(byName(found, "node-2")).length === 2);
  // The eviction of the pod is planned, lest there be nothing to call off.
  await rest();
  const time = formatTime(clock.now());
  const conditions = [{ type: "Ready", status: "True", lastHeartbeatTime: time, lastTransitionTime: time }];
  const patch = { type: "strategic", body: { status: { conditions } } } as const;
  await client.patch(resources.nodes, { name: "node-2" }, patch, { subresource: "status" });
  await until(resources.nodes, (found) => taintsOf(byName(found, "node-2")).length === 0);
  await until(resources.events, (events) => {
    return events.some(({ message }) => message === "Cancelling deletion of Pod default/a");
  });
  await rest();
  await clock.advance(40_000);
  await until(resources.pods, (pods) => pods.length === 1);
});

test("Nodes: when all fall silent, none loses its pods", async () => {
  const clock = new FakeClock();
  await using cluster = await startTestCluster({ controllers, clock });
  const { client, until, rest } = cluster;
  await runPods(cluster, { clock, nodes: ["node-1", "node-2", "node-3"] });
  await client.create(resources.pods, pod("a"));
  await until(resources.pods, ([found]) => found?.status?.phase === "Running");
  await rest();
  await clock.advance(60_000);
  await until(resources.nodes, (nodes) => nodes.every((node) => readyOf(node)?.status === "Unknown"));
  await rest();
  await clock.advance(1_000_000);
  await rest();
  await until(resources.nodes, (nodes) => {
    return nodes.every((node) => isDeepStrictEqual(taintsOf(node), ["unreachable:NoSchedule"]));
  });
  await until(resources.pods, (pods) => pods.length === 1);
});

test("Nodes: a NoExecute taint takes pods that do not tolerate it", async () => {
  await using cluster = await startTestCluster({ controllers: ["taint-eviction-controller"] });
  const { client, until } = cluster;
  const kubelet = await runPods(cluster);
  await client.create(resources.pods, pod("goes"));
  await client.create(resources.pods, pod("stays", { tolerations: [{ key: "maintenance", operator: "Exists" }] }));
  await until(resources.pods, (pods) => pods.length === 2 && pods.every(({ status }) => status?.phase === "Running"));
  kubelet.stop();
  const taints = [{ key: "maintenance", effect: "NoExecute" }];
  await client.patch(resources.nodes, { name: "node-1" }, { type: "merge", body: { spec: { taints } } });
  const pods = await until(resources.pods, (found) => found.some(({ metadata }) => metadata.deletionTimestamp));
  const evicted = pods.find(({ metadata }) => metadata.name === "goes");
  assert.deepEqual(
    evicted?.status?.conditions
      ?.filter(({ type }) => type === "DisruptionTarget")
      .map(({ status, reason, message }) => [status, reason, message]),
    [["True", "DeletionByTaintManager", "Taint manager: deleting due to NoExecute taint"]],
  );
  assert.equal(pods.find(({ metadata }) => metadata.name === "stays")?.metadata.deletionTimestamp, undefined);
});

test("Nodes: each gets a range of pod addresses, and gives it back", async () => {
  const nodeIpam = { podCIDRs: ["10.244.0.0/22", "fd00:10:244::/56"], serviceCIDRs: ["10.244.0.0/24"] };
  await using cluster = await startTestCluster({ controllers: ["nodeipam"], settings: { nodeIpam } });
  const { client, until } = cluster;
  const rangesOf = (nodes: readonly Node[]) => nodes.map(({ spec }) => spec?.podCIDRs?.join()).toSorted();
  for (const name of ["node-1", "node-2", "node-3"]) await client.create(resources.nodes, { metadata: { name } });
  const nodes = await until(resources.nodes, (found) => found.every(({ spec }) => spec?.podCIDRs));
  assert.deepEqual(rangesOf(nodes), [
    "10.244.1.0/24,fd00:10:244::/64",
    "10.244.2.0/24,fd00:10:244:1::/64",
    "10.244.3.0/24,fd00:10:244:2::/64",
  ]);
  await client.create(resources.nodes, { metadata: { name: "node-4" } });
  await until(resources.events, (events) => {
    return events.some(({ message }) => message === "Node node-4 status is now: CIDRNotAvailable");
  });
  const gone = nodes.find(({ spec }) => spec?.podCIDR === "10.244.2.0/24");
  await client.delete(resources.nodes, { name: gone?.metadata.name ?? "" });
  const left = await until(resources.nodes, (found) => found.every(({ spec }) => spec?.podCIDRs));
  assert.equal(byName(left, "node-4")?.spec?.podCIDR, "10.244.2.0/24");
});
