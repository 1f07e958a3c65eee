import assert from "node:assert/strict";
import { test } from "node:test";
import { renderFixedRules } from "./fixed-rules.ts";
import type { ServicePlan } from "./plan.ts";
import { type PlanChanges, ServiceTable } from "./service-table.ts";
import { endpointOf, planOf, serviceOf, settings } from "./testing.ts";

const near = endpointOf("10.244.1.5@n1");
const far = endpointOf("10.244.2.5@n2");

/** A table with these plans, and its text behind the fixed rules. */
function tableOf(plans: Readonly<Record<string, ServicePlan | undefined>>, affinity = new Map<string, string[]>()) {
  const table = new ServiceTable(settings);
  const there = Object.entries(plans).filter((entry) => entry[1] !== undefined) as [string, ServicePlan][];
  const text = table.replace(settings, new Map(there), affinity);
  return { table, text: text.slice(text.indexOf(renderFixedRules(settings)) + renderFixedRules(settings).length) };
}

function update(table: ServiceTable, changes: Readonly<Record<string, ServicePlan | undefined>>): string | undefined {
  return table.update(new Map(Object.entries(changes)) as PlanChanges)?.commands;
}

const lines = (text: string) => `${text.trim()}\n`.replaceAll(/^ +/gm, "");
const web = serviceOf("web", "10.96.0.10");

test("ServiceTable: a cluster address has its endpoints numbered, and a chain that picks among so many", () => {
  const { text } = tableOf({ "default/web": planOf(web, [near, far]) });
  assert.equal(
    lines(text),
    lines(`
      add chain ip slipway-proxy tcp-pick-2
      add rule ip slipway-proxy tcp-pick-2 dnat ip to ip daddr . tcp dport . numgen random mod 2 map @tcp-endpoints
      add element ip slipway-proxy tcp-endpoints { 10.96.0.10 . 80 . 0 : 10.244.1.5 . 8080, 10.96.0.10 . 80 . 1 : 10.244.2.5 . 8080 }
      add element ip slipway-proxy service-ips { 10.96.0.10 . tcp . 80 comment "default/web:http" : goto tcp-pick-2 }
      add element ip slipway-proxy cluster-ips { 10.96.0.10 }
      add element ip slipway-proxy hairpin-connections { 10.244.1.5 . 10.244.1.5 . tcp . 8080 }`),
  );
});

test("ServiceTable: an endpoint that goes is a few elements, whatever else there is", () => {
  const before = planOf(web, [near, far, endpointOf("10.244.2.6@n2")]);
  const { table } = tableOf({
    "default/web": before,
    "default/other": planOf(serviceOf("other", "10.96.0.11"), [near]),
  });
  assert.equal(
    update(table, { "default/web": planOf(web, [far, endpointOf("10.244.2.6@n2")], before) }),
    lines(`
      add chain ip slipway-proxy tcp-pick-2
      add rule ip slipway-proxy tcp-pick-2 dnat ip to ip daddr . tcp dport . numgen random mod 2 map @tcp-endpoints
      delete element ip slipway-proxy tcp-endpoints { 10.96.0.10 . 80 . 0, 10.96.0.10 . 80 . 2 }
      delete element ip slipway-proxy service-ips { 10.96.0.10 . tcp . 80 }
      add element ip slipway-proxy tcp-endpoints { 10.96.0.10 . 80 . 0 : 10.244.2.6 . 8080 }
      add element ip slipway-proxy service-ips { 10.96.0.10 . tcp . 80 comment "default/web:http" : goto tcp-pick-2 }`),
  );
  assert.equal(update(table, { "default/web": planOf(web, [far, endpointOf("10.244.2.6@n2")], before) }), undefined);
});

test("ServiceTable: a service without endpoints refuses; one that goes takes all of its own along", () => {
  const { table } = tableOf({ "default/web": planOf(web, [near]) });
  assert.equal(
    update(table, { "default/web": planOf(web, []) }),
    lines(`
      delete element ip slipway-proxy tcp-endpoints { 10.96.0.10 . 80 . 0 }
      delete element ip slipway-proxy service-ips { 10.96.0.10 . tcp . 80 }
      delete element ip slipway-proxy hairpin-connections { 10.244.1.5 . 10.244.1.5 . tcp . 8080 }
      add element ip slipway-proxy no-endpoint-services { 10.96.0.10 . tcp . 80 comment "default/web:http" : goto reject-chain }`),
  );
  assert.equal(
    update(table, { "default/web": undefined }),
    lines(`
      delete element ip slipway-proxy no-endpoint-services { 10.96.0.10 . tcp . 80 }
      delete element ip slipway-proxy cluster-ips { 10.96.0.10 }`),
  );
});

