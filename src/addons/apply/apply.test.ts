import assert from "node:assert/strict";
import { test } from "node:test";
import { whyNotReady } from "./readiness.ts";
import { isReplaceable } from "./replaceable.ts";
import { inRemovalOrder, inWaves } from "./waves.ts";

const object = (apiVersion: string, kind: string) => ({ apiVersion, kind, metadata: { name: "x" } });

test("inWaves: what others need first, what is called for others last; removal goes the other way", () => {
  const waves = inWaves([
    object("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration"),
    object("example.com/v1", "Widget"),
    object("apps/v1", "Deployment"),
    object("apiextensions.k8s.io/v1", "CustomResourceDefinition"),
    object("v1", "Namespace"),
  ]);
  assert.deepEqual(
    waves.map(({ rank, objects }) => [rank, objects[0]?.kind]),
    [
      ["namespaces", "Namespace"],
      ["definitions", "CustomResourceDefinition"],
      ["built-in", "Deployment"],
      ["custom", "Widget"],
      ["interceptors", "ValidatingWebhookConfiguration"],
    ],
  );
  assert.deepEqual(
    inRemovalOrder(["Namespace", "Deployment.apps", "Widget.example.com", "APIService.apiregistration.k8s.io"]),
    [["APIService.apiregistration.k8s.io"], ["Widget.example.com"], ["Deployment.apps"], ["Namespace"]],
  );
});

test("whyNotReady: from each kind's status, in words", () => {
  const deployment = (status: object, generation = 2) => ({
    ...object("apps/v1", "Deployment"),
    metadata: { name: "x", generation },
    spec: { replicas: 2 },
    status,
  });
  assert.equal(whyNotReady(deployment({ observedGeneration: 1 })), "is not looked at yet");
  const seen = { observedGeneration: 2 };
  assert.equal(whyNotReady(deployment({ ...seen, updatedReplicas: 2, availableReplicas: 1 })), "1 of 2 pods ready");
  const whole = { ...seen, replicas: 3, updatedReplicas: 2, availableReplicas: 2 };
  assert.equal(whyNotReady(deployment(whole)), "1 pods of the version before");
  assert.equal(whyNotReady(deployment({ ...whole, replicas: 2 })), undefined);
  const job = (type: string) => ({
    ...object("batch/v1", "Job"),
    status: { conditions: [{ type, status: "True", message: "too many" }] },
  });
  assert.equal(whyNotReady(job("Failed")), "too many");
  assert.equal(whyNotReady(job("Complete")), undefined);
  assert.equal(whyNotReady(object("apiextensions.k8s.io/v1", "CustomResourceDefinition")), "is not established");
  assert.equal(whyNotReady(object("v1", "ConfigMap")), undefined);
});

test("isReplaceable: what holds nothing always, what stops pods on request, what holds data never", () => {
  assert.ok(isReplaceable("Job", false) && !isReplaceable("Deployment", false) && isReplaceable("Deployment", true));
  assert.ok(!isReplaceable("PersistentVolumeClaim", true) && !isReplaceable("Namespace", true));
});
