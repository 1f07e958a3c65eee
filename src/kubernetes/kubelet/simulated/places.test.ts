import assert from "node:assert/strict";
import { test } from "node:test";
import type { Node } from "#kubernetes/api";
import { createAddressPool } from "./addresses.ts";
import { createPlaces } from "./places.ts";

test("createAddressPool: from a range of one's own; from the common one where there is none, or it is full", () => {
  const pool = createAddressPool("100.64.0.0/10");
  assert.deepEqual(pool.assign("a", ["10.0.0.0/30"]), ["10.0.0.2"]);
  assert.deepEqual(pool.assign("a", ["10.0.0.0/30"]), ["10.0.0.2"]);
  assert.deepEqual(pool.assign("b", ["10.0.0.0/30"]), ["10.0.0.3"]);
  assert.deepEqual(pool.assign("c", ["10.0.0.0/30"]), ["100.64.0.2"]);
  assert.deepEqual(pool.assign("d", []), ["100.64.0.3"]);
  assert.deepEqual(pool.assign("e", ["10.0.1.0/24", "fd00::/64"]), ["10.0.1.2", "fd00::2"]);
});

test("createAddressPool: addresses that are known are not given out; those given back are, in their turn", () => {
  const pool = createAddressPool("10.0.0.0/29");
  pool.keep("a", ["10.0.0.2"]);
  assert.deepEqual(pool.assign("b", []), ["10.0.0.3"]);
  pool.release("b");
  assert.deepEqual(pool.assign("c", []), ["10.0.0.4"]);
  for (const holder of ["d", "e", "f", "g"]) pool.assign(holder, []);
  assert.deepEqual(pool.assign("h", []), []);
});

test("createPlaces: nodes have addresses of their own; pods in a node's network have its", () => {
  const nodes = new Map<string, Node>([
    ["given", { metadata: { name: "given" }, status: { addresses: [{ type: "InternalIP", address: "10.9.9.9" }] } }],
    ["ranged", { metadata: { name: "ranged" }, spec: { podCIDRs: ["10.244.3.0/24"] } }],
  ]);
  const places = createPlaces({
    nodeCIDR: "198.18.0.0/15",
    podCIDR: "100.64.0.0/10",
    findNode: (name) => nodes.get(name),
  });
  assert.deepEqual(places.nodeIPs("given"), ["10.9.9.9"]);
  assert.deepEqual(places.nodeIPs("ranged"), ["198.18.0.2"]);
  assert.deepEqual(places.nodeIPs("ranged"), ["198.18.0.2"]);
  assert.deepEqual(places.podIPs("ranged", "u1", false), ["10.244.3.2"]);
  assert.deepEqual(places.podIPs("ranged", "u2", true), ["198.18.0.2"]);
  assert.deepEqual(places.podIPs("given", "u3", false), ["100.64.0.2"]);
  places.gonePod({ metadata: { uid: "u1" } });
  places.seenPod({ metadata: { uid: "u4" }, status: { podIPs: [{ ip: "10.244.3.3" }] } });
  assert.deepEqual(places.podIPs("ranged", "u5", false), ["10.244.3.4"]);
});
