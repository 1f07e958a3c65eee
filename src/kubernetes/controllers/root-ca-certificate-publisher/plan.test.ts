import assert from "node:assert/strict";
import { test } from "node:test";
import type { ConfigMap } from "#kubernetes/api";
import { planConfigMap } from "./plan.ts";

test("planConfigMap: a missing one is made, a right one left alone", () => {
  const made = planConfigMap(undefined, "a", "CA");
  assert.deepEqual(made?.data, { "ca.crt": "CA" });
  assert.deepEqual([made?.metadata.namespace, made?.metadata.name], ["a", "kube-root-ca.crt"]);
  assert.equal(planConfigMap(made, "a", "CA"), undefined);
});

test("planConfigMap: other data, another certificate or a lost description are mended, labels and version kept", () => {
  const made = planConfigMap(undefined, "a", "CA")!;
  const present = { ...made, metadata: { ...made.metadata, labels: { x: "y" }, resourceVersion: "7" } };
  const wrongs: ConfigMap[] = [
    { ...present, data: { "ca.crt": "CA", more: "" } },
    { ...present, data: { "ca.crt": "other" } },
    { ...present, metadata: { ...present.metadata, annotations: { "kubernetes.io/description": "" } } },
  ];
  for (const wrong of wrongs) {
    assert.deepEqual(planConfigMap(wrong, "a", "CA"), present);
  }
});
