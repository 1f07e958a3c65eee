// What controllers and scheduler report in a control plane of one process: in the API server's /metrics, under upstream's names.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type ControlPlane, startControlPlane } from "#controlplane";
import { resources } from "#kubernetes/api";
import { openMemoryStore } from "#kubernetes/store";
import { silentLogger } from "#shared";
import { createComponentMetrics } from "../../../src/controlplane/component-metrics.ts";

const namespace = "default";
const user = { name: "admin", groups: ["system:masters", "system:authenticated"] };

async function start(context: TestContext): Promise<ControlPlane> {
  const store = openMemoryStore();
  const controlPlane = startControlPlane({
    apiServer: { store, storeUpkeep: { size: async () => 4096 } },
    controllers: ["deployment-controller", "replicaset-controller", "serviceaccount-controller"],
    simulation: { nodes: [{ name: "node-1" }] },
    metrics: createComponentMetrics(),
    logger: silentLogger,
  });
  context.after(async () => {
    await controlPlane.stop();
    await store.close();
  });
  await controlPlane.apiServer.ready;
  await controlPlane.nodesReady;
  return controlPlane;
}

async function read({ apiServer }: ControlPlane, path: string): Promise<string> {
  const answer = await apiServer.handler({ method: "GET", path, query: new URLSearchParams(), headers: {}, user });
  assert.ok(answer.kind === "bytes" && answer.body instanceof Uint8Array);
  return Buffer.from(answer.body).toString();
}

async function runDeployment({ client }: ControlPlane): Promise<void> {
  const labels = { app: "web" };
  const template = { metadata: { labels }, spec: { containers: [{ name: "main", image: "web" }] } };
  const spec = { replicas: 2, selector: { matchLabels: labels }, template };
  const signal = AbortSignal.timeout(60_000);
  await client.create(resources.deployments, { metadata: { name: "web", namespace }, spec });
  const bound = new Set<string>();
  for await (const events of client.watch(resources.pods, { namespace, resourceVersion: "0", signal })) {
    for (const { object } of events) if (object.spec?.nodeName) bound.add(object.metadata.name!);
    if (bound.size === 2) return;
  }
  assert.fail("the pods were not bound");
}

test("/metrics: work queues, requests of components and the scheduler", async (context) => {
  const controlPlane = await start(context);
  await runDeployment(controlPlane);
  const lines = [
    /^workqueue_adds_total\{name="deployment"\} [1-9]/m,
    /^workqueue_depth\{name="deployment"\} \d/m,
    /^workqueue_queue_duration_seconds_count\{name="replicaset"\} [1-9]/m,
    /^workqueue_work_duration_seconds_count\{name="replicaset"\} [1-9]/m,
    /^workqueue_unfinished_work_seconds\{name="deployment"\} \d/m,
    /^workqueue_longest_running_processor_seconds\{name="deployment"\} \d/m,
    /^rest_client_requests_total\{code="201",method="POST",host="in-process"\} [1-9]/m,
    /^rest_client_request_duration_seconds_count\{verb="POST",host="in-process"\} [1-9]/m,
    /^running_managed_controllers\{name="deployment-controller",manager="kube-controller-manager"\} 1$/m,
    /^scheduler_schedule_attempts_total\{result="scheduled",profile="default-scheduler"\} 2$/m,
    /^scheduler_pending_pods\{queue="active"\} 0$/m,
    /^scheduler_pod_scheduling_attempts_count 2$/m,
    /^scheduler_framework_extension_point_duration_seconds_count\{extension_point="PreFilter",status="Success",profile="default-scheduler"\} 2$/m,
    /^scheduler_framework_extension_point_duration_seconds_count\{extension_point="Bind",status="Success",profile="default-scheduler"\} 2$/m,
    /^apiserver_storage_size_bytes\{storage_cluster_id="storage-0"\} 4096$/m,
  ];
  // What a binding or a reconcile has taken is noted after others have seen what it did.
  const signal = AbortSignal.timeout(30_000);
  let text = await read(controlPlane, "/metrics");
  const missing = () => lines.filter((line) => !line.test(text));
  while (missing().length > 0 && !signal.aborted) {
    await new Promise((resolve) => setImmediate(resolve));
    text = await read(controlPlane, "/metrics");
  }
  assert.deepEqual(missing(), []);
  const types = [...text.matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name);
  assert.equal(new Set(types).size, types.length, "no metric is told of twice");
});

test("/metrics: every metric that upstream calls stable", async (context) => {
  const controlPlane = await start(context);
  await read(controlPlane, "/metrics/slis");
  const text = (await read(controlPlane, "/metrics")) + (await read(controlPlane, "/metrics/slis"));
  const served = new Set([...text.matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name));
  const path = join(import.meta.dirname, "../../fixtures/metrics/stable-control-plane.txt");
  const names = (await readFile(path, "utf8")).trim().split("\n");
  assert.deepEqual(
    names.filter((name) => !served.has(name)),
    [],
  );
});
