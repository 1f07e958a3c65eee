import assert from "node:assert/strict";
import { test } from "node:test";
import { findImages } from "./find-images.ts";

test("findImages: of containers wherever a pod's template lies, and of nothing else", () => {
  const pod = {
    initContainers: [{ name: "a", image: "init:1" }],
    containers: [{ image: "app:1" }, { image: "app:1" }],
  };
  const objects = [
    { kind: "Pod", spec: pod },
    { kind: "CronJob", spec: { jobTemplate: { spec: { template: { spec: { containers: [{ image: "job:1" }] } } } } } },
    { kind: "CustomResourceDefinition", spec: { image: "none:1", properties: { containers: { image: {} } } } },
    { kind: "Odd", spec: { containers: [null, "text", { image: 7 }] } },
  ];
  assert.deepEqual(findImages(objects), ["app:1", "init:1", "job:1"]);
});
