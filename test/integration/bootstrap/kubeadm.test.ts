// What distribution kubeadm hands to machines: golden files, and what kubeadm itself says of them where there is one: on the PATH, or
// named by SLIPWAY_TEST_KUBEADM.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createPrivateKey, createPublicKey, X509Certificate } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { parseAllDocuments } from "yaml";
import {
  type BootstrapInput,
  kubeadmDistribution,
  kubeadmImages,
  type MachineDescription,
  renderShellScript,
} from "#bootstrap";
import { assertGolden } from "../../support/bootstrap/golden.ts";
import type { SampleConfig } from "../../support/bootstrap/sample-input.ts";
import { duties, sampleInput } from "../../support/bootstrap/sample-input.ts";

const plain: SampleConfig = { distribution: { type: "kubeadm" }, kubernetesVersion: "1.36.2" };

const everything: SampleConfig = {
  kubernetesVersion: "1.35.1",
  distribution: {
    type: "kubeadm",
    certSANs: ["api.example.org", "192.0.2.7"],
    apiServer: {
      extraArgs: [
        { name: "audit-log-maxage", value: "7" },
        { name: "service-account-issuer", value: "https://one.example.org" },
        { name: "service-account-issuer", value: "https://two.example.org" },
      ],
      extraVolumes: [
        { name: "logs", hostPath: "/var/log/kubernetes", mountPath: "/var/log/kubernetes", readOnly: false },
      ],
      extraEnvs: [{ name: "GODEBUG", value: "netdns=go" }],
    },
    scheduler: { extraArgs: [{ name: "v", value: "4" }] },
    etcd: {
      dataDir: "/srv/etcd",
      extraArgs: [{ name: "quota-backend-bytes", value: "8589934592" }],
      serverCertSANs: ["etcd.local"],
    },
    kubelet: {
      extraArgs: [{ name: "v", value: "3" }],
      config: { serializeImagePulls: false, evictionHard: { "memory.available": "200Mi" } },
    },
    kubeProxy: { config: { metricsBindAddress: "0.0.0.0:10249" } },
    coreDNS: false,
    imageRepository: "registry.example.org/k8s",
    featureGates: { RootlessControlPlane: true },
    encryptionAlgorithm: "RSA-3072",
    certificateValidityPeriod: "4380h",
    patches: [
      { target: "kube-apiserver", patch: { metadata: { annotations: { team: "platform" } } } },
      { target: "etcd", type: "json", patch: [{ op: "add", path: "/metadata/labels/x", value: "y" }] },
      { target: "kubeletconfiguration", type: "merge", patch: { maxParallelImagePulls: 4 } },
    ],
    skipPhases: ["mark-control-plane"],
    ignorePreflightErrors: ["NumCPU", "Mem"],
    timeouts: { controlPlaneComponentHealthCheck: "6m0s", discovery: "10m0s" },
    verbosity: 2,
  },
  controlPlane: { replicas: 3, controllers: ["*", "-ttl"], taints: [], labels: { "example.org/rack": "r1" } },
  network: { nodeMaskSize: 25, apiServerPort: 7443, proxy: "nftables", plugin: "cilium" },
};

function contentOf({ files }: MachineDescription, path: string): string {
  const file = files.find((each) => each.path === path);
  assert.ok(file, `${path} is not there`);
  return String(file.content);
}

const describe = (input: BootstrapInput) => kubeadmDistribution.describeMachine(input);
const configFile = "/var/lib/slipway/kubeadm/config.yaml";

for (const [scene, config] of Object.entries({ plain, everything })) {
  test(`kubeadm ${scene}: as its golden files; the same input gives the same description`, async () => {
    const files: Record<string, string> = {};
    for (const duty of duties) {
      const input = sampleInput(config, duty);
      const description = await describe(input);
      assert.deepEqual(await describe(input), description);
      files[`${duty}.yaml`] = contentOf(description, configFile);
      files[`${duty}.sh`] = renderShellScript({ ...description, artifacts: [] }, { hideSecrets: true });
    }
    assertGolden(`bootstrap/kubeadm/${scene}`, files);
  });
}

