import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type PersistentVolume, resources } from "#kubernetes/api";
import { createInformerSet } from "#kubernetes/client";
import { createLocalPathProvisioner, createVolumeFolders } from "#kubernetes/storage";
import { silentLogger, systemClock } from "#shared";
import { startTestCluster, type TestCluster } from "../../support/cluster/test-cluster.ts";

const namespace = "default";
const provisioner = "slipway.dev/local-path";

/** The provisioner of node "a"; the volume controller is played by the tests. */
async function startScene(t: TestContext) {
  const cluster = await startTestCluster();
  const folder = mkdtempSync(join(tmpdir(), "slipway-volumes-"));
  const informers = createInformerSet(cluster.client);
  const started = createLocalPathProvisioner({
    client: cluster.client,
    informers,
    hostnameOf: (name) => (name === "a" ? "a" : undefined),
    isOurHostname: (hostname) => hostname === "a",
    folders: createVolumeFolders(folder),
    clock: systemClock,
    logger: silentLogger,
  });
  started.start();
  informers.start();
  t.after(async () => {
    await started.stop();
    await informers.stop();
    await cluster[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });
  await cluster.client.create(resources.storageClasses, {
    metadata: { name: "standard" },
    provisioner,
    volumeBindingMode: "WaitForFirstConsumer",
  });
  return { cluster, folder };
}

async function claim({ client }: TestCluster, name: string, node: string, accessModes = ["ReadWriteOnce"]) {
  await client.create(resources.persistentVolumeClaims, {
    metadata: { namespace, name },
    spec: { storageClassName: "standard", accessModes, resources: { requests: { storage: "1Gi" } } },
  });
  const annotations = {
    "volume.kubernetes.io/storage-provisioner": provisioner,
    "volume.kubernetes.io/selected-node": node,
  };
  await client.patch(
    resources.persistentVolumeClaims,
    { namespace, name },
    { type: "merge", body: { metadata: { annotations } } },
  );
}

async function setPhase({ client }: TestCluster, { metadata }: PersistentVolume, phase: string) {
  const body = { status: { phase } };
  const key = { name: metadata.name! };
  await client.patch(resources.persistentVolumes, key, { type: "merge", body }, { subresource: "status" });
}

test("createLocalPathProvisioner: a folder for a claim of this node, removed when it is released", async (t) => {
  const { cluster, folder } = await startScene(t);
  await claim(cluster, "elsewhere", "b");
  await claim(cluster, "data", "a");
  const [volume] = await cluster.until(resources.persistentVolumes, ([found]) => found);
  assert.equal(volume?.spec?.claimRef?.name, "data");
  const path = volume?.spec?.local?.path ?? "";
  assert.match(path, /pvc-[-0-9a-f]+_default_data$/);
  assert.ok(existsSync(path));
  writeFileSync(join(path, "kept"), "");
  await cluster.until(resources.events, (events) => events.some(({ reason }) => reason === "ProvisioningSucceeded"));
  await setPhase(cluster, volume!, "Bound");
  await cluster.rest();
  assert.ok(existsSync(join(path, "kept")));
  await setPhase(cluster, volume!, "Released");
  await cluster.until(
    resources.persistentVolumes,
    ([found]) =>
      found === undefined || found.metadata.finalizers?.every((each) => each === "kubernetes.io/pv-protection"),
  );
  assert.deepEqual(readdirSync(folder), []);
});

test("createLocalPathProvisioner: says why it cannot", async (t) => {
  const { cluster } = await startScene(t);
  await claim(cluster, "shared", "a", ["ReadWriteMany"]);
  const events = await cluster.until(resources.events, (all) =>
    all.some(({ reason }) => reason === "ProvisioningFailed"),
  );
  assert.match(
    events.find(({ reason }) => reason === "ProvisioningFailed")!.message!,
    /ReadWriteMany is not supported/,
  );
});
