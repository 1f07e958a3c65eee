import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { ArtifactSource, Distribution } from "#bootstrap";
import { resolveConfig } from "#config";
import type { Machine, MachineSpec, Provider } from "#provision";
import { clusterPaths } from "../cluster-folder.ts";
import { planCluster } from "../plan-cluster.ts";
import type { PlanInput } from "../plan-input.ts";
import { chooseEndpoint, serverOf } from "./endpoint.ts";
import { machinesFile, parseMachines, type RecordedMachine, readMachines, recordMachine } from "./machines-file.ts";
import { chooseDuty } from "./remote-cluster.ts";

const base = resolveConfig({ name: "demo", infrastructure: { provider: "nspawn" }, workers: [{ count: 2 }] });

function configOf(replicas: number, more: { virtualAddress?: string; endpoint?: string } = {}) {
  return { ...base, controlPlane: { ...base.controlPlane, replicas, ...more } };
}

function inputOf(replicas: number, existing: readonly string[] = []): PlanInput {
  return {
    config: configOf(replicas),
    paths: clusterPaths("/nowhere", "demo"),
    provider: { name: "fake" } as Provider,
    exec: async () => ({ code: 0, stdout: "", stderr: "" }),
    programs: { process: () => [], command: () => [] },
    names: { existing },
    artifacts: {} as ArtifactSource,
    remote: {
      distribution: { name: "slipway" } as unknown as Distribution,
      connect: async () => assert.fail("nothing is to be reached"),
    },
  };
}

const machine = (name: string, role: Machine["role"], address: string): Machine => {
  return { name, role, pool: "", address, access: { kind: "ssh", host: address }, handle: {} };
};

test("planCluster, remote: control planes one after the other, then all workers, programs ahead of all", () => {
  const { steps } = planCluster(inputOf(3));
  const needs = (id: string) => steps.find((step) => step.id === id)!.needs.toSorted();
  const machines = [1, 2, 3].map((number) => `provision/machine/demo-control-plane-${number}`);
  assert.deepEqual(needs("bootstrap/machine/demo-control-plane-1"), ["bootstrap/prepare/demo-control-plane-1"]);
  assert.deepEqual(needs("bootstrap/kubeconfig"), ["bootstrap/machine/demo-control-plane-1"]);
  assert.deepEqual(needs("bootstrap/machine/demo-control-plane-3"), [
    "bootstrap/kubeconfig",
    "bootstrap/machine/demo-control-plane-2",
    "bootstrap/prepare/demo-control-plane-3",
  ]);
  assert.deepEqual(needs("bootstrap/machine/demo-worker-2"), [
    "bootstrap/kubeconfig",
    "bootstrap/prepare/demo-worker-2",
  ]);
  assert.deepEqual(needs("bootstrap/prepare/demo-worker-1"), [
    "bootstrap/certificates",
    ...machines,
    "provision/machine/demo-worker-1",
  ]);
  assert.ok(!steps.some(({ id }) => id === "bootstrap/supervisor"));
  // Run alone, phase 2 lets them join.
  assert.equal(steps.find(({ id }) => id === "addons/node-bootstrap")?.phase, "bootstrap");
});

test("planCluster, remote: machines that set themselves up are made when there is an API, and nobody brings them anything", () => {
  const input = inputOf(1);
  const bootstrap = { workers: "user-data", artifacts: "http://192.0.2.1" } as const;
  const { steps } = planCluster({ ...input, config: { ...input.config, bootstrap } });
  const needs = (id: string) => steps.find((step) => step.id === id)?.needs.toSorted();
  assert.deepEqual(needs("provision/machine/demo-worker-1"), ["bootstrap/kubeconfig", "provision/network"]);
  assert.deepEqual(needs("bootstrap/machine/demo-worker-1"), [
    "bootstrap/kubeconfig",
    "provision/machine/demo-worker-1",
  ]);
  assert.equal(needs("bootstrap/prepare/demo-worker-1"), undefined);
  assert.deepEqual(needs("provision/machine/demo-control-plane-1"), ["provision/network"]);
  assert.deepEqual(needs("bootstrap/machine/demo-control-plane-1"), ["bootstrap/prepare/demo-control-plane-1"]);
});

test("planCluster, remote: what an earlier plan had and this one lacks is undone, the node before its machine", () => {
  const begun = [
    "provision/machine/demo-worker-3",
    "bootstrap/prepare/demo-worker-3",
    "bootstrap/machine/demo-worker-3",
  ];
  const { retired } = planCluster(inputOf(1), ["provision/network", ...begun]);
  assert.deepEqual(
    retired.map(({ id, needs }) => [id, needs]),
    [
      [begun[0], []],
      [begun[1], [begun[0]]],
      [begun[2], [begun[1], begun[0]]],
    ],
  );
});

