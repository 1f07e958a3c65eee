import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { readAllocation } from "../host/allocation.ts";
import { createFakeHost } from "../host/fake-host.ts";
import { thisHost } from "../host/host.ts";
import { findHostLeftovers } from "../host/leftovers.ts";
import { bridgeName } from "../host/names.ts";
import { deleteHostNetwork } from "../host/network.ts";
import type { MachineSpec } from "../provider.ts";
import { createLocalMachine, deleteLocalMachine, findLocalMachine } from "./machine.ts";

const spec: MachineSpec = { name: "demo-worker-1", role: "worker", pool: "worker" };
const netns = "/run/netns/slipway.demo.worker-1";
const bridge = bridgeName("demo");

/** A cluster's folder with a network; the kernel's files come from memory, the cluster's from the disk. */
function setUp(t: TestContext, answer: (command: string) => string | number | undefined = () => "") {
  const folder = mkdtempSync(join(tmpdir(), "slipway-machine-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(
    join(folder, "network.json"),
    JSON.stringify({ subnet: "10.90.0.0/24", gateway: "10.90.0.1", machines: {} }),
  );
  const fake = createFakeHost(answer);
  const host = {
    ...fake,
    read: (path: string) => fake.files.get(path) ?? (path.startsWith(folder) ? thisHost.read(path) : undefined),
  };
  return { host, folder, place: { cluster: "demo", folder, podCIDR: "10.244.0.0/16" } };
}

test("createLocalMachine: makes namespace, cable and routes, in an order a crash cannot fool", async (t) => {
  const { host, place, folder } = setUp(t);
  const machine = await createLocalMachine(host, place, spec);
  assert.deepEqual(host.commands, [
    "ip netns add slipway.demo.worker-1",
    `ip -batch - < link add ${bridge}m2 type veth peer name eth0 netns slipway.demo.worker-1\nlink set ${bridge}m2 master ${bridge} up\n`,
    "ip -n slipway.demo.worker-1 -batch - < link set lo up\naddr add 10.90.0.2/24 dev eth0\nlink set eth0 up\nroute add default via 10.90.0.1\n",
  ]);
  assert.equal(machine.address, "10.90.0.2");
  assert.deepEqual(machine.handle, {
    netns,
    folder: join(folder, "machines/worker-1"),
    run: join(folder, "run/worker-1"),
    cgroup: "/slipway/demo/worker-1",
    gateway: "10.90.0.1",
  });
  assert.deepEqual(readAllocation(host, folder)!.machines, { "demo-worker-1": 2 });
});

test("createLocalMachine: the control plane's leads this machine to the pods, until the network goes", async (t) => {
  const table = Number.parseInt(bridge.slice(3), 16);
  let rules = "0:\tfrom all lookup local\n";
  const { host, place, folder } = setUp(t, (command) => (command === "ip -4 rule show" ? rules : ""));
  await createLocalMachine(host, place, { name: "demo-control-plane-1", role: "control-plane", pool: "" });
  assert.deepEqual(
    host.commands.filter((command) => /table|lookup/.test(command)),
    [
      `ip route replace 10.244.0.0/16 via 10.90.0.2 dev ${bridge} table ${table}`,
      `ip rule add from 10.90.0.1 to 10.244.0.0/16 lookup ${table} priority 900`,
    ],
  );
  rules += `900:\tfrom 10.90.0.1 to 10.244.0.0/16 lookup ${table}\n`;
  assert.ok((await findHostLeftovers(host, "demo", folder)).includes("routing rule for the cluster's pods"));
  await deleteHostNetwork(host, "demo", folder);
  assert.ok(host.commands.includes(`ip rule del lookup ${table}`));
});

test("findLocalMachine: finds a complete one only; a half-made one is made anew with the same address", async (t) => {
  let route = "";
  const { host, place, folder } = setUp(t, (command) => (command.includes("route show default") ? route : ""));
  await createLocalMachine(host, place, spec);
  host.files.set(`/sys/class/net/${bridge}m2/ifindex`, "9");
  assert.equal(await findLocalMachine(host, place, spec), undefined, "no namespace");
  host.files.set("/proc/self/mountinfo", `1 2 0:4 net:[1] ${netns} rw - nsfs nsfs rw\n`);
  assert.equal(await findLocalMachine(host, place, spec), undefined, "no route");
  host.commands.length = 0;
  await createLocalMachine(host, place, spec);
  assert.deepEqual(host.commands.slice(1, 4), [
    `ip link del ${bridge}m2`,
    `umount ${netns}`,
    "ip netns add slipway.demo.worker-1",
  ]);
  assert.deepEqual(readAllocation(host, folder)!.machines, { "demo-worker-1": 2 });
  route = "default via 10.90.0.1 dev eth0 \n";
  assert.equal((await findLocalMachine(host, place, spec))?.address, "10.90.0.2");
});

test("deleteLocalMachine: ends what runs there, by namespace and by cgroup, then unmounts and removes", async (t) => {
  const { host, place, folder } = setUp(t);
  await createLocalMachine(host, place, spec);
  const disk = join(folder, "machines/worker-1");
  host.files.set(netns, "4242");
  host.files
    .set("/proc/100/ns/net", "net:[4242]")
    .set("/proc/200/ns/net", "net:[1]")
    .set("/proc/300/ns/net", "net:[1]");
  host.files.set("/sys/fs/cgroup/memory/slipway/demo/worker-1/cgroup.procs", "");
  host.files.set("/sys/fs/cgroup/memory/slipway/demo/worker-1/pod1/cgroup.procs", "300\n");
  host.files.set(
    "/proc/self/mountinfo",
    `1 2 0:4 / ${disk}/a\\040b rw - t t rw\n2 1 0:5 / ${disk}/a\\040b/c rw - t t rw\n3 2 0:5 / ${disk}x rw - t t rw\n`,
  );
  host.commands.length = 0;
  const kill = (pid: number) => {
    host.killed.push(pid);
    host.files.delete(`/proc/${pid}/ns/net`);
    if (pid === 300) host.files.set("/sys/fs/cgroup/memory/slipway/demo/worker-1/pod1/cgroup.procs", "");
  };
  await deleteLocalMachine({ ...host, kill }, place, spec, false);
  assert.deepEqual(host.killed, [100, 300]);
  assert.equal(host.commands[0], `umount --lazy -- ${disk}/a b/c ${disk}/a b`);
  assert.deepEqual(readAllocation(host, folder)!.machines, {});
  assert.equal(host.list("/sys/fs/cgroup/memory").length, 0);
  await deleteLocalMachine(host, place, spec, false);
});

test("findHostLeftovers: names everything of the cluster that is still there, and nothing of another", async (t) => {
  const { host, folder } = setUp(t, (command) => (command.includes("list table") ? 0 : ""));
  host.files.set(netns, "1").set("/run/netns/slipway.demo2.worker-1", "2");
  host.files.set(`/sys/class/net/${bridge}/ifindex`, "1").set("/sys/class/net/eth0/ifindex", "2");
  host.files.set("/proc/self/mountinfo", `1 2 0:4 / ${folder}/machines/x rw - t t rw\n`);
  host.files.set("/proc/7777/cmdline", `containerd\0--config\0${folder}/machines/x/config.toml\0`);
  host.files.set("/sys/fs/cgroup/memory/slipway/demo/cgroup.procs", "");
  assert.deepEqual(await findHostLeftovers(host, "demo", folder), [
    "network namespace slipway.demo.worker-1",
    `link ${bridge}`,
    `mount ${folder}/machines/x`,
    "process 7777",
    "cgroup /sys/fs/cgroup/memory/slipway/demo",
    `nftables table ip ${bridge}`,
  ]);
});
