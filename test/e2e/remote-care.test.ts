// The care of a cluster on machines of their own (systemd-nspawn, reached by SSH; etcd on its control plane): certificates read, renewed and
// signed by other authorities, data saved and restored, while a workload runs on.

import assert from "node:assert/strict";
import { copyFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { sandboxImageName } from "#bootstrap";
import { machinesMissing } from "./support/machines.ts";
import { belongsTo, findNew, scanMachine } from "./support/scan.ts";
import { createSandbox } from "./support/slipway.ts";

const configuration = `apiVersion: slipway.dev/v1alpha1
kind: Cluster
name: care
infrastructure:
  provider: nspawn
distribution:
  type: slipway
  etcd: true
workers:
  - count: 1
`;

interface Listed {
  readonly name: string;
  readonly where: string;
  readonly expires: string;
  readonly isAuthority: boolean;
}

test("certificates and data of a cluster on machines of their own", {
  skip: machinesMissing(),
  timeout: 900_000,
}, async (t) => {
  const { must, slipway, killAfter, kubectl, home, kubeconfig } = createSandbox(t);
  const folder = dirname(home);
  const file = join(folder, "care.yaml");
  writeFileSync(file, configuration);
  await must("version");
  const options = { folders: [folder], kubeconfig };
  const before = scanMachine(options);
  t.after(() => slipway("down", "--name", "care"));
  await must("up", "--config", file);
  await kubectl("create", "deployment", "web", `--image=${sandboxImageName}`, "--replicas=2");
  await kubectl("rollout", "status", "deployment/web", "--timeout=120s");
  /** The very containers, not others in their places. */
  const workload = () =>
    kubectl("get", "pods", "-l", "app=web", "-o", "jsonpath={.items[*].status.containerStatuses[*].containerID}");
  const containers = await workload();
  assert.equal(containers.split(" ").length, 2);
  const certificates = async () => JSON.parse(await must("certs", "--json")).certificates as Listed[];

  await t.test("certs renew: every certificate on every machine is another one", async () => {
    const old = await certificates();
    const places = old.map(({ where, name }) => `${where} ${name}`);
    for (const place of ["care-control-plane-1 etcd/server", "care-worker-1 kubelet-client", "cluster admin"]) {
      assert.ok(places.includes(place), `${place} is not among ${places.join(", ")}`);
    }
    await must("certs", "renew");
    const now = await certificates();
    assert.deepEqual(
      now.map(({ where, name }) => `${where} ${name}`),
      places,
    );
    for (const [index, { isAuthority, expires, where, name }] of now.entries()) {
      assert.equal(expires !== old[index]!.expires, !isAuthority, `${where} ${name}`);
    }
    assert.equal(await workload(), containers);
  });

  await t.test("certs rotate-ca, killed once: tokens are good, the old kubeconfig is not, pods run on", async () => {
    const copy = join(folder, "old-kubeconfig");
    copyFileSync(kubeconfig, copy);
    const token = (await kubectl("create", "token", "default")).trim();
    await killAfter(8_000, "certs", "rotate-ca", "kubernetes", "front-proxy", "etcd");
    await must("certs", "rotate-ca", "kubernetes", "front-proxy", "etcd");
    await assert.rejects(kubectl("get", "nodes", "--kubeconfig", copy), /certificate/);
    const config = JSON.parse(await kubectl("config", "view", "--raw", "-o", "json"));
    const bearer = join(folder, "token-kubeconfig");
    writeFileSync(bearer, JSON.stringify({ ...config, users: [{ name: config.users[0].name, user: { token } }] }));
    const who = await kubectl("auth", "whoami", "-o", "jsonpath={.status.userInfo.username}", "--kubeconfig", bearer);
    assert.equal(who, "system:serviceaccount:default:default");
    assert.ok((await certificates()).every(({ name }) => !name.includes("also trusted")));
    assert.equal(await workload(), containers);
  });

  await t.test("store restore: what was made after the snapshot is gone, what was there before runs on", async () => {
    const saved = join(folder, "data");
    await kubectl("create", "configmap", "early");
    await must("store", "snapshot", saved);
    await kubectl("create", "configmap", "late");
    await kubectl("scale", "deployment/web", "--replicas=3");
    await kubectl("rollout", "status", "deployment/web", "--timeout=120s");
    const list = async () => JSON.parse(await kubectl("get", "--raw", "/api/v1/namespaces/default/configmaps"));
    const revision = Number((await list()).metadata.resourceVersion);
    await must("store", "restore", saved);
    const { metadata, items } = await list();
    assert.deepEqual(
      items.map((item: { metadata: { name: string } }) => item.metadata.name),
      ["early", "kube-root-ca.crt"],
    );
    // Nobody takes the new revisions for those seen before.
    assert.ok(Number(metadata.resourceVersion) > revision + 900_000_000);
    assert.equal(await workload(), containers);
    // Controllers, scheduler and nodes follow the data that is there now.
    await kubectl("scale", "deployment/web", "--replicas=4");
    await kubectl("rollout", "status", "deployment/web", "--timeout=120s");
  });

  await t.test("down: nothing is left", async () => {
    await must("down", "--name", "care");
    const found = findNew(before, scanMachine(options), belongsTo("care", folder));
    // kubectl keeps what it has discovered; the others are this test's own.
    const own = [".kube", "old-kubeconfig", "token-kubeconfig", "data"].map((name) => `file ${folder}/${name}`);
    assert.deepEqual(
      found.filter((line) => !own.some((start) => line.startsWith(start))),
      [],
    );
  });
});