test("kubeadm: what is secret is marked, and workers get no authority", async () => {
  for (const duty of duties) {
    const { files } = await describe(sampleInput(plain, duty));
    for (const { path, content, secret, mode } of files) {
      const isSecret = /PRIVATE KEY|0123456789abcdef/.test(String(content));
      assert.equal(secret ?? false, isSecret, path);
      if (isSecret) assert.equal(mode, 0o600, path);
    }
    const keys = files.filter(({ path }) => path.endsWith(".key"));
    assert.equal(keys.length, duty === "join-worker" ? 0 : 4);
  }
});

test("kubeadm: an etcd of one's own is named, its certificates are handed over, and no authority of ours", async (t) => {
  const folder = tempFolder(t);
  const etcd = {
    endpoints: ["https://10.0.0.50:2379"],
    caFile: join(folder, "ca"),
    certFile: join(folder, "crt"),
    keyFile: join(folder, "key"),
  };
  for (const file of ["ca", "crt", "key"]) writeFileSync(join(folder, file), `${file}\n`);
  const input = sampleInput({ ...plain, controlPlane: { replicas: 2, etcd } }, "init");
  const description = await describe(input);
  assert.match(
    contentOf(description, configFile),
    /external:\n\s+endpoints:\n\s+- https:\/\/10\.0\.0\.50:2379\n\s+caFile: \/etc\/kubernetes\/pki\/external-etcd\/ca\.crt/,
  );
  assert.equal(contentOf(description, "/var/lib/slipway/kubeadm/pki/external-etcd/client.key"), "key\n");
  assert.ok(!description.files.some(({ path }) => path.includes("pki/etcd/")));
  assert.deepEqual(kubeadmDistribution.describeLeave?.(input)?.commands, []);
  rmSync(join(folder, "key"));
  await assert.rejects(describe(input), /Cannot read key for controlPlane\.etcd\.keyFile/);
});

test("kubeadm: files the configuration names for the API server are handed to every control plane", async (t) => {
  const auditPolicy = join(tempFolder(t), "policy.yaml");
  writeFileSync(auditPolicy, "kind: Policy\n");
  const config = { ...plain, controlPlane: { replicas: 1, apiServer: { auditPolicy } } };
  const description = await describe(sampleInput(config, "init"));
  assert.equal(contentOf(description, "/etc/kubernetes/slipway/audit-policy-file.yaml"), "kind: Policy\n");
  assert.match(
    contentOf(description, configFile),
    /name: audit-policy-file\n\s+value: \/etc\/kubernetes\/slipway\/audit-policy-file\.yaml/,
  );
  const worker = await describe(sampleInput(config, "join-worker"));
  assert.ok(!worker.files.some(({ path }) => path.startsWith("/etc/kubernetes/slipway")));
});

test("kubeadm: takes off only what is this cluster's", () => {
  const { commands } = kubeadmDistribution.describeRemoval(sampleInput(plain, "join-worker"));
  for (const { argv } of commands) assert.ok(argv.includes("/var/lib/slipway/kubeadm/cluster-demo"), argv.join(" "));
});

// ——— with kubeadm itself ———

function findKubeadm(t: TestContext): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(":");
  const found =
    process.env["SLIPWAY_TEST_KUBEADM"] ??
    folders.map((folder) => join(folder, "kubeadm")).find((path) => existsSync(path));
  if (found === undefined) t.skip("no kubeadm here: put one on the PATH, or name it in SLIPWAY_TEST_KUBEADM");
  return found;
}

function tempFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "slipway-kubeadm-"));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

function run(program: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: "utf8" });
  assert.equal(status, 0, `${args.join(" ")}\n${stdout}${stderr}`);
  return `${stdout}${stderr}`;
}

test("kubeadm config validate takes every document", async (t) => {
  const kubeadm = findKubeadm(t);
  if (kubeadm === undefined) return;
  const folder = tempFolder(t);
  for (const config of [plain, everything]) {
    for (const duty of duties) {
      const description = await describe(sampleInput(config, duty));
      const documents = description.files.filter(({ path }) =>
        /^\/var\/lib\/slipway\/kubeadm\/[a-z]+\.yaml$/.test(path),
      );
      assert.equal(documents.length, 3);
      for (const { path, content } of documents) {
        const file = join(folder, "config.yaml");
        writeFileSync(file, content);
        assert.doesNotMatch(run(kubeadm, "config", "validate", "--config", file), /unknown|deprecated|W\d{4}/i, path);
      }
    }
  }
});

