import assert from "node:assert/strict";
import { test } from "node:test";
import type { ArtifactSource } from "#bootstrap";
import { type ClusterConfigInput, resolveConfig } from "#config";
import type { Provider } from "#provision";
import type { Exec } from "#shared";
import { clusterPaths } from "./cluster-folder.ts";
import { planCluster } from "./plan-cluster.ts";
import { machineSpecs, type NodeNames, nodeNames, type PlanInput } from "./plan-input.ts";

const untouched = new Proxy({} as Provider, {
  get(_target, name) {
    throw new Error(`a plan must not ask the provider (${String(name)})`);
  },
});
const noArtifacts = new Proxy({} as ArtifactSource, {
  get(_target, name) {
    throw new Error(`a plan must ask for no artifact (${String(name)})`);
  },
});
const noExec: Exec = () => Promise.reject(new Error("a plan must run nothing"));

function input(config: Partial<ClusterConfigInput>, names: NodeNames = { existing: [] }): PlanInput {
  return {
    config: resolveConfig({ name: "demo", ...config }),
    paths: clusterPaths("/home", "demo"),
    provider: untouched,
    exec: noExec,
    programs: { process: (...words) => words, command: (...words) => [...words] },
    names,
    artifacts: noArtifacts,
  };
}

const simulated = { infrastructure: { provider: "local", simulated: true } } as const;

test("planCluster: a machine, its runtime and its agent per node, in an order that works", () => {
  const { steps, retired } = planCluster(input({ workers: [{ count: 1 }] }));
  assert.deepEqual(retired, []);
  assert.deepEqual(
    steps.map(({ id }) => id),
    [
      "bootstrap/packages",
      "provision/network",
      "provision/machine/demo-control-plane-1",
      "provision/machine/demo-worker-1",
      "bootstrap/certificates",
      "bootstrap/supervisor",
      "bootstrap/control-plane",
      "bootstrap/runtime/demo-control-plane-1",
      "bootstrap/node/demo-control-plane-1",
      "bootstrap/runtime/demo-worker-1",
      "bootstrap/node/demo-worker-1",
      "bootstrap/kubeconfig",
      "addons/cluster-info",
      "addons/dns",
      "addons/storage",
      "verify/nodes",
    ],
  );
  const done = new Set<string>();
  for (const { id, needs } of steps) {
    for (const need of needs) assert.ok(done.has(need), `${id} needs ${need}`);
    done.add(id);
  }
});

test("planCluster: simulated nodes need no machines", () => {
  const { steps } = planCluster(input({ ...simulated, workers: [{ count: 100 }] }));
  assert.ok(steps.every(({ phase, id }) => phase !== "provision" && !id.startsWith("bootstrap/node")));
  assert.equal(steps.at(-1)!.title, "Wait for 100 nodes to be ready");
});

test("planCluster: what earlier plans have begun and this one has not is retired", () => {
  const begun = [
    "provision/network",
    "provision/machine/demo-worker-2",
    "bootstrap/runtime/demo-worker-2",
    "bootstrap/node/demo-worker-2",
    "addons/storage",
  ];
  const { retired } = planCluster(input({ workers: [{ count: 1 }], addons: [{ name: "dns" }] }), begun);
  assert.deepEqual(
    retired.map(({ id }) => id),
    begun.slice(1),
  );
  assert.ok(retired.every(({ undo }) => undo !== undefined));
});

test("machineSpecs: pools by name, numbered from 1", () => {
  const config = resolveConfig({ name: "demo", workers: [{ count: 2 }, { name: "gpu", count: 1 }] });
  assert.deepEqual(machineSpecs(config, { existing: [] }), [
    { name: "demo-control-plane-1", role: "control-plane", pool: "" },
    { name: "demo-worker-1", role: "worker", pool: "worker" },
    { name: "demo-worker-2", role: "worker", pool: "worker" },
    { name: "demo-gpu-1", role: "worker", pool: "gpu" },
  ]);
});

test("nodeNames: a node that goes leaves the others their names; the next new one fills the gap", () => {
  const workers = (count: number, names: NodeNames) =>
    nodeNames(resolveConfig({ name: "demo", ...simulated, workers: [{ count }] }), names);
  const three = ["demo-worker-1", "demo-worker-2", "demo-worker-3"];
  assert.deepEqual(workers(2, { existing: three, excluded: ["demo-worker-1"] }), ["demo-worker-2", "demo-worker-3"]);
  assert.deepEqual(workers(3, { existing: ["demo-worker-2", "demo-worker-3"] }), three);
  assert.deepEqual(workers(1, { existing: three }), ["demo-worker-1"]);
  assert.deepEqual(workers(1, { existing: ["demo-worker-x", "demo-workers-7", "other-worker-1"] }), ["demo-worker-1"]);
  assert.deepEqual(workers(0, { existing: three }), []);
});

test("planCluster: an add-on that is none is refused", () => {
  assert.throws(() => planCluster(input({ addons: [{ name: "dnss" }] })), /"dnss" is no add-on, did you mean "dns"\?/);
});

test("planCluster: simulated nodes are one step, whatever their number, also where there are none", () => {
  for (const count of [0, 5000]) {
    const { steps } = planCluster(input({ ...simulated, workers: [{ count }] }));
    assert.deepEqual(
      steps.map(({ id }) => id).filter((id) => !id.startsWith("addons/")),
      [
        "bootstrap/certificates",
        "bootstrap/supervisor",
        "bootstrap/control-plane",
        "bootstrap/simulated-nodes",
        "bootstrap/kubeconfig",
        "verify/nodes",
      ],
    );
  }
});