test("ServiceTable: node ports and external addresses are masqueraded", () => {
  const ports = [{ name: "http", port: 80, protocol: "TCP", nodePort: 30080 }];
  const service = serviceOf("web", "10.96.0.10", { type: "NodePort", externalIPs: ["192.0.2.7"], ports });
  const { text } = tableOf({ "default/web": planOf(service, [far]) });
  assert.equal(
    lines(text),
    lines(`
      add chain ip slipway-proxy tcp-pick-1
      add rule ip slipway-proxy tcp-pick-1 dnat ip to ip daddr . tcp dport . numgen random mod 1 map @tcp-endpoints
      add chain ip slipway-proxy tcp-masquerade-pick-1
      add rule ip slipway-proxy tcp-masquerade-pick-1 meta mark set meta mark or 0x4000
      add rule ip slipway-proxy tcp-masquerade-pick-1 goto tcp-pick-1
      add chain ip slipway-proxy tcp-nodeport-pick-1
      add rule ip slipway-proxy tcp-nodeport-pick-1 meta mark set meta mark or 0x4000
      add rule ip slipway-proxy tcp-nodeport-pick-1 dnat ip to tcp dport . numgen random mod 1 map @tcp-nodeport-endpoints
      add element ip slipway-proxy tcp-endpoints { 10.96.0.10 . 80 . 0 : 10.244.2.5 . 8080, 192.0.2.7 . 80 . 0 : 10.244.2.5 . 8080 }
      add element ip slipway-proxy service-ips { 10.96.0.10 . tcp . 80 comment "default/web:http" : goto tcp-pick-1, 192.0.2.7 . tcp . 80 comment "default/web:http" : goto tcp-masquerade-pick-1 }
      add element ip slipway-proxy tcp-nodeport-endpoints { 30080 . 0 : 10.244.2.5 . 8080 }
      add element ip slipway-proxy service-nodeports { tcp . 30080 comment "default/web:http" : goto tcp-nodeport-pick-1 }
      add element ip slipway-proxy cluster-ips { 10.96.0.10 }`),
  );
});

test("ServiceTable: outside traffic that stays on the node has chains of its own, with short ways for pods and the node", () => {
  const ports = [{ name: "http", port: 80, protocol: "TCP", nodePort: 30080 }];
  const service = serviceOf("web", "10.96.0.10", { type: "NodePort", externalTrafficPolicy: "Local", ports });
  const { table, text } = tableOf({ "default/web": planOf(service, [near, far]) });
  const rules = text.split("\n").filter((line) => line.startsWith("add rule ip slipway-proxy") && line.includes("web"));
  assert.deepEqual(
    rules.map((rule) => rule.slice("add rule ip slipway-proxy ".length)),
    [
      "service-default/web/tcp/http meta l4proto tcp dnat ip to numgen random mod 2 map { 0 : 10.244.1.5 . 8080, 1 : 10.244.2.5 . 8080 }",
      "local-default/web/tcp/http meta l4proto tcp dnat ip to numgen random mod 1 map { 0 : 10.244.1.5 . 8080 }",
      "external-default/web/tcp/http ip saddr 10.244.0.0/16 goto service-default/web/tcp/http",
      "external-default/web/tcp/http fib saddr type local meta mark set meta mark or 0x4000",
      "external-default/web/tcp/http fib saddr type local goto service-default/web/tcp/http",
      "external-default/web/tcp/http goto local-default/web/tcp/http",
    ],
  );
  assert.match(
    text,
    /service-nodeports \{ tcp \. 30080 comment "default\/web:http" : goto external-default\/web\/tcp\/http \}/,
  );
  const withoutLocal = update(table, { "default/web": planOf(service, [far]) })!;
  assert.match(
    withoutLocal,
    /add element \S+ \S+ no-endpoint-nodeports \{ tcp \. 30080 comment "default\/web:http" : drop \}/,
  );
  assert.match(withoutLocal, /^flush chain ip slipway-proxy local-default\/web\/tcp\/http$/m);
  assert.doesNotMatch(withoutLocal, /goto local-/);
});

