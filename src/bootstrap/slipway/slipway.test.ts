import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { resolveConfig } from "#config";
import type { Machine } from "#provision";
import type { HostTools } from "../packages/host-tools.ts";
import { type ControlPlaneOptions, claimPort, describeControlPlane, readPort } from "./control-plane.ts";
import { type AgentOptions, describeAgent, describeRuntime, nodePaths, nodeSettings } from "./node.ts";

const tools: HostTools = {
  containerd: "/usr/bin/containerd",
  ctr: "/usr/bin/ctr",
  runc: "/usr/sbin/runc",
  cniPlugins: "/usr/lib/cni",
  nft: "/usr/sbin/nft",
  ip: "/usr/sbin/ip",
};

const resolver = { file: "/etc/resolv.conf", servers: ["9.9.9.9"], loopback: [] };

const machine: Machine = {
  name: "demo-worker-1",
  role: "worker",
  pool: "worker",
  address: "10.90.0.3",
  access: { kind: "local" },
  handle: {
    netns: "/run/netns/x",
    folder: "/c/machines/worker-1",
    run: "/c/run/worker-1",
    cgroup: "/slipway/demo/worker-1",
  },
};

const place = {
  storeFolder: "/c/store",
  pkiFolder: "/c/pki",
  auditLog: "/c/logs/audit.log",
  optionsFile: "/c/control-plane.json",
  port: 6443,
  machineSideAddress: "10.90.0.1",
};

test("describeControlPlane: listens for people and for machines; other settings make another unit", () => {
  const describe = (podCIDR: string) =>
    describeControlPlane(resolveConfig({ name: "demo", network: { podCIDR } }), place, (file) => ["run", file]);
  const { files, units } = describe("10.244.0.0/16");
  const options = JSON.parse(String(files[0]!.content)) as ControlPlaneOptions;
  assert.deepEqual(options.listenAddresses, ["127.0.0.1", "10.90.0.1"]);
  assert.equal(options.advertiseAddress, "10.90.0.1");
  assert.equal(options.nodeMaskSize, 24);
  assert.equal(options.simulation, undefined);
  assert.deepEqual(units[0]!.argv, ["run", "/c/control-plane.json"]);
  assert.deepEqual(describe("10.244.0.0/16"), { files, units, commands: [] });
  assert.notDeepEqual(describe("10.1.0.0/16").units, units);
});

test("describeControlPlane: simulated nodes: told how they live, not which there are, so that scaling starts nothing anew", () => {
  const config = resolveConfig({
    name: "demo",
    infrastructure: { provider: "local", simulated: true },
  });
  const describe = (count: number) => {
    const scaled = { ...config, workers: config.workers.map((pool) => ({ ...pool, count })) };
    return describeControlPlane(scaled, { ...place, machineSideAddress: undefined }, () => []);
  };
  const { files } = describe(2);
  const options = JSON.parse(String(files[0]!.content)) as ControlPlaneOptions;
  assert.deepEqual(options.simulation, { stages: [] });
  assert.deepEqual(describe(5000).units, describe(2).units);
  assert.deepEqual(options.listenAddresses, ["127.0.0.1"]);
  assert.ok(!options.advertiseAddress.startsWith("127."));
});

test("describeRuntime, describeAgent: run in the machine's network, the agent after what it needs", () => {
  const config = resolveConfig({ name: "demo", workers: [{ count: 1, capacity: { pods: 20 } }] });
  const paths = nodePaths(machine);
  const runtime = describeRuntime("demo", machine, paths, {
    tools,
    snapshotter: "overlayfs",
    restrictOomScoreAdj: false,
    resolver,
  });
  assert.deepEqual(runtime.units[0]!.argv.slice(0, 4), ["nsenter", "--net=/run/netns/x", "--", "/usr/bin/containerd"]);
  assert.deepEqual(runtime.units[0]!.ready, { kind: "socket", path: "/c/run/worker-1/cri.sock" });
  const agent = describeAgent(config, machine, paths, {
    tools,
    clusterDNS: "10.96.0.10",
    resolver,
    authority: "/c/pki/ca.crt",
    processArguments: (file) => ["agent", file],
  });
  assert.deepEqual(agent.units[0]!.after, ["control-plane", "containerd-worker-1"]);
  const options = JSON.parse(String(agent.files[0]!.content)) as AgentOptions;
  assert.equal(options.nodeName, "demo-worker-1");
  assert.equal(options.cgroupRoot, "/slipway/demo/worker-1");
  assert.deepEqual(options.capacity, { pods: 20 });
});

test("describeRuntime: a resolver on the host's loopback is reached from the machine, too", () => {
  const traits = { tools, snapshotter: "overlayfs", restrictOomScoreAdj: false } as const;
  const behind = { file: "/run/x", servers: ["9.9.9.9"], loopback: ["127.0.0.53"] };
  const { commands, files } = describeRuntime("demo", machine, nodePaths(machine), { ...traits, resolver: behind });
  assert.equal(files[1]?.path, "/c/run/worker-1/resolver.nft");
  assert.deepEqual(commands[0]?.argv.slice(-3), ["/usr/sbin/nft", "-f", "/c/run/worker-1/resolver.nft"]);
});

test("nodeSettings: a control plane takes no workloads, unless it is alone or told to", () => {
  const role = { role: "control-plane", pool: "" } as const;
  const taints = (input: Parameters<typeof resolveConfig>[0]) => nodeSettings(resolveConfig(input), role).taints;
  assert.deepEqual(taints({}), [{ key: "node-role.kubernetes.io/control-plane", value: "", effect: "NoSchedule" }]);
  assert.deepEqual(taints({ workers: [{ count: 0 }] }), []);
  assert.deepEqual(taints({ controlPlane: { taints: [] } }), []);
  const { labels } = nodeSettings(resolveConfig({ controlPlane: { labels: { a: "b" } } }), role);
  assert.equal(labels["node-role.kubernetes.io/control-plane"], "");
  assert.equal(labels["a"], "b");
});

function tempClusters(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "slipway-ports-"));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

function portOptions(clusters: string, cluster: string) {
  mkdirSync(join(clusters, cluster), { recursive: true });
  const optionsFile = join(clusters, cluster, "control-plane.json");
  const claim = async (port: number) => writeFileSync(optionsFile, JSON.stringify({ port }));
  return { optionsFile, addresses: ["127.0.0.1"], claim };
}

test("claimPort: a cluster keeps its port; no two get the same, running or not", async (t) => {
  const clusters = tempClusters(t);
  const config = resolveConfig({});
  const one = await claimPort(config, portOptions(clusters, "one"));
  assert.equal(await claimPort(config, portOptions(clusters, "one")), one);
  const others = await Promise.all(["two", "three"].map((name) => claimPort(config, portOptions(clusters, name))));
  assert.equal(new Set([one, ...others]).size, 3);
  assert.equal(readPort(join(clusters, "one", "control-plane.json")), one);
});

test("claimPort: the port that the configuration names, or an error that says what to do", async (t) => {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  const { port } = server.address() as { port: number };
  const clusters = tempClusters(t);
  const wanted = resolveConfig({ network: { apiServerPort: port } });
  await assert.rejects(claimPort(wanted, portOptions(clusters, "one")), new RegExp(`port ${port} is taken`));
});
