import assert from "node:assert/strict";
import { test } from "node:test";
import { resolveConfig } from "#config";
import { clusterPaths } from "#turnup";
import type { CliContext } from "../context.ts";
import type { UpgradeState } from "./upgrade-state.ts";
import { upgradeSteps } from "./upgrade-steps.ts";

const context = { environment: {}, programs: {}, signal: new AbortController().signal } as unknown as CliContext;

function stepsOf(config: Parameters<typeof resolveConfig>[0], state: Partial<UpgradeState>) {
  const cluster = {
    name: "demo",
    home: "/nowhere",
    paths: clusterPaths("/nowhere", "demo"),
    config: resolveConfig({ name: "demo", infrastructure: { provider: "nspawn" }, ...config }),
  };
  const choices = { drain: true };
  const whole = { from: "1", target: "2", started: "", hops: [], machines: [], cordoned: [], choices, ...state };
  return upgradeSteps(cluster, whole, context).map(({ id, needs, ends }) => [
    id,
    needs.join(" "),
    ends?.join(" ") ?? "",
  ]);
}

const batches = { controlPlanes: ["c1"], workers: [["w1", "w2"], ["w3"]], replacements: [] };

test("upgradeSteps: each group after the one before, also from version to version; what each look ends", () => {
  const hops = [
    { version: "1.35.8", controlPlanes: ["c1"], workers: [], replacements: [] },
    { version: "1.36.3", ...batches },
  ];
  const config = { distribution: { type: "kubeadm" as const }, kubernetesVersion: "1.34.9" };
  assert.deepEqual(stepsOf(config, { hops, machines: ["c1", "w1", "w2", "w3"] }), [
    ["upgrade/1.35.8/programs", "", ""],
    ["upgrade/1.36.3/programs", "", ""],
    ["upgrade/1.35.8/snapshot", "upgrade/1.35.8/programs upgrade/1.36.3/programs", ""],
    ["upgrade/1.35.8/c1", "upgrade/1.35.8/snapshot", ""],
    ["upgrade/1.35.8/gate-c1", "upgrade/1.35.8/c1", "c1 control-planes 1.35.8"],
    ["upgrade/1.36.3/snapshot", "upgrade/1.35.8/gate-c1", ""],
    ["upgrade/1.36.3/c1", "upgrade/1.36.3/snapshot", ""],
    ["upgrade/1.36.3/gate-c1", "upgrade/1.36.3/c1", "c1 control-planes"],
    ["upgrade/1.36.3/w1", "upgrade/1.36.3/gate-c1", ""],
    ["upgrade/1.36.3/w2", "upgrade/1.36.3/gate-c1", ""],
    ["upgrade/1.36.3/gate-1", "upgrade/1.36.3/w1 upgrade/1.36.3/w2", "w1 w2"],
    ["upgrade/1.36.3/w3", "upgrade/1.36.3/gate-1", ""],
    ["upgrade/1.36.3/gate-2", "upgrade/1.36.3/w3", "w3 1.36.3"],
  ]);
});

test("upgradeSteps: new machines come before the old ones go; after, where there is no room", () => {
  const replacements = [[{ old: "demo-worker-1", new: "demo-worker-3" }]];
  const hops = [{ version: "1.36.2", controlPlanes: [], workers: [], replacements }];
  const ids = (surge: number) =>
    stepsOf({}, { hops, surge, machines: ["demo-worker-1", "demo-worker-2"] }).map(([id]) => id!.split("/")[2]);
  assert.deepEqual(ids(1), ["programs", "snapshot", "add-1", "remove-1", "gate-1"]);
  assert.deepEqual(ids(0), ["programs", "snapshot", "remove-1", "add-1", "gate-1"]);
});

test("upgradeSteps: data in an etcd of a person's own is not said to be saved", () => {
  const etcd = { endpoints: ["https://10.0.0.9:2379"], caFile: "/ca", certFile: "/crt", keyFile: "/key" };
  const config = { distribution: { type: "k3s" as const }, controlPlane: { etcd } };
  const steps = stepsOf(config, { hops: [{ version: "1.36.2", ...batches }], machines: ["c1"] });
  assert.deepEqual(
    steps.slice(0, 2).map(([id]) => id),
    ["upgrade/1.36.2/programs", "upgrade/1.36.2/c1"],
  );
});