test("ServiceTable: clients that stay with an endpoint are remembered in its set, also by a table made anew", () => {
  const service = serviceOf("web", "10.96.0.10", { sessionAffinity: "ClientIP" });
  const set = "affinity-default/web/tcp/http/10.244.1.5/8080";
  const clients = new Map([[set, ["10.1.2.3 timeout 10800s expires 60s"]]]);
  const { table, text } = tableOf({ "default/web": planOf(service, [near]) }, clients);
  const [endpoint, chooser] = ["endpoint-default/web/tcp/http/10.244.1.5/8080", "service-default/web/tcp/http"];
  assert.equal(
    lines(text),
    lines(`
      add chain ip slipway-proxy ${chooser}
      add chain ip slipway-proxy ${endpoint}
      flush chain ip slipway-proxy ${chooser}
      flush chain ip slipway-proxy ${endpoint}
      add set ip slipway-proxy ${set} { type ipv4_addr; flags dynamic,timeout; }
      add rule ip slipway-proxy ${chooser} ip saddr @${set} goto ${endpoint}
      add rule ip slipway-proxy ${chooser} numgen random mod 1 vmap { 0 : goto ${endpoint} }
      add rule ip slipway-proxy ${endpoint} update @${set} { ip saddr timeout 10800s }
      add rule ip slipway-proxy ${endpoint} meta l4proto tcp dnat to 10.244.1.5:8080
      add element ip slipway-proxy service-ips { 10.96.0.10 . tcp . 80 comment "default/web:http" : goto ${chooser} }
      add element ip slipway-proxy cluster-ips { 10.96.0.10 }
      add element ip slipway-proxy hairpin-connections { 10.244.1.5 . 10.244.1.5 . tcp . 8080 }
      add element ip slipway-proxy ${set} { 10.1.2.3 timeout 10800s expires 60s }`),
  );
  const gone = table.update(new Map([["default/web", planOf(service, [far])]]));
  assert.deepEqual(gone?.emptied, [endpoint]);
  assert.match(gone!.commands, new RegExp(`^delete set ip slipway-proxy ${set}$`, "m"));
  table.markStale(gone!.emptied, 1000);
  assert.equal(table.deleteStale(1000), undefined);
  assert.equal(table.deleteStale(1001), `delete chain ip slipway-proxy ${endpoint}\n`);
  assert.equal(table.deleteStale(1001), undefined);
});

test("ServiceTable: load balancers' addresses are for their source ranges, and for the node if it is in one", () => {
  const status = { loadBalancer: { ingress: [{ ip: "192.0.2.9" }] } };
  const firewallFor = (loadBalancerSourceRanges: string[]) => {
    const spec = { type: "LoadBalancer", loadBalancerSourceRanges };
    const { text } = tableOf({ "default/web": planOf(serviceOf("web", "10.96.0.10", spec, status), [far]) });
    return text.split("\n").filter((line) => line.includes("firewall-default") && !line.includes("chain ip"));
  };
  assert.deepEqual(firewallFor(["203.0.113.0/24"]), [
    "add rule ip slipway-proxy firewall-default/web/tcp/http ip saddr != 203.0.113.0/24 drop",
    'add element ip slipway-proxy firewall-ips { 192.0.2.9 . tcp . 80 comment "default/web:http" : goto firewall-default/web/tcp/http }',
  ]);
  assert.match(firewallFor(["10.90.0.0/16"])[0]!, /ip saddr != \{ 10\.90\.0\.0\/16, 192\.0\.2\.9 \} drop$/);
  assert.deepEqual(firewallFor([]), []);
});

