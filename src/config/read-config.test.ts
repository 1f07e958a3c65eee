import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigError } from "./config-problem.ts";
import { readConfig, resolveConfig } from "./read-config.ts";

const head = "apiVersion: slipway.dev/v1alpha1\nkind: Cluster\n";

function problemsOf(text: string): string[] {
  try {
    readConfig(text, "slipway.yaml");
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return error.message
      .split("\n")
      .slice(1)
      .map((line) => line.trim());
  }
  return [];
}

test("readConfig: the shortest file gives one control plane and two workers, locally", () => {
  const { config, notices } = readConfig(head, "slipway.yaml");
  assert.deepEqual(notices, []);
  assert.equal(config.name, "dev");
  assert.deepEqual(config.infrastructure, { provider: "local", simulated: false });
  assert.deepEqual(config.distribution, { type: "slipway" });
  assert.equal(config.controlPlane.replicas, 1);
  assert.deepEqual(config.workers, [{ name: "worker", count: 2, labels: {}, capacity: {} }]);
  assert.equal(config.network.podCIDR, "10.244.0.0/16");
  assert.equal(config.network.dnsDomain, "cluster.local");
});

test("readConfig: reads every field", () => {
  const { config } = readConfig(
    `${head}name: big
kubernetesVersion: "1.36"
distribution: { type: slipway }
infrastructure: { provider: local, simulated: true }
controlPlane:
  controllers: ["*", "-garbage-collector"]
  scheduler: false
workers:
  - name: gpu
    count: 3
    labels: { accelerator: none }
    taints: [{ key: gpu, value: "yes", effect: NoSchedule }]
    capacity: { cpu: 4, memory: 8Gi, pods: 50 }
network: { podCIDR: 10.1.0.0/16, serviceCIDR: 10.2.0.0/16, dnsDomain: k8s.test, apiServerPort: 6443 }
addons: [{ name: dns }]
`,
    "slipway.yaml",
  );
  assert.equal(config.name, "big");
  assert.deepEqual(config.workers[0]!.capacity, { cpu: "4", memory: "8Gi", pods: 50 });
  assert.deepEqual(config.workers[0]!.taints, [{ key: "gpu", value: "yes", effect: "NoSchedule" }]);
  assert.equal(config.network.apiServerPort, 6443);
  assert.equal(config.controlPlane.scheduler, false);
});

test("readConfig: reads JSON, which is YAML too", () => {
  const { config } = readConfig('{"apiVersion": "slipway.dev/v1alpha1", "kind": "Cluster", "name": "j"}', "c.json");
  assert.equal(config.name, "j");
});

test("readConfig: names every problem at once, with line and path", () => {
  const text = `apiVersion: slipway.dev/v1
kind: Cluster
name: Big_One
colour: red
infrastructure:
  provider: locl
workers:
  - cuont: 2
    count: two
  - name: worker
    count: -1
    capacity: { memory: lots }
network:
  podCIDR: 10.96.0.0/12
  apiServerPort: 99999
addons:
`;
  const providers = /"local", .*, not/;
  assert.deepEqual(
    problemsOf(text).map((problem) => problem.replace(providers, '"local", …, not')),
    [
      'slipway.yaml:1: apiVersion: must be "slipway.dev/v1alpha1", not "slipway.dev/v1"',
      "slipway.yaml:3: name: must consist of lower case letters, digits and '-', and start and end with a letter or digit, not \"Big_One\"",
      "slipway.yaml:4: colour: unknown field; known here: apiVersion, kind, name, kubernetesVersion, distribution, infrastructure, bootstrap, controlPlane, workers, network, images, addons",
      'slipway.yaml:6: infrastructure.provider: must be one of "local", …, not "locl", did you mean "local"?',
      'slipway.yaml:8: workers[0].cuont: unknown field, did you mean "count"?',
      'slipway.yaml:9: workers[0].count: must be a number, not "two"',
      "slipway.yaml:11: workers[1].count: must be at least 0, not -1",
      'slipway.yaml:12: workers[1].capacity.memory: must be a quantity such as 500m or 4Gi, not "lots"',
      "slipway.yaml:15: network.apiServerPort: must be at most 65535, not 99999",
      "slipway.yaml:16: addons: must be a list, not empty",
    ],
  );
});

