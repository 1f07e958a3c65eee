import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { resolveConfig } from "#config";
import { hostMarkFile } from "#provision";
import { FakeClock } from "#shared";
import type { BootstrapInput, BootstrapMachine, MachineDuty } from "../../distribution.ts";
import { renderKeepalivedConfig } from "../../host/keepalived-config.ts";
import { hashDescription } from "../../report.ts";
import { createSlipwayDistribution } from "./distribution.ts";
import { joinEtcd, parseMembers, promoteMember } from "./etcd-members.ts";

const pair = (name: string) => ({ certificate: `${name} certificate\n`, key: `${name} key\n` });

const distribution = createSlipwayDistribution({
  kubernetesVersion: "1.36.2",
  programs: async (platform) => [
    { artifact: `node-24.0.0-${platform}`, file: "node" },
    { artifact: "slipway-agent-1-abc", file: "agent.cjs" },
  ],
});

const controlPlanes: BootstrapMachine[] = [1, 2, 3].map((number) => {
  return { name: `demo-control-plane-${number}`, role: "control-plane", pool: "", address: `10.0.0.${number}` };
});

function inputOf(duty: MachineDuty, machine: BootstrapMachine, replicas = 1): BootstrapInput {
  const base = resolveConfig({ name: "demo", workers: [{ count: 1 }] });
  const virtualAddress = replicas > 1 ? { virtualAddress: "10.0.0.9" } : {};
  return {
    config: { ...base, controlPlane: { ...base.controlPlane, replicas, ...virtualAddress } },
    machine,
    duty,
    endpoint: { host: replicas > 1 ? "10.0.0.9" : "10.0.0.1", port: 6443 },
    controlPlanes: controlPlanes.slice(0, replicas),
    authorities: {
      kubernetes: pair("ca"),
      frontProxy: pair("front-proxy"),
      etcd: pair("etcd"),
      serviceAccounts: { key: "sa key\n", publicKey: "sa public\n" },
    },
    token: "abcdef.0123456789abcdef",
    platform: "linux-amd64",
  };
}

const worker: BootstrapMachine = { name: "demo-worker-1", role: "worker", pool: "worker", address: "10.0.0.11" };

test("slipway: a worker gets the cluster's certificate and a token, and no key of anybody's", async () => {
  const { files, units, packages, artifacts } = await distribution.describeMachine(inputOf("join-worker", worker));
  const text = files.map(({ content }) => String(content)).join("");
  assert.doesNotMatch(text, / key\n/);
  assert.deepEqual(
    files
      .filter(({ content }) => String(content).includes("abcdef.0123456789abcdef"))
      .map(({ path, secret }) => [path, secret]),
    [["/etc/kubernetes/bootstrap-kubelet.conf", true]],
  );
  assert.deepEqual(
    units.map(({ name }) => name),
    ["slipway-containerd", "slipway-agent"],
  );
  assert.ok(packages?.includes("containerd") && !packages.includes("etcd-server"));
  assert.equal(artifacts?.[0]?.path, "/opt/slipway/node");
});

test("slipway: a worker whose address nobody knows yet is told what it is to reach; any other is told its own", async () => {
  const settingsOf = async (machine: BootstrapMachine) => {
    const { files } = await distribution.describeMachine(inputOf("join-worker", machine));
    const { content } = files.find(({ path }) => path === "/etc/slipway/machine.json")!;
    return JSON.parse(String(content)) as { address: unknown; agent: Record<string, unknown> };
  };
  const { address: _, ...unknown } = worker;
  const settings = await settingsOf(unknown);
  assert.deepEqual(settings.address, { reaching: { host: "10.0.0.1", port: 6443 } });
  assert.ok(!("nodeAddress" in settings.agent));
  assert.equal((await settingsOf(worker)).address, "10.0.0.11");
});

test("slipway: another address starts the agent anew", async () => {
  const agentOf = async (address: string) => {
    const { units } = await distribution.describeMachine(inputOf("join-worker", { ...worker, address }));
    return JSON.stringify(units.find(({ name }) => name === "slipway-agent"));
  };
  assert.notEqual(await agentOf("10.0.0.11"), await agentOf("10.0.0.12"));
});

test("slipway: the only control plane keeps its data itself; keys are secret files", async () => {
  const { files, units } = await distribution.describeMachine(inputOf("init", controlPlanes[0]!));
  const keys = files.filter(({ path }) => path.endsWith(".key"));
  assert.deepEqual(
    keys.map(({ path, mode, secret }) => [path.split("/").at(-1), mode, secret]),
    [
      ["ca.key", 0o600, true],
      ["front-proxy-ca.key", 0o600, true],
      ["sa.key", 0o600, true],
    ],
  );
  assert.deepEqual(
    units.map(({ name }) => name),
    ["slipway-containerd", "slipway-control-plane", "slipway-agent"],
  );
  assert.ok(!files.some(({ path }) => path.includes("bootstrap-kubelet")));
});

