import assert from "node:assert/strict";
import { test } from "node:test";
import type { Container, ContainerStatus } from "#kubernetes/api";
import type { ObservedContainer } from "../runtime/observed.ts";
import { statusResources } from "./status-resources.ts";

const container = (cpuRequest: string, cpuLimit: string): Container => ({
  name: "main",
  image: "image",
  resources: { requests: { cpu: cpuRequest }, limits: { cpu: cpuLimit } },
});
const run = (cpuRequestMilli: number, cpuLimitMilli: number) =>
  ({
    containerID: "containerd://1",
    state: "running",
    resources: { cpuRequestMilli, cpuLimitMilli },
  }) as ObservedContainer;
const before: ContainerStatus = {
  name: "main",
  image: "image",
  imageID: "image",
  ready: true,
  restartCount: 0,
  containerID: "containerd://1",
  state: { running: {} },
  resources: { requests: { cpu: "2m" }, limits: { cpu: "10m" } },
};

test("statusResources: what is allocated is shown where the kernel rounds it up to what was there before", () => {
  const { resources } = statusResources(container("1m", "5m"), run(2, 10), before);
  assert.deepEqual(resources, { requests: { cpu: "1m" }, limits: { cpu: "5m" } });
});

test("statusResources: what is in force is shown until it is what is allocated", () => {
  const { resources, allocatedResources } = statusResources(container("100m", "200m"), run(2, 10), before);
  assert.deepEqual(resources, { requests: { cpu: "2m" }, limits: { cpu: "10m" } });
  assert.deepEqual(allocatedResources, { cpu: "100m" });
});
