import assert from "node:assert/strict";
import { test } from "node:test";
import type { Endpoint } from "#kubernetes/api";
import { readSlices } from "./endpoints.ts";
import { keepPlaces, planService } from "./plan.ts";
import { servicePortsOf } from "./service-port.ts";
import { endpointOf, planOf, serviceOf, sliceOf } from "./testing.ts";

const states = {
  ready: {},
  notReady: { conditions: { ready: false, serving: false, terminating: false } },
  lingering: { conditions: { ready: false, serving: true, terminating: true } },
  ending: { conditions: { ready: false, serving: false, terminating: true } },
} satisfies Record<string, Partial<Endpoint>>;

const hinted = (zones: readonly string[], nodes: readonly string[] = []): Partial<Endpoint> => ({
  hints: { forZones: zones.map((name) => ({ name })), forNodes: nodes.map((name) => ({ name })) },
});

/** The endpoints chosen, by their last octet. */
function choose(endpoints: readonly Endpoint[], spec: Parameters<typeof serviceOf>[2] = {}) {
  const [port] = planOf(serviceOf("web", "10.96.0.10", spec), endpoints)!.ports;
  const last = (targets: readonly string[]) => targets.map((target) => target.split(" ")[0]!.split(".")[3]).join("");
  return { cluster: last(port!.cluster), local: last(port!.local), hasEndpoints: port!.hasEndpoints };
}

test("planService: ready endpoints; without any, those that terminate but serve", () => {
  const [a, b] = ["10.244.1.1@n1", "10.244.2.2@n2"];
  const chosen = (one: keyof typeof states, other: keyof typeof states) =>
    choose([endpointOf(a, states[one]), endpointOf(b, states[other])]);
  assert.deepEqual(chosen("ready", "ready"), { cluster: "12", local: "", hasEndpoints: true });
  assert.equal(chosen("ready", "lingering").cluster, "1");
  assert.equal(chosen("notReady", "lingering").cluster, "2");
  assert.deepEqual(chosen("notReady", "ending"), { cluster: "", local: "", hasEndpoints: false });
});

test("planService: local policies see this node's endpoints only, and fall back by themselves", () => {
  const spec = { type: "NodePort", externalTrafficPolicy: "Local" };
  const ports = [{ name: "http", port: 80, protocol: "TCP", nodePort: 30080 }];
  const outside = (...endpoints: Endpoint[]) => choose(endpoints, { ...spec, ports });
  assert.deepEqual(outside(endpointOf("10.244.1.1@n1"), endpointOf("10.244.2.2@n2")), {
    cluster: "12",
    local: "1",
    hasEndpoints: true,
  });
  const lingering = outside(endpointOf("10.244.1.1@n1", states.lingering), endpointOf("10.244.2.2@n2"));
  assert.deepEqual(lingering, { cluster: "2", local: "1", hasEndpoints: true });
  const inside = choose([endpointOf("10.244.2.2@n2")], { internalTrafficPolicy: "Local" });
  assert.deepEqual(inside, { cluster: "", local: "", hasEndpoints: true });
  // Nothing comes from outside to a service without an address there.
  assert.equal(choose([endpointOf("10.244.1.1@n1")], { externalTrafficPolicy: "Local" }).local, "");
});

test("planService: hints count when every ready endpoint has one and one is for us; nodes before zones", () => {
  const at = (last: number, more: Partial<Endpoint>) => endpointOf(`10.244.1.${last}@n2`, more);
  assert.equal(choose([at(1, hinted(["a"])), at(2, hinted(["b"]))]).cluster, "1");
  assert.equal(choose([at(1, hinted(["a"])), at(2, {})]).cluster, "12");
  assert.equal(choose([at(1, hinted(["b"])), at(2, hinted(["c"]))]).cluster, "12");
  assert.equal(choose([at(1, hinted(["a"], ["n2"])), at(2, hinted(["b"], ["n1"]))]).cluster, "2");
  assert.equal(choose([at(1, hinted(["a"], ["n2"])), at(2, hinted(["b"], ["n3"]))]).cluster, "1");
  assert.equal(choose([at(1, hinted(["a"])), at(2, { ...states.notReady })]).cluster, "1");
});