test("planCluster, remote: machines that were given are not made", () => {
  const input = inputOf(1);
  const machines = [machine("a", "control-plane", "10.0.0.1"), machine("b", "worker", "10.0.0.2")];
  const { steps } = planCluster({ ...input, remote: { ...input.remote!, machines } });
  assert.ok(!steps.some(({ phase }) => phase === "provision"));
  assert.deepEqual(steps.find(({ id }) => id === "bootstrap/prepare/b")!.needs, ["bootstrap/certificates"]);
});

test("planCluster, remote: given machines that nobody gets onto set themselves up; the others are waited for when there is an API", () => {
  const input = inputOf(1);
  const machines = [machine("a", "control-plane", "10.0.0.1"), machine("b", "worker", "10.0.0.2")];
  const closed = machines.map((each): Machine => ({ ...each, access: { kind: "none" } }));
  const { steps } = planCluster({ ...input, remote: { ...input.remote!, machines: closed } });
  const needs = (id: string) => steps.find((step) => step.id === id)?.needs;
  assert.ok(!steps.some(({ id }) => id.startsWith("bootstrap/prepare/")));
  assert.deepEqual(needs("bootstrap/machine/a"), ["bootstrap/certificates"]);
  assert.deepEqual(needs("bootstrap/kubeconfig"), ["bootstrap/machine/a"]);
  assert.deepEqual(needs("bootstrap/machine/b"), ["bootstrap/certificates", "bootstrap/kubeconfig"]);
});

test("chooseEndpoint: the configuration's, the virtual address, the provider's, the only control plane's; else what to do", () => {
  const one = [{ address: "10.0.0.1" }];
  const network = { machineCIDR: "10.0.0.0/24", controlPlaneAddress: "lb.example.org" };
  assert.deepEqual(chooseEndpoint(configOf(1), undefined, one), { host: "10.0.0.1", port: 6443 });
  assert.deepEqual(chooseEndpoint(configOf(3), network, one), { host: "lb.example.org", port: 6443 });
  assert.deepEqual(chooseEndpoint(configOf(3, { virtualAddress: "10.0.0.9" }), network, one).host, "10.0.0.9");
  const guarded = {
    machineCIDR: "10.0.0.0/24",
    controlPlaneAddress: "lb.example",
    internalControlPlaneAddress: "10.0.0.5",
  };
  const inside = chooseEndpoint(configOf(3), guarded, one);
  assert.deepEqual(inside, { host: "10.0.0.5", port: 6443, publicHost: "lb.example" });
  assert.equal(serverOf(inside), "https://lb.example:6443");
  assert.deepEqual(chooseEndpoint(configOf(3, { endpoint: "api.demo:443" }), network, one), {
    host: "api.demo",
    port: 443,
  });
  assert.throws(() => chooseEndpoint(configOf(3), undefined, one), /there are 3 control planes and no address before/);
});

test("chooseDuty: one starts the cluster, ever; a machine keeps what it was set up as", () => {
  const [first, second, worker] = [
    machine("c-1", "control-plane", "1"),
    machine("c-2", "control-plane", "2"),
    machine("w-1", "worker", "3"),
  ] as const;
  const wanted: MachineSpec[] = [first, second, worker];
  const duties = (recorded: readonly RecordedMachine[], wasSetUp = true) =>
    wanted.map((spec) => chooseDuty(spec, wanted, { recorded, wasSetUp }));
  assert.deepEqual(duties([first, second], false), ["init", "join-control-plane", "join-worker"]);
  assert.deepEqual(duties([{ ...first, duty: "init" }])[0], "init");
  // The first machine was lost and made anew.
  const lost = [
    { ...first, duty: "init" as const },
    { ...second, duty: "join-control-plane" as const },
  ];
  assert.equal(duties(lost, false)[0], "join-control-plane");
  assert.equal(duties(lost)[0], "init");
  // It never came to its end, and no other one has begun.
  assert.equal(duties([{ ...first, duty: "init" }], false)[0], "init");
});

test("recordMachine: changes side by side are all kept, in order of names; what a person wrote is checked", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "slipway-machines-"));
  t.after(() => rm(folder, { recursive: true }));
  const file = machinesFile(folder);
  const names = ["w-10", "w-2", "w-1"];
  await Promise.all(names.map((name) => recordMachine(file, name, () => machine(name, "worker", "10.0.0.1"))));
  await recordMachine(file, "w-1", () => undefined);
  assert.deepEqual(
    (await readMachines(file)).map(({ name }) => name),
    ["w-2", "w-10"],
  );
  const written = `[{"name":"a","role":"worker","address":"10.0.0.1","access":{"kind":"ssh","host":"a"}}]`;
  assert.deepEqual(parseMachines(written, "FILE")[0]?.handle, {});
  assert.throws(
    () => parseMachines(written.replace("worker", "boss"), "FILE"),
    /role of a must be control-plane or worker/,
  );
  const empty = JSON.stringify([{ ...machine("m", "worker", ""), access: { kind: "none" } }]);
  assert.throws(() => parseMachines(empty, "FILE"), /m has no address/);
  assert.throws(() => parseMachines("{}", "FILE"), /Cannot read FILE: it must be a list of machines/);
});
