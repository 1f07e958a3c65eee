import assert from "node:assert/strict";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { load } from "js-yaml";
import { type Distribution, hashDescription, kubeadmDistribution, type MachineDescription } from "#bootstrap";
import { type ClusterConfigInput, resolveConfig } from "#config";
import { chooseProvider } from "#provision";
import { clusterPaths } from "../cluster-folder.ts";
import type { PlanInput } from "../plan-input.ts";
import { checkUserData } from "./imagined-machine.ts";
import { renderUserData, withoutAddress } from "./user-data.ts";

const clouds: Readonly<Record<string, ClusterConfigInput["infrastructure"]>> = {
  aws: { provider: "aws", region: "eu-central-1" },
  azure: {
    provider: "azure",
    region: "westeurope",
    subscription: "12345678-1234-1234-1234-123456789012",
    sshPublicKey: "ssh-ed25519 AAAA",
  },
  gcp: {
    provider: "gcp",
    project: "my-project",
    region: "europe-west3",
    image: "ubuntu-os-cloud/ubuntu-2404-lts-amd64",
  },
};

function inputOf(infrastructure: ClusterConfigInput["infrastructure"], distribution: Distribution): PlanInput {
  const config = resolveConfig({
    name: "demo",
    distribution: { type: "kubeadm" },
    bootstrap: { workers: "user-data" },
    infrastructure,
  });
  return {
    config,
    paths: clusterPaths("/nowhere", "demo"),
    provider: chooseProvider(config),
    names: { existing: [] },
    artifacts: { isOnline: true, locate: () => assert.fail("what is published is fetched from there") },
    remote: { distribution, connect: () => assert.fail("nobody gets there") },
  } as unknown as PlanInput;
}

for (const [name, infrastructure] of Object.entries(clouds)) {
  test(`checkUserData: what a kubeadm worker is given fits ${name}`, async (t) => {
    await checkUserData(inputOf(infrastructure, kubeadmDistribution), t.signal);
  });
}

test("checkUserData: what is too much is refused before there is anything, packed where it is handed over so", async (t) => {
  // No two lines are alike: nothing of it packs well.
  const lines = Array.from({ length: 1200 }, (_, line) => `${(line * 7_919) ** 3} ${(line * 104_729) ** 2}`);
  const description: MachineDescription = {
    files: [{ path: "/etc/large", content: `${lines.join("\n")}\n` }],
    commands: [],
    units: [],
  };
  const distribution = { name: "kubeadm", describeMachine: async () => description } as unknown as Distribution;
  await assert.rejects(
    checkUserData(inputOf(clouds["aws"]!, distribution), t.signal),
    /^UserError: Cannot give demo-worker-1 its user data: it has \d+ bytes, packed, and aws takes 16384$/,
  );
  await checkUserData(inputOf(clouds["gcp"]!, distribution), t.signal);
});

test("checkUserData: with a bundle everything comes from the folder on a web server, and fits; without a folder it is refused", async (t) => {
  const online = inputOf(clouds["aws"]!, kubeadmDistribution);
  const digest = `sha256:${"0".repeat(64)}`;
  const images = Array.from({ length: 20 }, (_, number) => ({ path: `/b/images/registry_${number}.tar`, digest }));
  const artifacts = {
    isOnline: false,
    packageRepository: async () => ({
      folder: "/b",
      packages: [],
      files: [],
      indexDigest: digest,
      release: "bookworm",
    }),
    imageArchives: async () => images,
  } as unknown as PlanInput["artifacts"];
  await assert.rejects(
    checkUserData({ ...online, artifacts }, t.signal),
    /Cannot let machines set themselves up from a bundle: bootstrap\.artifacts names no web server/,
  );
  const { config } = online;
  const bootstrap = { ...config.bootstrap, artifacts: "https://files.example/slipway" };
  await checkUserData({ ...online, config: { ...config, bootstrap }, artifacts }, t.signal);
});

test("renderUserData: the machine's own token, and the hash of what it is with the cluster's", async (t) => {
  const describe = ({ token, machine }: { token: string; machine: object }): MachineDescription => ({
    files: [{ path: "/etc/token", content: `${JSON.stringify(machine)} ${token}\n`, secret: true }],
    commands: [],
    units: [],
  });
  const distribution = {
    name: "kubeadm",
    describeMachine: async (input: Parameters<typeof describe>[0]) => describe(input),
  } as unknown as Distribution;
  const machine = { name: "demo-worker-1", role: "worker", pool: "worker", address: "10.0.0.1" } as const;
  const known = withoutAddress({ machine, token: "aaaaaa.aaaaaaaaaaaaaaaa" } as unknown as Parameters<
    typeof withoutAddress
  >[0]);
  const input = inputOf(clouds["aws"]!, distribution);
  const text = await renderUserData(input, known, { token: "bbbbbb.bbbbbbbbbbbbbbbb", signal: t.signal });
  const { write_files: files } = load(text) as { write_files: { path: string; encoding?: string; content: string }[] };
  const contentOf = (path: string) => {
    const { encoding, content } = files.find((file) => file.path === path)!;
    const bytes = Buffer.from(content, encoding === undefined ? "utf8" : "base64");
    return String(encoding === "gz+b64" ? gunzipSync(bytes) : bytes);
  };
  assert.equal(
    contentOf("/etc/token"),
    '{"name":"demo-worker-1","role":"worker","pool":"worker"} bbbbbb.bbbbbbbbbbbbbbbb\n',
  );
  const hash = hashDescription(describe(known));
  assert.ok(contentOf("/var/lib/slipway/bootstrap/bootstrap.sh").includes(hash));
});