test("planService: no rules for headless, external-name and foreign services, nor for another family", () => {
  const planned = (service: ReturnType<typeof serviceOf>) => planOf(service, [endpointOf("10.244.1.1@n1")]);
  assert.equal(planned(serviceOf("web", "None")), undefined);
  assert.equal(planned(serviceOf("web", "", { type: "ExternalName", externalName: "example.org" })), undefined);
  const foreign = serviceOf("web", "10.96.0.10");
  foreign.metadata.labels = { "service.kubernetes.io/service-proxy-name": "other" };
  assert.equal(planned(foreign), undefined);
  const dual = serviceOf("web", "10.96.0.10", { clusterIPs: ["10.96.0.10", "fd00::10"], ipFamilies: ["IPv4", "IPv6"] });
  assert.equal(servicePortsOf(dual, "IPv6")[0]?.clusterIP, "fd00::10");
  assert.deepEqual(servicePortsOf(serviceOf("web", "fd00::10"), "IPv4"), []);
});

test("servicePortsOf: addresses of the family, in their plain form, once each", () => {
  const service = serviceOf(
    "web",
    "10.96.0.10",
    {
      type: "LoadBalancer",
      externalIPs: ["192.0.2.1", "192.0.2.1", "fd00::1", "192.000.002.002"],
      loadBalancerSourceRanges: [" 10.0.0.0/8 ", "fd00::/8"],
    },
    { loadBalancer: { ingress: [{ ip: "192.0.2.9" }, { ip: "192.0.2.8", ipMode: "Proxy" }, { hostname: "lb.test" }] } },
  );
  const [port] = servicePortsOf(service, "IPv4");
  assert.deepEqual(port?.externalIPs, ["192.0.2.1", "192.0.2.2"]);
  assert.deepEqual(port?.loadBalancerIPs, ["192.0.2.9"]);
  assert.deepEqual(port?.loadBalancerSourceRanges, ["10.0.0.0/8"]);
  service.spec!.loadBalancerSourceRanges = ["10.0.0.0/8", "0.0.0.0/0"];
  assert.deepEqual(servicePortsOf(service, "IPv4")[0]?.loadBalancerSourceRanges, []);
});

test("readSlices: an address in two slices counts once, as the one that does not terminate", () => {
  const slices = [
    sliceOf([endpointOf("10.244.1.1@n1")]),
    sliceOf([endpointOf("10.244.1.1@n1", states.lingering), endpointOf("10.244.1.2@n2")]),
    sliceOf([endpointOf("10.244.1.3")], { ports: [{ name: "http", protocol: "TCP" }] }),
  ];
  for (const order of [slices, slices.toReversed()]) {
    const [endpoints] = readSlices(order, "IPv4", "n1").values();
    const shown = endpoints?.map(({ target, isReady, isLocal }) => [target, isReady, isLocal]);
    assert.deepEqual(shown, [
      ["10.244.1.1 . 8080", true, true],
      ["10.244.1.2 . 8080", true, false],
    ]);
  }
});

test("readSlices: slices of headless services and of other proxies are not the rules' business", () => {
  const headless = sliceOf([endpointOf("10.244.1.1")]);
  headless.metadata.labels = { "service.kubernetes.io/headless": "" };
  const place = { nodeName: "n1", zone: "" };
  const plan = planService(serviceOf("web", "10.96.0.10"), [headless], { family: "IPv4", place });
  assert.deepEqual(plan?.ports[0]?.cluster, []);
});

test("keepPlaces: those that stay keep their places, gaps are filled by new ones, then from the end", () => {
  const next = (before: string, wished: string) =>
    keepPlaces(
      before.split(""),
      wished.split("").map((target) => ({ target })),
    ).join("");
  assert.equal(next("abcd", "abcd"), "abcd");
  assert.equal(next("abcd", "acde"), "aecd");
  assert.equal(next("abcd", "acd"), "adc");
  assert.equal(next("abcd", "cd"), "dc");
  assert.equal(next("abcd", "d"), "d");
  assert.equal(next("ab", "abcd"), "abcd");
  assert.equal(next("abc", "xyz"), "xyz");
  assert.equal(keepPlaces(["a"], []).length, 0);
});
