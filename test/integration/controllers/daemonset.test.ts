import assert from "node:assert/strict";
import { test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { type DaemonSet, type Pod, resources } from "#kubernetes/api";
import { startTestCluster, type TestCluster } from "../../support/cluster/test-cluster.ts";
import { createReadyNode, runPods } from "../../support/cluster/test-kubelet.ts";

const key = { namespace: "default", name: "agent" };
const controllers = ["daemonset"];

function daemonSet(spec: Partial<DaemonSet["spec"]> = {}): DaemonSet {
  return { metadata: key, spec: { selector: { matchLabels: { app: "agent" } }, template: template("v1"), ...spec } };
}

function template(image: string, more: Partial<Pod["spec"]> = {}) {
  return { metadata: { labels: { app: "agent" } }, spec: { containers: [{ name: "c", image }], ...more } };
}

const change = ({ client }: TestCluster, spec: object) =>
  client.patch(resources.daemonSets, key, { type: "merge", body: { spec } });

/** The node a daemon pod is meant for, before the scheduler has bound it. */
function targetOf({ spec }: Pod): string {
  const terms = spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  return terms?.[0]?.matchFields?.[0]?.values?.[0] ?? "";
}
const targets = (pods: readonly Pod[]) => pods.map(targetOf).toSorted();

/** What the scheduler does with daemon pods. */
async function bindToTargets(cluster: TestCluster): Promise<void> {
  const pods = cluster.informers.informer(resources.pods);
  pods.addHandler({
    added(pod) {
      const { namespace = "", name = "" } = pod.metadata;
      const target = { apiVersion: "v1", kind: "Node", name: targetOf(pod) };
      const body = { metadata: { name, namespace }, target };
      void cluster.client.createSubresource(resources.pods, { namespace, name }, "binding", body).catch(() => {});
    },
  });
  await pods.synced();
}

test("DaemonSet: a pod on every node that takes it, and none where it is not wanted", async () => {
  await using cluster = await startTestCluster({ controllers });
  const { client, until } = cluster;
  await bindToTargets(cluster);
  await runPods(cluster, { nodes: ["node-1", "node-2"] });
  await createReadyNode(client, "tainted");
  const taints = [{ key: "special", effect: "NoSchedule" }];
  await client.patch(resources.nodes, { name: "tainted" }, { type: "merge", body: { spec: { taints } } });
  await client.create(resources.daemonSets, daemonSet());
  await until(resources.pods, (found) => isDeepStrictEqual(targets(found), ["node-1", "node-2"]));
  const [set] = await until(resources.daemonSets, ([found]) => found?.status?.numberAvailable === 2);
  assert.deepEqual(
    { ...set?.status, conditions: undefined },
    {
      currentNumberScheduled: 2,
      desiredNumberScheduled: 2,
      numberAvailable: 2,
      numberMisscheduled: 0,
      numberReady: 2,
      observedGeneration: 1,
      updatedNumberScheduled: 2,
      conditions: undefined,
    },
  );
  await createReadyNode(client, "node-3");
  await until(resources.pods, (found) => isDeepStrictEqual(targets(found), ["node-1", "node-2", "node-3"]));
  await client.patch(
    resources.nodes,
    { name: "node-1" },
    { type: "merge", body: { metadata: { labels: { role: "x" } } } },
  );
  await change(cluster, { template: template("v1", { nodeSelector: { role: "x" } }) });
  await until(resources.pods, (found) => isDeepStrictEqual(targets(found), ["node-1"]));
});

test("DaemonSet: updates node by node", async () => {
  await using cluster = await startTestCluster({ controllers });
  const { client, until } = cluster;
  await bindToTargets(cluster);
  await runPods(cluster, { nodes: ["node-1", "node-2", "node-3"] });
  await client.create(resources.daemonSets, daemonSet());
  await until(resources.daemonSets, ([found]) => found?.status?.numberAvailable === 3);
  let least = 3;
  cluster.informers.informer(resources.daemonSets).addHandler({
    updated: ({ status }) => {
      least = Math.min(least, status?.numberAvailable ?? 0);
    },
  });
  await change(cluster, { template: template("v2") });
  await until(resources.daemonSets, ([found]) => {
    const { observedGeneration, updatedNumberScheduled, numberAvailable } = found?.status ?? {};
    return observedGeneration === 2 && updatedNumberScheduled === 3 && numberAvailable === 3;
  });
  assert.ok(least >= 2, `${least} were available`);
  const { items } = await client.list(resources.pods);
  assert.deepEqual(new Set(items.map(({ spec }) => spec?.containers[0]?.image)), new Set(["v2"]));
  assert.equal((await client.list(resources.controllerRevisions)).items.length, 2);
});

test("DaemonSet: with surge, the new pod is ready before the old one goes", async () => {
  await using cluster = await startTestCluster({ controllers });
  const { client, until } = cluster;
  await bindToTargets(cluster);
  await runPods(cluster, { nodes: ["node-1", "node-2"] });
  const updateStrategy = { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } };
  await client.create(resources.daemonSets, daemonSet({ updateStrategy }));
  await until(resources.daemonSets, ([found]) => found?.status?.numberAvailable === 2);
  const pods = cluster.informers.informer(resources.pods);
  let least = 2;
  const count = () => {
    const ready = pods
      .list()
      .filter(({ status }) => status?.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True"));
    least = Math.min(least, new Set(ready.map(({ spec }) => spec?.nodeName)).size);
  };
  const stop = pods.addHandler({ updated: count, deleted: count });
  await change(cluster, { template: template("v2") });
  await until(resources.pods, (found) => {
    return found.length === 2 && found.every(({ spec }) => spec?.containers[0]?.image === "v2");
  });
  stop();
  assert.equal(least, 2);
});

test("DaemonSet: failed pods are replaced", async () => {
  await using cluster = await startTestCluster({ controllers });
  const { client, until } = cluster;
  await bindToTargets(cluster);
  const kubelet = await runPods(cluster);
  await client.create(resources.daemonSets, daemonSet());
  const [first] = await until(resources.pods, ([found]) => found?.status?.phase === "Running");
  await kubelet.set(first!, "failed");
  await until(resources.pods, ([found]) => {
    return found?.metadata.uid !== first?.metadata.uid && found?.status?.phase === "Running";
  });
  await until(resources.events, (events) => events.some(({ reason }) => reason === "FailedDaemonPod"));
});
