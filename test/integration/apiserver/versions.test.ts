// Resources that are served in two versions: one object, shown, changed and owned in either.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Ask, openPort } from "../../support/cluster/open-port.ts";
import { startTestCluster } from "../../support/cluster/test-cluster.ts";

interface Answered {
  readonly code?: number;
  readonly message?: string;
  readonly metadata: {
    readonly annotations?: Record<string, string>;
    readonly managedFields: readonly { manager: string; apiVersion: string; fieldsV1: Record<string, unknown> }[];
  };
  readonly spec: Record<string, unknown>;
  readonly [field: string]: unknown;
}

async function send(
  ask: Ask,
  method: string,
  path: string,
  body?: object,
  type = "application/json",
): Promise<Answered> {
  const init = { method, headers: { "content-type": type }, ...(body && { body: JSON.stringify(body) }) };
  return (await (await ask(path, init)).json()) as Answered;
}

const v1 = "/apis/autoscaling/v1/namespaces/default/horizontalpodautoscalers";
const v2 = "/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers";
const target = { apiVersion: "apps/v1", kind: "Deployment", name: "d" };
const memory = {
  type: "Resource",
  resource: { name: "memory", target: { type: "Utilization", averageUtilization: 70 } },
};
const cpu = { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 60 } } };

test("HorizontalPodAutoscaler: what v1 has no field for goes along in annotations", async () => {
  await using cluster = await startTestCluster();
  const ask = await openPort(cluster);
  const spec = { scaleTargetRef: target, maxReplicas: 3, metrics: [memory, cpu] };
  await send(ask, "POST", v2, { metadata: { name: "h" }, spec });
  const old = await send(ask, "GET", `${v1}/h`);
  assert.equal(old.spec["targetCPUUtilizationPercentage"], 60);
  assert.ok(old.metadata.annotations?.["autoscaling.alpha.kubernetes.io/metrics"]?.includes("memory"));
  const change = { ...old, spec: { ...old.spec, maxReplicas: 4 } };
  await send(ask, "PUT", `${v1}/h`, change);
  const current = await send(ask, "GET", `${v2}/h`);
  assert.deepEqual([current.spec["maxReplicas"], current.spec["metrics"]], [4, [memory, cpu]]);
  assert.equal(current.metadata.annotations, undefined);
});

test("HorizontalPodAutoscaler: fields are owned in the version they were written in", async () => {
  await using cluster = await startTestCluster();
  const ask = await openPort(cluster);
  const apply = "application/apply-patch+yaml";
  const old = { scaleTargetRef: target, maxReplicas: 3, targetCPUUtilizationPercentage: 60 };
  const applied = { apiVersion: "autoscaling/v1", kind: "HorizontalPodAutoscaler", metadata: { name: "h" }, spec: old };
  const first = await send(ask, "PATCH", `${v1}/h?fieldManager=one`, applied, apply);
  assert.deepEqual(
    first.metadata.managedFields.map(({ manager, apiVersion }) => [manager, apiVersion]),
    [["one", "autoscaling/v1"]],
  );
  const other = { ...applied, apiVersion: "autoscaling/v2", spec: { scaleTargetRef: target, maxReplicas: 9 } };
  const refused = await send(ask, "PATCH", `${v2}/h?fieldManager=two`, other, apply);
  assert.equal(refused.code, 409);
  assert.match(refused.message ?? "", /conflict with "one": \.spec\.maxReplicas/);
  const forced = await send(ask, "PATCH", `${v2}/h?fieldManager=two&force=true`, other, apply);
  const [one] = forced.metadata.managedFields.filter(({ manager }) => manager === "one");
  const owned = (one!.fieldsV1["f:spec"] ?? {}) as object;
  assert.deepEqual(Object.keys(owned).sort(), ["f:scaleTargetRef", "f:targetCPUUtilizationPercentage"]);
});

test("Event: the same one in both groups", async () => {
  await using cluster = await startTestCluster();
  const ask = await openPort(cluster);
  const regarding = { kind: "Pod", namespace: "default", name: "p" };
  const event = {
    metadata: { name: "e" },
    regarding,
    reason: "R",
    action: "A",
    note: "n",
    type: "Normal",
    eventTime: "2026-01-02T03:04:05.000006Z",
    reportingController: "example.com/c",
    reportingInstance: "i",
  };
  await send(ask, "POST", "/apis/events.k8s.io/v1/namespaces/default/events?fieldManager=new", event);
  const path = "/api/v1/namespaces/default/events/e";
  const shown = await send(ask, "GET", path);
  assert.deepEqual([shown["message"], shown["involvedObject"]], ["n", regarding]);
  const changed = await send(
    ask,
    "PATCH",
    `${path}?fieldManager=old`,
    { message: "m" },
    "application/merge-patch+json",
  );
  assert.equal(changed["message"], "m");
  const owned = changed.metadata.managedFields.map(({ manager, apiVersion, fieldsV1 }) => [
    manager,
    apiVersion,
    "f:note" in fieldsV1 || "f:message" in fieldsV1,
  ]);
  assert.deepEqual(owned, [
    ["new", "events.k8s.io/v1", false],
    ["old", "v1", true],
  ]);
});
