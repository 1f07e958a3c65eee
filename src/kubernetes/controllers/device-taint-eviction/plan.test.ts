import assert from "node:assert/strict";
import { test } from "node:test";
import type { DeviceTaint, DeviceToleration } from "#kubernetes/api";
import { evictionTime } from "./plan.ts";

const timeAdded = "1970-01-01T00:00:10Z";
const broken: DeviceTaint = { key: "broken", effect: "NoExecute", timeAdded };
const bears = (more: Partial<DeviceToleration> = {}): DeviceToleration => ({
  key: "broken",
  operator: "Exists",
  effect: "NoExecute",
  ...more,
});

function timeOf(taints: DeviceTaint[], ...tolerations: DeviceToleration[]): number | undefined {
  const results = [{ request: "r", driver: "d", pool: "p", device: "x", tolerations }];
  const status = { allocation: { devices: { results } } };
  return evictionTime({ metadata: { name: "c" }, spec: {}, status }, () => ({ name: "x", taints }));
}

test("evictionTime: when the taint came, later for who bears it for a while, never for who bears it", () => {
  assert.equal(timeOf([broken]), 10_000);
  assert.equal(timeOf([broken], bears({ tolerationSeconds: 30 }), bears({ tolerationSeconds: 20 })), 30_000);
  assert.equal(timeOf([broken], bears({ tolerationSeconds: -1 })), 10_000);
  assert.equal(timeOf([broken], bears(), bears({ tolerationSeconds: 20 })), undefined);
});

test("evictionTime: only taints that evict count, and only tolerations of those", () => {
  assert.equal(timeOf([{ ...broken, effect: "NoSchedule" }]), undefined);
  assert.equal(timeOf([broken], bears({ effect: "" })), 10_000);
  assert.equal(timeOf([broken, { ...broken, key: "hot" }], bears()), 10_000);
});
