// What distribution k3s hands to machines, as golden files.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { load } from "js-yaml";
import { k3sDistribution, type MachineDescription, renderShellScript } from "#bootstrap";
import { assertGolden } from "../../support/bootstrap/golden.ts";
import { duties, type SampleConfig, sampleInput } from "../../support/bootstrap/sample-input.ts";

const plain: SampleConfig = { distribution: { type: "k3s" }, kubernetesVersion: "1.36" };

const everything: SampleConfig = {
  kubernetesVersion: "1.35",
  distribution: {
    type: "k3s",
    tlsSAN: ["api.example.org"],
    disable: ["traefik", "servicelb"],
    flannelBackend: "none",
    networkPolicy: false,
    secretsEncryption: true,
    kubeAPIServerArgs: ["audit-log-maxage=7"],
    kubeletArgs: ["serialize-image-pulls=false"],
    etcdArgs: ["quota-backend-bytes=8589934592"],
    systemDefaultRegistry: "registry.example.org",
    registries: { mirrors: { "docker.io": { endpoint: ["https://mirror.example.org"] } } },
    dataDir: "/srv/k3s",
  },
  controlPlane: { replicas: 3, controllers: ["*", "-ttl"], taints: [] },
  network: { plugin: "cilium", apiServerPort: 7443, proxy: "none" },
};

const configFile = "/etc/rancher/k3s/config.yaml";

function configOf({ files }: MachineDescription): Record<string, unknown> {
  return load(String(files.find(({ path }) => path === configFile)!.content)) as Record<string, unknown>;
}

for (const [scene, config] of Object.entries({ plain, everything })) {
  test(`k3s ${scene}: as its golden files; the same input gives the same description`, async () => {
    const files: Record<string, string> = {};
    for (const duty of duties) {
      const input = sampleInput(config, duty);
      const description = await k3sDistribution.describeMachine(input);
      assert.deepEqual(await k3sDistribution.describeMachine(input), description);
      files[`${duty}.yaml`] = String(description.files.find(({ path }) => path === configFile)!.content);
      files[`${duty}.sh`] = renderShellScript({ ...description, artifacts: [] }, { hideSecrets: true });
    }
    assertGolden(`bootstrap/k3s/${scene}`, files);
  });
}

test("k3s: the first server starts etcd with our authorities; others join it, and know it by them", async () => {
  const [first, second, agent] = await Promise.all(
    duties.map((duty) => k3sDistribution.describeMachine(sampleInput(plain, duty))),
  );
  const { kubernetes } = sampleInput(plain, "init").authorities;
  const pin = createHash("sha256").update(kubernetes.certificate).digest("hex");
  const secret = String(configOf(first!)["token"]);
  assert.match(secret, /^[0-9a-f]{64}$/);
  assert.equal(configOf(first!)["cluster-init"], true);
  for (const description of [second!, agent!]) {
    const config = configOf(description);
    assert.equal(config["token"], `K10${pin}::server:${secret}`);
    assert.equal(config["server"], "https://10.0.0.100:6443");
    assert.equal(config["cluster-init"], undefined);
  }
  const tls = "/var/lib/rancher/k3s/server/tls";
  const handed = (description: MachineDescription) => description.files.filter(({ path }) => path.startsWith(tls));
  assert.deepEqual([handed(first!).length, handed(second!).length, handed(agent!).length], [11, 0, 0]);
  assert.equal(handed(first!).find(({ path }) => path === `${tls}/client-ca.crt`)?.content, kubernetes.certificate);
  assert.deepEqual(
    agent!.units.map(({ argv }) => argv),
    [["/usr/local/bin/k3s", "agent"]],
  );
});

test("k3s: an etcd of one's own makes all servers alike", async () => {
  const etcd = { endpoints: ["https://10.0.0.50:2379", "https://10.0.0.51:2379"] };
  const config = { ...plain, controlPlane: { replicas: 2, etcd } };
  const second = configOf(await k3sDistribution.describeMachine(sampleInput(config, "join-control-plane")));
  assert.equal(second["datastore-endpoint"], "https://10.0.0.50:2379,https://10.0.0.51:2379");
  assert.equal(second["server"], undefined);
});

test("k3s: what is secret is marked; it takes off only what is this cluster's", async () => {
  for (const duty of duties) {
    const { files } = await k3sDistribution.describeMachine(sampleInput(plain, duty));
    for (const { path, content, secret, mode } of files) {
      const isSecret = /PRIVATE KEY|token:/.test(String(content));
      assert.equal(secret ?? false, isSecret, path);
      if (isSecret) assert.equal(mode, 0o600, path);
    }
  }
  const { commands } = k3sDistribution.describeRemoval(sampleInput(plain, "join-worker"));
  for (const { argv } of commands) assert.ok(argv.includes("/var/lib/slipway/k3s/cluster-demo"), argv.join(" "));
});

test("k3s: images.mirrors go into registries.yaml, beside what is given there", async () => {
  const registries = { mirrors: { "docker.io": { endpoint: ["https://own.example.org"] } }, configs: {} };
  const config = {
    ...plain,
    distribution: { type: "k3s" as const, registries },
    images: { mirrors: { "docker.io": ["https://other.example.org"], "quay.io": ["https://mirror.example.org"] } },
  };
  const { files } = await k3sDistribution.describeMachine(sampleInput(config, "join-worker"));
  const file = files.find(({ path }) => path === "/etc/rancher/k3s/registries.yaml");
  assert.deepEqual(load(String(file!.content)), {
    mirrors: { ...registries.mirrors, "quay.io": { endpoint: ["https://mirror.example.org"] } },
    configs: {},
  });
});
