// A bundle for machines elsewhere, from its making to the machine: gathered from every host that publishes something, played by one
// server here; then those hosts are gone, and a machine that only pretends gets all it needs out of the bundle.

import assert from "node:assert/strict";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { test } from "node:test";
import { createBundleSource, type Distribution, k3sDistribution, kubeadmDistribution } from "#bootstrap";
import { exitCodes } from "#shared";
import { carryOut } from "../../../src/bootstrap/remote/carry-out.ts";
import { createFakeMachine, type FakeAnswer } from "../../../src/bootstrap/remote/fake-connection.ts";
import { addonText, addonUrl, optionsOf, startBundleSession } from "../../support/bootstrap/bundle-session.ts";
import { programText } from "../../support/bootstrap/publishers.ts";
import { sampleInput } from "../../support/bootstrap/sample-input.ts";

/** A bare machine of Debian 12 on which apt wants two of the packages. */
function bareMachine() {
  return createFakeMachine((command): FakeAnswer | undefined => {
    if (command.startsWith("sh -c command -v")) return { stdout: "/usr/bin/apt-get\n" };
    if (command.startsWith("dpkg-query")) return { code: 1 };
    if (command === "cat /etc/os-release") return { stdout: "VERSION_CODENAME=bookworm\n" };
    if (!command.includes("--print-uris")) return undefined;
    const files = ["conntrack_1.0.deb", "libc6_1.0.deb"];
    return { stdout: files.map((file) => `'file:/var/lib/slipway/packages/./${file}' ${file} 3 \n`).join("") };
  });
}

interface Variant {
  readonly distribution: Distribution;
  readonly programs: Readonly<Record<string, string>>;
  readonly images: readonly string[];
  readonly imagesFolder: string;
}

const variants: readonly Variant[] = [
  {
    distribution: kubeadmDistribution,
    programs: {
      "/usr/bin/kubeadm": "https://dl.k8s.io/v1.36.99/bin/linux/amd64/kubeadm",
      "/var/lib/slipway/kubeadm/programs/kubelet": "https://dl.k8s.io/v1.36.99/bin/linux/amd64/kubelet",
      "/var/lib/slipway/kubeadm/programs/kubectl": "https://dl.k8s.io/v1.36.99/bin/linux/amd64/kubectl",
    },
    images: [
      "registry.k8s.io_coredns_coredns_v1.14.2.tar",
      "registry.k8s.io_etcd_3.6.8-0.tar",
      "registry.k8s.io_kube-apiserver_v1.36.99.tar",
      "registry.k8s.io_kube-controller-manager_v1.36.99.tar",
      "registry.k8s.io_kube-proxy_v1.36.99.tar",
      "registry.k8s.io_kube-scheduler_v1.36.99.tar",
      "registry.k8s.io_pause_3.10.2.tar",
      "registry.test_team_mine_1.tar",
    ],
    imagesFolder: "/var/lib/slipway/images",
  },
  {
    distribution: k3sDistribution,
    programs: { "/usr/local/bin/k3s": "https://github.com/k3s-io/k3s/releases/download/v1.36.99%2Bk3s1/k3s" },
    images: ["k3s-images-1.36.99+k3s1-linux-amd64.tar.zst", "registry.test_team_mine_1.tar"],
    imagesFolder: "/var/lib/rancher/k3s/agent/images",
  },
];