test("readConfig: checks what no single field can tell", () => {
  const text = `${head}controlPlane: { replicas: 3 }
workers: [{ name: a }, { name: a, count: 20 }]
network:
  podCIDR: 10.0.0.0/8
  serviceCIDR: 10.90.0.0/30
`;
  assert.deepEqual(problemsOf(text), [
    "slipway.yaml:3: controlPlane.replicas: must be 1 with provider local: its API server is one process",
    'slipway.yaml:4: workers[1].name: "a" is already the name of workers[0]',
    "slipway.yaml:6: network.podCIDR: must not overlap 10.90.0.0/16, where local machines lie",
    "slipway.yaml:7: network.serviceCIDR: must not overlap network.podCIDR",
    "slipway.yaml:7: network.serviceCIDR: must not overlap 10.90.0.0/16, where local machines lie",
    "slipway.yaml:7: network.serviceCIDR: must hold 16 addresses or more (/28)",
  ]);
  assert.deepEqual(problemsOf(`${head}workers: [{ count: 40 }]\nnetwork: { podCIDR: 10.244.0.0/24 }\n`), [
    "slipway.yaml:4: network.podCIDR: has room for 16 nodes with a /28 each, but 41 are wanted",
  ]);
});

test("readConfig: points at the line where the YAML itself is broken", () => {
  const [problem] = problemsOf(`${head}name: [a\nworkers: 2\n`);
  assert.match(problem!, /^slipway\.yaml:[34]: /);
  assert.match(problemsOf(`${head}name: a\nname: b\n`)[0]!, /^slipway\.yaml:4: Map keys must be unique/);
  assert.match(problemsOf("")[0]!, /is empty/);
  assert.match(problemsOf("just text")[0]!, /must be a mapping of fields/);
  assert.match(problemsOf(`${head}---\n${head}`)[0]!, /more than one cluster/);
});

test("resolveConfig: checks what flags ask for", () => {
  assert.equal(resolveConfig({ name: "x", workers: [{ count: 5 }] }).workers[0]!.count, 5);
  assert.throws(() => resolveConfig({ name: "X" }), /Cannot use the configuration: 1 problem\n {2}name: must consist/);
});

const stage = (name: string) =>
  `apiVersion: kwok.x-k8s.io/v1alpha1\nkind: Stage\nmetadata: { name: ${name} }\nspec: { resourceRef: { apiGroup: v1, kind: Pod } }\n`;

test("readConfig: KWOK's stages beside the cluster, or alone, mean simulated nodes", () => {
  for (const text of [
    `${head}name: demo\n---\n${stage("a")}---\n${stage("b")}---\n`,
    `${stage("a")}---\n${stage("b")}`,
  ]) {
    const { infrastructure, network } = readConfig(text, "slipway.yaml").config;
    assert.ok(infrastructure.provider === "local" && infrastructure.simulated);
    assert.deepEqual(
      infrastructure.stages?.map(({ metadata }) => metadata.name),
      ["a", "b"],
    );
    assert.equal(network.podCIDR, "100.64.0.0/10");
  }
});

test("readConfig: stages where nodes are real", () => {
  const text = `${head}infrastructure: { provider: local, simulated: false }\n---\n${stage("a")}`;
  assert.match(problemsOf(text)[0]!, /infrastructure\.stages: must not be given where nodes are not simulated/);
});

test("readConfig: files of the API server are named by absolute paths, etcd by its endpoints", () => {
  const text = `apiVersion: slipway.dev/v1alpha1
kind: Cluster
controlPlane:
  apiServer:
    auditPolicy: audit.yaml
  etcd:
    endpoints: [10.0.0.5]
`;
  assert.throws(
    () => readConfig(text, "slipway.yaml"),
    (error) => {
      assert.ok(error instanceof ConfigError);
      assert.match(error.message, /slipway\.yaml:5: controlPlane\.apiServer\.auditPolicy: must be an absolute path/);
      assert.match(error.message, /slipway\.yaml:7: controlPlane\.etcd\.endpoints\[0\]: must be such as https:/);
      return true;
    },
  );
});
