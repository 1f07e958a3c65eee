import assert from "node:assert/strict";
import { test } from "node:test";
import type { KubeObject, ServiceCIDR } from "#kubernetes/api";
import { hasCondition, mayGo, overlapping, rangesWith, ready } from "./plan.ts";

const range = (name: string, ...cidrs: string[]): ServiceCIDR => ({ metadata: { name }, spec: { cidrs } });
const address = (name: string, managedBy = "ipallocator.k8s.io"): KubeObject => ({
  metadata: { name, labels: { "ipaddress.kubernetes.io/managed-by": managedBy } },
});

const main = range("main", "10.96.0.0/16");
const inner = range("inner", "10.96.1.0/24");
const apart = range("apart", "10.97.0.0/24", "fd00::/112");
const all = [main, inner, apart];

test("mayGo: when nobody uses its addresses, or another range has them", () => {
  assert.equal(mayGo(apart, all, [address("10.96.0.1")]), true);
  assert.equal(mayGo(apart, all, [address("10.97.0.1")]), false);
  assert.equal(mayGo(apart, all, [address("fd00::1")]), false);
  assert.equal(mayGo(apart, all, [address("10.97.0.1", "me")]), true);
  assert.equal(mayGo(inner, all, [address("10.96.1.1")]), true);
  assert.equal(mayGo(main, all, [address("10.96.1.1")]), true);
  assert.equal(mayGo(main, all, [address("10.96.2.1")]), false);
});

test("overlapping, rangesWith: whose state hangs on what", () => {
  assert.deepEqual(overlapping(main, all), ["main", "inner"]);
  assert.deepEqual(rangesWith(address("10.96.1.9"), all), ["main", "inner"]);
  assert.deepEqual(rangesWith(address("10.96.1.9", "me"), all), []);
});

test("hasCondition: an empty reason is none", () => {
  const status = { conditions: [{ type: "Ready", status: "True", reason: "", message: ready.message }] };
  assert.equal(hasCondition({ ...main, status: status as NonNullable<ServiceCIDR["status"]> }, ready), true);
  assert.equal(hasCondition(main, ready), false);
});