test("slipway: of several control planes each runs etcd and watches over the virtual address; the first one's comes first", async () => {
  const descriptions = await Promise.all(
    controlPlanes.map((machine, index) =>
      distribution.describeMachine(inputOf(index === 0 ? "init" : "join-control-plane", machine, 3)),
    ),
  );
  assert.deepEqual(
    descriptions[1]!.units.map(({ name }) => name),
    ["slipway-containerd", "slipway-etcd", "slipway-control-plane", "slipway-virtual-address", "slipway-agent"],
  );
  const settings = descriptions.map(({ files }) => {
    const file = files.find(({ path }) => path === "/etc/slipway/machine.json")!;
    return JSON.parse(String(file.content)).controlPlane;
  });
  assert.deepEqual(
    settings.map(({ etcd }) => etcd.starts),
    [true, false, false],
  );
  assert.deepEqual(
    settings.map(({ virtualAddress }) => virtualAddress.priority),
    [150, 149, 148],
  );
  assert.deepEqual(settings[1].etcd.others, ["10.0.0.1", "10.0.0.3"]);
  assert.ok(settings[1].options.certificates.apiServerAddresses.includes("10.0.0.9"));
  assert.match(
    renderKeepalivedConfig(settings[1].virtualAddress, { name: "b", address: "10.0.0.2", networkInterface: "host0" }),
    /unicast_peer \{\n {4}10\.0\.0\.1\n {4}10\.0\.0\.3\n {2}\}\n {2}virtual_ipaddress \{\n {4}10\.0\.0\.9\/32 dev host0/,
  );
});

test("slipway: the same input gives the same description", async () => {
  const describe = () => distribution.describeMachine(inputOf("init", controlPlanes[0]!, 3));
  assert.equal(hashDescription(await describe()), hashDescription(await describe()));
});

test("slipway: another authority starts anew what trusts it, and nothing else", async () => {
  const changedUnits = async (duty: MachineDuty, machine: BootstrapMachine, authority: "kubernetes" | "etcd") => {
    const input = inputOf(duty, machine, 3);
    const authorities = { ...input.authorities, [authority]: pair("new") };
    const [before, after] = await Promise.all(
      [input, { ...input, authorities }].map((each) => distribution.describeMachine(each)),
    );
    return after!.units.flatMap((unit, index) =>
      JSON.stringify(unit) === JSON.stringify(before!.units[index]) ? [] : [unit.name],
    );
  };
  const first = controlPlanes[0]!;
  assert.deepEqual(await changedUnits("init", first, "kubernetes"), ["slipway-control-plane", "slipway-agent"]);
  assert.deepEqual(await changedUnits("init", first, "etcd"), ["slipway-etcd", "slipway-control-plane"]);
  assert.deepEqual(await changedUnits("join-worker", worker, "kubernetes"), ["slipway-agent"]);
});

const list = `8e9e05c52164694d, started, demo-control-plane-1, https://10.0.0.1:2380, https://10.0.0.1:2379, false
91bc3c398fb3c146, unstarted, , https://10.0.0.2:2380, , true
`;

test("joinEtcd: who was half joined before is put out first; the initial cluster is what etcd says", async () => {
  assert.deepEqual(parseMembers(list)[1], {
    id: "91bc3c398fb3c146",
    isStarted: false,
    name: "",
    peerUrls: ["https://10.0.0.2:2380"],
    isLearner: true,
  });
  const ran: string[] = [];
  const initial = await joinEtcd({
    name: "demo-control-plane-2",
    address: "10.0.0.2",
    others: ["10.0.0.3", "10.0.0.1"],
    exec: async (argv) => {
      const command = argv.slice(7).join(" ");
      if (argv[1]!.includes("10.0.0.3")) throw new Error("refused");
      ran.push(command);
      const stdout = command === "member list" ? list : 'ETCD_INITIAL_CLUSTER="a=https://10.0.0.1:2380,b=…"\n';
      return { code: 0, stdout, stderr: "" };
    },
  });
  assert.equal(initial, "a=https://10.0.0.1:2380,b=…");
  assert.deepEqual(ran, [
    "endpoint health",
    "member list",
    "member remove 91bc3c398fb3c146",
    "member add demo-control-plane-2 --peer-urls=https://10.0.0.2:2380 --learner",
  ]);
});

test("promoteMember: a learner answers nothing itself; those that may vote are asked, again until it has the data", async () => {
  const clock = new FakeClock();
  let asked = 0;
  const promoted = promoteMember(
    { address: "10.0.0.2", others: ["10.0.0.1"] },
    {
      clock: { now: () => clock.now(), after: (delay, action) => clock.after(delay, action), sleep: async () => {} },
      exec: async (argv) => {
        if (argv[1] === "--endpoints=https://10.0.0.2:2379")
          throw new Error("etcdserver: rpc not supported for learner");
        assert.equal(argv[1], "--endpoints=https://10.0.0.1:2379");
        if (argv.includes("health")) return { code: 0, stdout: "", stderr: "" };
        if (argv.includes("list")) return { code: 0, stdout: list.replace("unstarted, ,", "started, b,"), stderr: "" };
        if (++asked < 3) throw new Error("can only promote a learner member which is in sync with leader");
        return { code: 0, stdout: "", stderr: "" };
      },
    },
  );
  await promoted;
  assert.equal(asked, 3);
});

test("slipway: files that the configuration names for the API server go to control planes alone, and are found there", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "slipway-given-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const [auditPolicy, keyFile] = [join(folder, "audit.yaml"), join(folder, "etcd.key")];
  writeFileSync(auditPolicy, "kind: Policy\n");
  writeFileSync(keyFile, "a key\n");
  const describe = (duty: MachineDuty, machine: BootstrapMachine) => {
    const input = inputOf(duty, machine);
    const etcd = { endpoints: ["https://10.0.0.5:2379"], keyFile };
    const controlPlane = { ...input.config.controlPlane, apiServer: { auditPolicy }, etcd };
    return distribution.describeMachine({ ...input, config: { ...input.config, controlPlane } });
  };
  const { files, units } = await describe("init", controlPlanes[0]!);
  const found = (path: string) => files.find((file) => file.path === path);
  const policy = { path: "/etc/slipway/api-server/audit-policy-file.yaml", content: "kind: Policy\n" };
  const key = { path: "/etc/slipway/etcd-client/client.key", content: "a key\n" };
  for (const file of [policy, key]) assert.deepEqual(found(file.path), { ...file, mode: 0o600, secret: true });
  const settings = String(found("/etc/slipway/machine.json")?.content);
  assert.deepEqual(JSON.parse(settings).controlPlane.options.auditPolicy, policy.path);
  assert.equal(JSON.parse(settings).controlPlane.options.etcd.keyFile, key.path);
  assert.doesNotMatch(settings, new RegExp(folder));

  const worker1 = await describe("join-worker", worker);
  assert.equal(
    worker1.files.find(({ path }) => path === policy.path),
    undefined,
  );

  // Another policy is read by another process.
  writeFileSync(auditPolicy, "kind: Policy\nrules: []\n");
  const markOf = (list: typeof units) => list.find(({ name }) => name === "slipway-control-plane")?.env;
  assert.notDeepEqual(markOf((await describe("init", controlPlanes[0]!)).units), markOf(units));

  rmSync(keyFile);
  await assert.rejects(describe("init", controlPlanes[0]!), /Cannot read etcd\.key for controlPlane\.etcd\.keyFile/);
});

