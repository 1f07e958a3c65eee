// KWOK's Stage objects: pods and nodes live by them where they speak of these, as fast as ever where they do not.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type StageObject, startCluster } from "#controlplane";
import { resources } from "#kubernetes/api";

const namespace = "default";

/** As a block in a YAML file would be. */
function dedent(text: string): string {
  const indent = /^\n( *)/.exec(text)?.[1] ?? "";
  return text.replaceAll(`\n${indent}`, "\n").trim();
}

function stage(name: string, kind: string, spec: object): StageObject {
  const resourceRef = { apiGroup: "v1", kind };
  return { apiVersion: "kwok.x-k8s.io/v1alpha1", kind: "Stage", metadata: { name }, spec: { resourceRef, ...spec } };
}

const status = (operator: string, ...values: string[]) => ({
  matchExpressions: [
    { key: ".metadata.deletionTimestamp", operator: "DoesNotExist" },
    { key: ".status.phase", operator, values },
  ],
});

const start = stage("start", "Pod", {
  selector: status("In", "Pending"),
  next: {
    event: { type: "Normal", reason: "Begun", message: "it begins" },
    statusTemplate: dedent(`
      phase: Running
      {{ with PodIPsWith .spec.nodeName ( or .spec.hostNetwork false ) .metadata.uid .metadata.name .metadata.namespace }}
      podIP: {{ index . 0 | Quote }}
      podIPs:
      {{ range . }}
      - ip: {{ . | Quote }}
      {{ end }}
      {{ end }}`),
  },
});
const crash = stage("crash", "Pod", {
  selector: status("In", "Running"),
  delay: { durationFrom: { expressionFrom: '.metadata.annotations["crash-after"]' } },
  steps: [{ patch: { subresource: "status", root: "status", template: "phase: Failed\nreason: Crashed" } }],
});
const vanish = stage("vanish", "Pod", {
  selector: { matchExpressions: [{ key: ".metadata.deletionTimestamp", operator: "Exists" }] },
  next: { finalizers: { empty: true }, delete: true },
});

test("stages: a pod goes from one to the next, and away, with its events", async () => {
  await using cluster = await startCluster({
    nodes: 1,
    controllers: [],
    scheduler: false,
    stages: [start, crash, vanish],
  });
  const { client } = cluster;
  await client.create(resources.serviceAccounts, { metadata: { namespace, name: "default" } });
  const spec = { nodeName: "node-1", containers: [{ name: "main", image: "registry.test/app:1" }] };
  const metadata = { namespace, name: "a", annotations: { "crash-after": "20ms" }, finalizers: ["example.com/held"] };
  await client.create(resources.pods, { metadata, spec });

  const seen: string[] = [];
  for await (const events of client.watch(resources.pods, { namespace, resourceVersion: "0" })) {
    for (const { type, object } of events) {
      seen.push(`${type} ${object.status?.phase} ${object.status?.reason ?? object.status?.podIP ?? ""}`.trim());
    }
    if (seen.at(-1) === "MODIFIED Failed Crashed") await client.delete(resources.pods, { namespace, name: "a" });
    if (seen.at(-1)?.startsWith("DELETED")) break;
  }
  assert.deepEqual(seen.slice(0, 3), ["ADDED Pending", "MODIFIED Running 100.64.0.2", "MODIFIED Failed Crashed"]);

  for await (const events of client.watch(resources.eventsV1Events, { namespace, resourceVersion: "0" })) {
    if (events.some(({ object }) => object.reason === "Begun")) break;
  }
});

test("stages: for nodes; pods are as fast as without", async () => {
  const node = stage("node", "Node", {
    selector: {
      matchExpressions: [
        { key: '.status.conditions.[] | select( .type == "Ready" ) | .status', operator: "NotIn", values: ["True"] },
      ],
    },
    next: {
      statusTemplate: dedent(`
        conditions:
        {{ range NodeConditions }}
        - lastHeartbeatTime: {{ Now | Quote }}
          lastTransitionTime: {{ Now | Quote }}
          message: {{ .message | Quote }}
          reason: {{ .reason | Quote }}
          status: {{ .status | Quote }}
          type: {{ .type | Quote }}
        {{ end }}
        nodeInfo:
          kubeletVersion: {{ printf "kwok-%s" Version }}
        phase: Running`),
    },
  });
  await using cluster = await startCluster({ controllers: [], scheduler: false, stages: [node] });
  const { client } = cluster;
  await client.create(resources.serviceAccounts, { metadata: { namespace, name: "default" } });
  await client.create(resources.nodes, { metadata: { name: "n", annotations: { "kwok.x-k8s.io/node": "fake" } } });
  for await (const events of client.watch(resources.nodes, { resourceVersion: "0" })) {
    const status = events.at(-1)?.object.status;
    if (status?.phase !== "Running") continue;
    assert.equal(status.nodeInfo?.kubeletVersion, "kwok-slipway");
    break;
  }
  const spec = { nodeName: "n", containers: [{ name: "main", image: "registry.test/app:1" }] };
  await client.create(resources.pods, { metadata: { namespace, name: "a" }, spec });
  for await (const events of client.watch(resources.pods, { namespace, resourceVersion: "0" })) {
    if (events.some(({ object }) => object.status?.phase === "Running")) break;
  }
});