for (const { distribution, programs, images, imagesFolder } of variants) {
  const { name } = distribution as { name: "kubeadm" | "k3s" };

  test(`bundle, ${name}: made where there is a network; a machine gets everything out of it where there is none`, async (t) => {
    const { publishers, calls, session, configure } = await startBundleSession(t);
    configure(optionsOf(name));
    const made = await session.run(
      "bundle",
      "create",
      "b.tar",
      "--config",
      "slipway.yaml",
      "--release",
      "bookworm",
      "--mirror",
      "http://mirror.test/debian",
    );
    assert.equal(made.code, exitCodes.ok, made.err);
    assert.ok(calls.some((words) => words.includes("conntrack") && words.includes("APT::Architecture=amd64")));
    publishers.cutOff();
    publishers.asked.length = 0;

    const shown = await session.run("bundle", "inspect", "b.tar");
    assert.equal(shown.code, exitCodes.ok, shown.err);
    assert.match(shown.out, new RegExp(`^For ${name}, Kubernetes 1\\.36\\.99, on linux-amd64, packages of bookworm;`));
    assert.equal(JSON.parse((await session.run("bundle", "inspect", "--sbom", "b.tar")).out).spdxVersion, "SPDX-2.3");

    await session.pretendCluster("demo", optionsOf(name));
    const installed = await session.run("bundle", "install", "b.tar");
    assert.equal(installed.code, exitCodes.ok, installed.err);
    const nothingOwn = async () => undefined;
    const { distribution: options, kubernetesVersion, network } = optionsOf(name);
    const source = createBundleSource(join(session.home, "clusters/demo/bundle"), nothingOwn);
    for (const duty of ["init", "join-worker"] as const) {
      const machine = bareMachine();
      const description = await distribution.describeMachine(
        sampleInput({ distribution: options!, kubernetesVersion, network }, duty),
      );
      const report = await carryOut(description, {
        machine: "demo",
        connection: machine,
        artifacts: source,
        signal: t.signal,
      });
      assert.equal(report.state, "done");
      for (const [path, url] of Object.entries(programs)) {
        assert.equal(machine.files.get(path)?.content.toString(), programText(url), path);
      }
      const brought = (folder: string) =>
        [...machine.files.keys()]
          .filter((path) => path.startsWith(`${folder}/`))
          .map((path) => basename(path))
          .toSorted();
      assert.deepEqual(brought(imagesFolder), images);
      assert.deepEqual(
        brought("/var/lib/slipway/packages").filter((file) => file.endsWith(".deb")),
        ["conntrack_1.0.deb", "libc6_1.0.deb"],
      );
      const apt = machine.ran.filter((command) => command.includes("apt-get -y"));
      assert.ok(apt.length > 0 && apt.every((command) => command.includes("SourceParts=-")), apt.join("\n"));
    }
    assert.deepEqual(publishers.asked, []);
  });
}

test("bundle: one that is not enough is refused with all that it lacks, and leaves the cluster as it was", async (t) => {
  const { publishers, session, configure } = await startBundleSession(t);
  configure(optionsOf("kubeadm", { addons: [] }));
  const made = await session.run("bundle", "create", "b.tar", "--config", "slipway.yaml");
  assert.equal(made.code, exitCodes.ok, made.err);
  publishers.cutOff();
  publishers.asked.length = 0;
  const two = [{ name: "mine", source: { manifests: addonUrl } }];
  configure(optionsOf("kubeadm", { kubernetesVersion: "1.35.99", addons: two }), "other.yaml");
  const { code, err } = await session.run("up", "--config", "other.yaml", "--bundle", "b.tar");
  assert.equal(code, exitCodes.config, err);
  assert.match(err, /Cannot use bundle b\.tar for cluster demo: it lacks 11 of what that needs/);
  for (const lack of [
    "program kubelet-1.35.99-linux-amd64",
    "image registry.k8s.io/etcd:3.6.6-0",
    `manifest ${addonUrl}`,
    "It is for kubeadm 1.36.99 on linux-amd64",
  ]) {
    assert.ok(err.includes(lack), `${lack} in ${err}`);
  }
  assert.ok(!existsSync(join(session.home, "clusters/demo")));
  // What an own add-on runs is known when it is rendered.
  configure(
    optionsOf("kubeadm", { addons: [{ name: "mine", source: { manifests: join(session.folder, "mine.yaml") } }] }),
  );
  writeFileSync(join(session.folder, "mine.yaml"), addonText);
  const late = await session.run("up", "--config", "slipway.yaml", "--bundle", "b.tar");
  assert.equal(late.code, exitCodes.config, late.err);
  assert.match(late.err, /it lacks 1 of what that needs.*image registry\.test\/team\/mine:1/s);
  assert.deepEqual(publishers.asked, []);
});

test("bootstrap --artifacts --bundle: all that machines fetch which set themselves up, packages and images too", async (t) => {
  const { publishers, session, configure } = await startBundleSession(t);
  const infrastructure = { provider: "aws", region: "eu-central-1" } as const;
  const bootstrap = { workers: "user-data", artifacts: "https://files.example/slipway" } as const;
  configure(
    optionsOf("kubeadm", { infrastructure, bootstrap, addons: [{ name: "mine", source: { manifests: addonUrl } }] }),
  );
  const flags = ["--config", "slipway.yaml"];
  const made = await session.run("bundle", "create", "b.tar", ...flags);
  assert.equal(made.code, exitCodes.ok, made.err);
  publishers.cutOff();
  publishers.asked.length = 0;
  const { code, err } = await session.run("bootstrap", "--artifacts", "web", "--bundle", "b.tar", ...flags);
  assert.equal(code, exitCodes.ok, err);
  const written = readdirSync(join(session.folder, "web"), { recursive: true }).map(String);
  for (const path of [
    "kubelet-1.36.99-linux-amd64",
    "packages/Packages",
    "packages/libc6_1.0.deb",
    "images/registry.test_team_mine_1.tar",
  ]) {
    assert.ok(written.includes(path), path);
  }
  assert.deepEqual(publishers.asked, []);
});
