import assert from "node:assert/strict";
import { test } from "node:test";
import { checkConfig } from "./check-config.ts";
import { configApiVersion } from "./cluster-config.ts";
import { formatPath } from "./config-problem.ts";
import { chooseVersion, knownVersions } from "./distribution/versions.ts";
import { resolveConfig } from "./read-config.ts";
import { writeConfig } from "./write-config.ts";

const aws = { provider: "aws", region: "eu-central-1" };

function problemsOf(input: object): Record<string, string> {
  const checked = checkConfig({ apiVersion: configApiVersion, kind: "Cluster", ...input });
  const problems = checked.config ? [] : checked.problems;
  return Object.fromEntries(problems.map(({ path, message }) => [formatPath(path), message]));
}

test("checkDistribution: upstream's need machines of their own", () => {
  for (const type of ["kubeadm", "k3s"]) {
    assert.match(
      problemsOf({ distribution: { type } })["distribution.type"]!,
      /wants machines of its own, with systemd/,
    );
    assert.deepEqual(problemsOf({ distribution: { type }, infrastructure: aws }), {});
  }
});

test("checkDistribution: what our own nodes bring is not the default of other distributions", () => {
  const kubeadm = resolveConfig({ distribution: { type: "kubeadm" }, infrastructure: aws as never });
  assert.deepEqual([kubeadm.network.plugin, kubeadm.addons], ["flannel", []]);
  const k3s = resolveConfig({
    distribution: { type: "k3s" },
    infrastructure: aws as never,
    network: { dnsDomain: "a.b" },
  });
  assert.deepEqual([k3s.network.plugin, k3s.network.dnsDomain, k3s.addons], ["none", "a.b", []]);
  assert.match(writeConfig({ distribution: { type: "kubeadm" }, infrastructure: aws }), /\naddons: \[\]/);
});

test("checkDistribution: versions: the newest patch, one of one's own, or why there is none", () => {
  assert.deepEqual(chooseVersion("kubeadm", undefined), { version: knownVersions.kubeadm[0] });
  assert.deepEqual(chooseVersion("kubeadm", "v1.35"), { version: "1.35.8" });
  assert.deepEqual(chooseVersion("kubeadm", "1.34.99"), { version: "1.34.99" });
  const old = { distribution: { type: "kubeadm" }, infrastructure: aws, kubernetesVersion: "1.30" };
  assert.deepEqual(problemsOf(old), {
    kubernetesVersion: "must be one that distribution kubeadm has: 1.36, 1.35, 1.34",
  });
  assert.ok(problemsOf({ kubernetesVersion: "1.35" })["kubernetesVersion"]);
});

test("checkDistribution: what a distribution has no way to follow is said at its field", () => {
  const problems = problemsOf({
    distribution: { type: "kubeadm", patches: [{ target: "etcd", type: "json", patch: {} }] },
    infrastructure: aws,
    controlPlane: { replicas: 2, scheduler: false, snapshots: {} },
    workers: [{ capacity: { cpu: 4, pods: 20 } }],
    network: { plugin: "slipway" },
    addons: [{ name: "dns" }],
  });
  assert.deepEqual(Object.keys(problems).toSorted(), [
    "addons[0].name",
    "controlPlane.replicas",
    "controlPlane.scheduler",
    "controlPlane.snapshots",
    "distribution.patches[0].patch",
    "network.plugin",
    "workers[0].capacity.cpu",
  ]);
  const etcd = { endpoints: ["https://10.0.0.5:2379"] };
  assert.deepEqual(
    Object.keys(problemsOf({ distribution: { type: "kubeadm" }, infrastructure: aws, controlPlane: { etcd } })),
    ["controlPlane.etcd"],
  );
  const k3s = { type: "k3s" };
  assert.ok(problemsOf({ distribution: k3s, infrastructure: aws, network: { plugin: "flannel" } })["network.plugin"]);
  const cilium = problemsOf({ distribution: k3s, infrastructure: aws, network: { plugin: "cilium" } });
  assert.deepEqual(Object.keys(cilium), ["distribution.flannelBackend"]);
});