test("kubeadm takes the commands of an upgrade, as far as it comes without a cluster", async (t) => {
  const kubeadm = findKubeadm(t);
  if (kubeadm === undefined) return;
  const file = join(tempFolder(t), "upgrade.yaml");
  for (const config of [plain, everything]) {
    for (const duty of duties) {
      const description = await describe(sampleInput(config, duty));
      writeFileSync(file, contentOf(description, "/var/lib/slipway/kubeadm/upgrade.yaml"));
      const { argv } = description.commands.find(({ title }) => title?.startsWith("Upgrade to "))!;
      const words = argv.slice(5).map((word) => (word.endsWith("upgrade.yaml") ? file : word));
      assert.equal(words[0], duty === "init" ? "apply" : "node");
      const { stderr } = spawnSync(kubeadm, ["upgrade", ...words, "--kubeconfig", "/nowhere"], { encoding: "utf8" });
      assert.match(stderr, /couldn't create a Kubernetes client from file "\/nowhere"/);
    }
  }
});

test("kubeadm signs with the authorities it is handed, for the names that are wanted", async (t) => {
  const kubeadm = findKubeadm(t);
  if (kubeadm === undefined) return;
  const folder = tempFolder(t);
  const input = sampleInput(plain, "init");
  const description = await describe(input);
  const [pki, handed] = [join(folder, "pki"), "/var/lib/slipway/kubeadm/pki/"];
  for (const { path, content } of description.files.filter((file) => file.path.startsWith(handed))) {
    const target = join(pki, path.slice(handed.length));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, content, { mode: 0o600 });
  }
  const file = join(folder, "config.yaml");
  const text = contentOf(description, configFile);
  writeFileSync(
    file,
    text.replace("kind: ClusterConfiguration\n", `kind: ClusterConfiguration\ncertificatesDir: ${pki}\n`),
  );
  run(kubeadm, "init", "phase", "certs", "all", "--config", file);
  run(kubeadm, "init", "phase", "kubeconfig", "all", "--config", file, "--kubeconfig-dir", folder);
  const serving = new X509Certificate(readFileSync(join(pki, "apiserver.crt")));
  assert.ok(serving.verify(createPublicKey(input.authorities.kubernetes.certificate)));
  for (const name of ["10.0.0.100", "10.0.0.1", "10.96.0.1", "demo-control-plane-1"]) {
    assert.match(serving.subjectAltName!, new RegExp(`(DNS|IP Address):${name.replaceAll(".", "\\.")}(,|$)`));
  }
  const etcd = new X509Certificate(readFileSync(join(pki, "etcd/peer.crt")));
  assert.ok(etcd.verify(createPublicKey(input.authorities.etcd.certificate)));
  assert.equal(createPrivateKey(readFileSync(join(pki, "apiserver.key"))).asymmetricKeyType, "ec");
  assert.ok(readdirSync(folder).includes("admin.conf"));
  const [admin] = parseAllDocuments(readFileSync(join(folder, "admin.conf"), "utf8"));
  assert.equal(admin!.getIn(["clusters", 0, "cluster", "server"]), "https://10.0.0.100:6443");
});

test("kubeadm wants the images that are listed here", (t) => {
  const kubeadm = findKubeadm(t);
  if (kubeadm === undefined) return;
  const listed = run(kubeadm, "config", "images", "list", "--kubernetes-version", "v1.36.2").split("\n");
  const images = listed.filter((line) => /^[a-z0-9.-]+\/\S+:\S+$/.test(line));
  // Another kubeadm has other numbers for what is not of Kubernetes' own version.
  if (!images.some((image) => image.endsWith("etcd:3.6.8-0"))) return t.skip("this kubeadm is of another release");
  assert.deepEqual(kubeadmImages("1.36.2"), images);
});