test("ServiceTable: of two services with one address the first has it, and the other one when that goes", () => {
  const external = (name: string, clusterIP: string) => serviceOf(name, clusterIP, { externalIPs: ["192.0.2.7"] });
  const first = planOf(external("first", "10.96.0.1"), [near]);
  const { table, text } = tableOf({
    "default/first": first,
    "default/second": planOf(external("second", "10.96.0.2"), [far]),
  });
  assert.equal(text.match(/192\.0\.2\.7 \. tcp \. 80 comment "default\/(\w+)/)?.[1], "first");
  assert.equal(text.match(/192\.0\.2\.7 \. 80 \. 0/g)?.length, 1);
  // A change of the first does not cost it the address.
  assert.doesNotMatch(
    update(table, { "default/first": planOf(external("first", "10.96.0.1"), [far], first) })!,
    /second/,
  );
  const gone = update(table, { "default/first": undefined })!;
  assert.match(gone, /add element \S+ \S+ service-ips \{ 192\.0\.2\.7 \. tcp \. 80 comment "default\/second:http"/);
  assert.match(gone, /add element \S+ \S+ tcp-endpoints \{ 192\.0\.2\.7 \. 80 \. 0 : 10\.244\.2\.5 \. 8080 \}/);
});

test("ServiceTable: an address that moves from one service to another is taken out before it is put in", () => {
  const { table } = tableOf({ "default/old": planOf(serviceOf("old", "10.96.0.10"), [near]) });
  assert.equal(
    update(table, { "default/new": planOf(web, [near]), "default/old": undefined }),
    lines(`
      delete element ip slipway-proxy tcp-endpoints { 10.96.0.10 . 80 . 0 }
      delete element ip slipway-proxy service-ips { 10.96.0.10 . tcp . 80 }
      add element ip slipway-proxy tcp-endpoints { 10.96.0.10 . 80 . 0 : 10.244.1.5 . 8080 }
      add element ip slipway-proxy service-ips { 10.96.0.10 . tcp . 80 comment "default/web:http" : goto tcp-pick-1 }`),
  );
});

test("ServiceTable: an endpoint of several services stays in the hairpin set until the last of them lets go", () => {
  const one = planOf(serviceOf("one", "10.96.0.1"), [near]);
  const { table, text } = tableOf({ "default/one": one, "default/two": planOf(serviceOf("two", "10.96.0.2"), [near]) });
  assert.equal(text.match(/10\.244\.1\.5 \. 10\.244\.1\.5/g)?.length, 1);
  assert.doesNotMatch(update(table, { "default/one": undefined })!, /hairpin/);
  assert.match(update(table, { "default/two": undefined })!, /delete element \S+ \S+ hairpin-connections/);
});

test("ServiceTable: IPv6 in its own words", () => {
  const table = new ServiceTable({ ...settings, family: "IPv6", clusterCIDRs: ["fd00:1::/64"], serviceCIDRs: [] });
  const service = serviceOf("web", "fd00::10", { sessionAffinity: "ClientIP" });
  const plan = planOf(service, [endpointOf("fd00:1::5@n1")])!;
  const text = table.update(new Map([["default/web", plan]]))!.commands;
  assert.match(
    text,
    /add set ip6 slipway-proxy affinity-default\/web\/tcp\/http\/fd00\.1\.\.5\/8080 \{ type ipv6_addr;/,
  );
  assert.match(text, /dnat to \[fd00:1::5\]:8080$/m);
  assert.match(text, /hairpin-connections \{ fd00:1::5 \. fd00:1::5 \. tcp \. 8080 \}/);
  assert.match(renderFixedRules({ ...settings, family: "IPv6", serviceCIDRs: [] }), /ip6 daddr != ::1/);
});

test("renderFixedRules: masquerading, node ports' addresses and what is not given out follow the settings", () => {
  const plain = renderFixedRules(settings);
  assert.match(plain, /ip daddr @cluster-ips ip saddr != 10\.244\.0\.0\/16 meta mark set meta mark or 0x4000/);
  assert.match(plain, /ip daddr 10\.96\.0\.0\/16 drop comment "no such service"/);
  assert.match(renderFixedRules({ ...settings, masqueradeAll: true }), /ip daddr @cluster-ips meta mark set/);
  assert.doesNotMatch(renderFixedRules({ ...settings, serviceCIDRs: [] }), /no such service/);
  const few = renderFixedRules({ ...settings, nodePortAddresses: ["10.90.0.2"] });
  assert.match(few, /set nodeport-ips \{ type ipv4_addr; elements = \{ 10\.90\.0\.2 \}; \}/);
  assert.match(few, /ip daddr @nodeport-ips meta l4proto \. th dport vmap @service-nodeports/);
});