test("promoteMember: a full member asks nobody else, who may be down", async () => {
  const voter = list.replace("unstarted, ,", "started, b,").replaceAll("true", "false");
  await promoteMember(
    { address: "10.0.0.2", others: ["10.0.0.1"] },
    {
      clock: new FakeClock(),
      exec: async (argv) => {
        assert.equal(argv[1], "--endpoints=https://10.0.0.2:2379");
        return { code: 0, stdout: voter, stderr: "" };
      },
    },
  );
});

test("slipway: mirrors of registries and scheduled snapshots are known on machines elsewhere, too; the owner's mark is no file of ours", async () => {
  const input = inputOf("init", controlPlanes[0]!);
  const mirrors = { "registry.k8s.io": ["https://mirror.test"] };
  const snapshots = { every: "6h", keep: 3 };
  const config = {
    ...input.config,
    images: { ...input.config.images, mirrors },
    controlPlane: { ...input.config.controlPlane, snapshots },
  };
  const { files } = await distribution.describeMachine({ ...input, config });
  const hosts = files.find(({ path }) => path.endsWith("/registry.k8s.io/hosts.toml"));
  assert.match(String(hosts?.content), /https:\/\/mirror\.test/);
  const settings = JSON.parse(String(files.find(({ path }) => path === "/etc/slipway/machine.json")?.content));
  assert.deepEqual(
    settings.registryFolders.map((folder: string) => `${folder}/registry.k8s.io/hosts.toml`),
    [hosts?.path],
  );
  assert.deepEqual(settings.controlPlane.options.snapshots, {
    everyMs: 6 * 3_600_000,
    keep: 3,
    folder: "/var/lib/slipway/snapshots",
  });
  assert.ok(!files.some(({ path }) => path === hostMarkFile));
});
