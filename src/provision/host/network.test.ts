import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { allocateMachine, allocateSubnet, forgetMachine, readAllocation } from "./allocation.ts";
import { createFakeHost } from "./fake-host.ts";
import { thisHost } from "./host.ts";
import { bridgeName, cableName, machineFolder, netnsName, shortName } from "./names.ts";
import { createHostNetwork, deleteHostNetwork, findHostNetwork } from "./network.ts";

function tempClusters(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "slipway-clusters-"));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** A fake host whose files are the real ones where there is no fake. */
function hostOver(answer: (command: string) => string | number | undefined) {
  const host = createFakeHost(answer);
  return {
    ...host,
    read: (path: string) => host.files.get(path) ?? thisHost.read(path),
    list: (path: string) => [...host.list(path), ...thisHost.list(path)],
  };
}

test("names: follow from the cluster's name, fit the kernel, and never meet another cluster's", () => {
  assert.equal(bridgeName("demo"), bridgeName("demo"));
  assert.match(cableName("demo", 254), /^slw[0-9a-f]{8}m254$/);
  assert.ok(cableName("demo", 254).length <= 15);
  assert.equal(shortName("demo", "demo-worker-1"), "worker-1");
  assert.equal(netnsName("a", "a-b-worker-1"), "slipway.a.b-worker-1");
  assert.notEqual(netnsName("a", "a-b-worker-1"), netnsName("a-b", "a-b-worker-1"));
  assert.equal(machineFolder("/x", "demo", "demo-worker-1"), "/x/machines/worker-1");
});

test("allocateSubnet: takes the first /24 that no route and no other cluster has", async (t) => {
  const clusters = tempClusters(t);
  mkdirSync(join(clusters, "other"));
  writeFileSync(
    join(clusters, "other/network.json"),
    JSON.stringify({ subnet: "10.90.1.0/24", gateway: "", machines: {} }),
  );
  const routes = [
    { dst: "default" },
    { dst: "10.0.0.0/8" },
    { dst: "10.90.0.0/25" },
    { dst: "10.90.2.7" },
    { dst: "192.168.0.0/24" },
  ];
  const host = hostOver((command) => (command.startsWith("ip -json") ? JSON.stringify(routes) : ""));
  const allocation = await allocateSubnet(host, join(clusters, "demo"));
  assert.deepEqual(allocation, { subnet: "10.90.3.0/24", gateway: "10.90.3.1", machines: {} });
  assert.deepEqual(readAllocation(host, join(clusters, "demo")), allocation);
});

test("allocateSubnet: says so when everything is taken", async (t) => {
  const host = hostOver(() => JSON.stringify([{ dst: "10.90.0.0/16" }]));
  await assert.rejects(allocateSubnet(host, join(tempClusters(t), "demo")), /all of 10.90.0.0\/16 is in use/);
});

test("allocateMachine: numbers are kept for life, and given out again after", () => {
  let allocation = { subnet: "10.90.0.0/24", gateway: "10.90.0.1", machines: {} as Record<string, number> };
  for (const name of ["a", "b", "c"]) allocation = { ...allocateMachine(allocation, name) };
  assert.deepEqual(allocation.machines, { a: 2, b: 3, c: 4 });
  assert.equal(allocateMachine(allocation, "b"), allocation);
  assert.deepEqual(allocateMachine(forgetMachine(allocation, "b"), "d").machines, { a: 2, c: 4, d: 3 });
  const machines = Object.fromEntries(Array.from({ length: 253 }, (_, index) => [`m${index}`, index + 2]));
  assert.throws(() => allocateMachine({ ...allocation, machines }, "more"), /holds 253 machines at most/);
});

test("createHostNetwork: makes bridge, forwarding and rules; a second call keeps the bridge and the addresses", async (t) => {
  const folder = join(tempClusters(t), "demo");
  const host = hostOver((command) =>
    command.startsWith("ip -json") ? "[]" : command.startsWith("firewall-cmd") ? 252 : "",
  );
  const bridge = bridgeName("demo");
  host.files.set("/proc/sys/net/ipv4/ip_forward", "0\n");
  assert.deepEqual(await createHostNetwork(host, "demo", folder), {
    machineCIDR: "10.90.0.0/24",
    controlPlaneAddress: "10.90.0.1",
  });
  assert.equal(host.files.get("/proc/sys/net/ipv4/ip_forward"), "1");
  assert.equal(
    host.commands[1],
    `ip -batch - < link add ${bridge} type bridge\naddr replace 10.90.0.1/24 dev ${bridge}\nlink set ${bridge} up\n`,
  );
  assert.match(host.commands[2]!, /^nft -f - < table ip slw/);
  host.files.set(`/sys/class/net/${bridge}/ifindex`, "7");
  host.commands.length = 0;
  await createHostNetwork(host, "demo", folder);
  assert.equal(host.commands[0], `ip -batch - < addr replace 10.90.0.1/24 dev ${bridge}\nlink set ${bridge} up\n`);
  assert.ok(await findHostNetwork(host, "demo", folder));
});

test("createHostNetwork: opens a firewall that filters, once, and deleteHostNetwork closes it", async (t) => {
  const folder = join(tempClusters(t), "demo");
  const bridge = bridgeName("demo");
  const rules = ["-P INPUT DROP", "-P FORWARD DROP", "-N DOCKER"];
  const host = hostOver((command) => {
    if (command.startsWith("ip -json")) return "[]";
    if (command === "iptables -w -S") return rules.join("\n");
    if (command.startsWith("iptables -w -C")) return rules.includes(command.replace("iptables -w -C", "-A")) ? 0 : 1;
    if (command.startsWith("iptables -w -I")) rules.push(command.replace("iptables -w -I", "-A"));
    return "";
  });
  await createHostNetwork(host, "demo", folder);
  await createHostNetwork(host, "demo", folder);
  assert.deepEqual(rules.slice(3), [
    `-A INPUT -i ${bridge} -j ACCEPT`,
    `-A FORWARD -i ${bridge} -j ACCEPT`,
    `-A FORWARD -o ${bridge} -j ACCEPT`,
  ]);
  await deleteHostNetwork(host, "demo", folder);
  const deleted = host.commands.filter((command) => command.startsWith("iptables -w -D"));
  assert.equal(deleted.length, 3);
  assert.throws(() => readFileSync(join(folder, "network.json")), /ENOENT/);
});

test("createHostNetwork: firewalld is told to trust the bridge", async (t) => {
  const folder = join(tempClusters(t), "demo");
  const host = hostOver((command) => (command.startsWith("ip -json") ? "[]" : ""));
  await createHostNetwork(host, "demo", folder);
  await deleteHostNetwork(host, "demo", folder);
  const told = host.commands.filter((command) => command.startsWith("firewall-cmd --quiet"));
  const bridge = bridgeName("demo");
  assert.deepEqual(told, [
    `firewall-cmd --quiet --zone=trusted --add-interface=${bridge}`,
    `firewall-cmd --quiet --zone=trusted --remove-interface=${bridge}`,
  ]);
});
