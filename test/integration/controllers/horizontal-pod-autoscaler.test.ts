import assert from "node:assert/strict";
import { test } from "node:test";
import { type HorizontalPodAutoscaler, type MetricSpec, resources } from "#kubernetes/api";
import { FakeClock } from "#shared";
import { startTestCluster, type TestCluster } from "../../support/cluster/test-cluster.ts";
import { runPods } from "../../support/cluster/test-kubelet.ts";

const namespace = "default";
const controllers = ["horizontalpodautoscaling", "deployment", "replicaset"];

async function makeWorkload({ client, until }: TestCluster, replicas: number): Promise<void> {
  const container = { name: "c", image: "x", resources: { requests: { cpu: "1", memory: "100Mi" } } };
  await client.create(resources.deployments, {
    metadata: { name: "web", namespace },
    spec: {
      replicas,
      selector: { matchLabels: { app: "web" } },
      template: { metadata: { labels: { app: "web" } }, spec: { containers: [container] } },
    },
  });
  await until(resources.deployments, ([found]) => found?.status?.availableReplicas === replicas);
}

function autoscaler(minReplicas: number, maxReplicas: number, ...metrics: MetricSpec[]): HorizontalPodAutoscaler {
  const scaleTargetRef = { apiVersion: "apps/v1", kind: "Deployment", name: "web" };
  return { metadata: { name: "web", namespace }, spec: { scaleTargetRef, minReplicas, maxReplicas, metrics } };
}

const cpu = (averageUtilization: number): MetricSpec => ({
  type: "Resource",
  resource: { name: "cpu", target: { type: "Utilization", averageUtilization } },
});

const conditionOf = (found: HorizontalPodAutoscaler | undefined, type: string) => {
  const condition = found?.status?.conditions?.find((one) => one.type === type);
  return [condition?.status, condition?.reason, condition?.message];
};

test("HorizontalPodAutoscaler: bounds hold without metrics, and what is missing is said", async () => {
  await using cluster = await startTestCluster({ controllers });
  const { client, until } = cluster;
  await runPods(cluster);
  await makeWorkload(cluster, 5);
  await client.create(resources.horizontalPodAutoscalers, autoscaler(1, 3, cpu(50)));
  await until(resources.deployments, ([found]) => found?.spec?.replicas === 3);
  await until(resources.events, (events) =>
    events.some(({ reason, message }) => {
      const expected = "New size: 3; reason: Current number of replicas above Spec.MaxReplicas";
      return reason === "SuccessfulRescale" && message === expected;
    }),
  );
  await client.patch(
    resources.horizontalPodAutoscalers,
    { namespace, name: "web" },
    { type: "merge", body: { spec: { maxReplicas: 9 } } },
  );
  const [found] = await until(resources.horizontalPodAutoscalers, ([one]) => conditionOf(one, "ScalingActive")[0]);
  assert.deepEqual(conditionOf(found, "ScalingActive"), [
    "False",
    "FailedGetResourceMetric",
    "the HPA was unable to compute the replica count: failed to get cpu utilization: unable to get metrics for resource cpu: unable to fetch metrics from resource metrics API: the server could not find the requested resource (get pods.metrics.k8s.io)",
  ]);
});

test("HorizontalPodAutoscaler: follows CPU, and goes down only when things have settled", async () => {
  const clock = new FakeClock();
  let usage = "1";
  let names: readonly string[] = [];
  const paths = new Set<string>();
  const aggregated = (path: string) => {
    if (!path.startsWith("/apis/metrics.k8s.io/")) return undefined;
    paths.add(path);
    const timestamp = new Date(clock.now()).toISOString();
    const items = names.map((name) => ({
      metadata: { name, namespace },
      timestamp,
      window: "15s",
      containers: [{ name: "c", usage: { cpu: usage, memory: "50Mi" } }],
    }));
    return { kind: "PodMetricsList", apiVersion: "metrics.k8s.io/v1beta1", metadata: {}, items };
  };
  await using cluster = await startTestCluster({ controllers, clock, aggregated });
  const { client, until, rest, informers } = cluster;
  await runPods(cluster, { clock });
  await makeWorkload(cluster, 2);
  const look = async (ms: number) => {
    await rest();
    names = informers
      .informer(resources.pods)
      .list(namespace)
      .map(({ metadata }) => metadata.name ?? "");
    await clock.advance(ms);
    await rest();
  };
  await look(400_000);
  await client.create(resources.horizontalPodAutoscalers, autoscaler(1, 9, cpu(50)));
  await until(resources.deployments, ([found]) => found?.status?.availableReplicas === 4);
  const [found] = await until(resources.horizontalPodAutoscalers, ([one]) => one?.status?.desiredReplicas === 4);
  assert.deepEqual(found?.status?.currentMetrics, [
    { type: "Resource", resource: { name: "cpu", current: { averageUtilization: 100, averageValue: "1" } } },
  ]);
  assert.deepEqual([...paths], ["/apis/metrics.k8s.io/v1beta1/namespaces/default/pods?labelSelector=app%3Dweb"]);

  usage = "50m";
  for (let seconds = 0; seconds < 285; seconds += 15) await look(15_000);
  assert.equal((await client.get(resources.deployments, { namespace, name: "web" })).spec?.replicas, 4);
  const [waits] = await until(resources.horizontalPodAutoscalers, (all) => all);
  assert.equal(conditionOf(waits, "AbleToScale")[1], "ScaleDownStabilized");
  for (let seconds = 0; seconds < 60; seconds += 15) await look(15_000);
  await until(resources.deployments, ([one]) => one?.spec?.replicas === 1);
});

test("HorizontalPodAutoscaler: the most of several metrics counts, from all three APIs", async () => {
  const answers: Record<string, object> = {
    "/apis/custom.metrics.k8s.io": { preferredVersion: { version: "v1beta2" } },
    "/apis/custom.metrics.k8s.io/v1beta2/namespaces/default/ingresses.networking.k8s.io/main/requests": {
      items: [{ timestamp: "2026-01-01T00:00:00Z", value: "400" }],
    },
    "/apis/external.metrics.k8s.io/v1beta1/namespaces/default/queue?labelSelector=name%3Djobs": {
      items: [{ timestamp: "2026-01-01T00:00:00Z", value: "30" }, { value: "30" }],
    },
  };
  await using cluster = await startTestCluster({ controllers, aggregated: (path) => answers[path] });
  const { client, until } = cluster;
  await runPods(cluster);
  await makeWorkload(cluster, 2);
  const describedObject = { apiVersion: "networking.k8s.io/v1", kind: "Ingress", name: "main" };
  const selector = { matchLabels: { name: "jobs" } };
  const spec = autoscaler(
    1,
    9,
    {
      type: "Object",
      object: { describedObject, metric: { name: "requests" }, target: { type: "Value", value: "300" } },
    },
    {
      type: "External",
      external: { metric: { name: "queue", selector }, target: { type: "AverageValue", averageValue: "15" } },
    },
  );
  await client.create(resources.horizontalPodAutoscalers, spec);
  await until(resources.deployments, ([found]) => found?.spec?.replicas === 4);
  const [found] = await until(resources.horizontalPodAutoscalers, ([one]) => one?.status?.desiredReplicas === 4);
  assert.deepEqual(
    found?.status?.currentMetrics?.map(({ object, external }) => object?.current ?? external?.current),
    [{ value: "400" }, { averageValue: "30" }],
  );
  await until(resources.events, (events) =>
    events.some(({ message }) => message?.startsWith("New size: 4; reason: external metric queue(&LabelSelector{")),
  );
});
