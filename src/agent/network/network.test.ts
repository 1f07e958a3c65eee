import assert from "node:assert/strict";
import { test } from "node:test";
import type { Node } from "#kubernetes/api";
import { planNetwork, renderCniConfig, renderMasquerade, renderRouteChanges } from "./plan.ts";

const settings = { nodeName: "a", podCIDR: "10.244.0.0/16", name: "slipway.demo.a", addressesFolder: "/run/a/pods" };

function node(name: string, podCIDR?: string, address?: string): Node {
  return {
    metadata: { name },
    spec: podCIDR === undefined ? {} : { podCIDR },
    status: address === undefined ? {} : { addresses: [{ type: "InternalIP", address }] },
  };
}

test("planNetwork: the node's own range, and a route to every other node that has a range and an address", () => {
  const nodes = [
    node("c", "10.244.2.0/24", "10.90.0.4"),
    node("a", "10.244.0.0/24", "10.90.0.2"),
    node("b", "10.244.1.0/24", "10.90.0.3"),
    node("no-range", undefined, "10.90.0.5"),
    node("no-address", "10.244.9.0/24"),
  ];
  assert.deepEqual(planNetwork(nodes, settings), {
    ownRange: "10.244.0.0/24",
    routes: [
      { destination: "10.244.1.0/24", gateway: "10.90.0.3" },
      { destination: "10.244.2.0/24", gateway: "10.90.0.4" },
    ],
  });
  assert.deepEqual(planNetwork([node("a")], settings), { ownRange: undefined, routes: [] });
});

test("renderRouteChanges: removes what is no longer wanted, replaces what leads elsewhere, keeps the rest", () => {
  const route = (destination: string, gateway: string) => ({ destination, gateway });
  const current = [
    route("10.244.1.0/24", "10.90.0.3"),
    route("10.244.2.0/24", "10.90.0.4"),
    route("10.244.3.0/24", "10.90.0.5"),
  ];
  const wanted = [
    route("10.244.1.0/24", "10.90.0.3"),
    route("10.244.2.0/24", "10.90.0.9"),
    route("10.244.4.0/24", "10.90.0.6"),
  ];
  assert.deepEqual(renderRouteChanges(current, wanted, 86), [
    "route del 10.244.3.0/24 proto 86",
    "route replace 10.244.2.0/24 via 10.90.0.9 proto 86",
    "route replace 10.244.4.0/24 via 10.90.0.6 proto 86",
  ]);
  assert.deepEqual(renderRouteChanges(current, current, 86), []);
});

test("renderCniConfig, renderMasquerade: for the node's range", () => {
  const config = JSON.parse(renderCniConfig("10.244.0.0/24", settings));
  assert.equal(config.name, "slipway.demo.a");
  assert.deepEqual(config.plugins[0].ipam.ranges, [[{ subnet: "10.244.0.0/24" }]]);
  assert.match(
    renderMasquerade("10.244.0.0/24", settings),
    /ip saddr 10\.244\.0\.0\/24 ip daddr != 10\.244\.0\.0\/16 masquerade/,
  );
});
