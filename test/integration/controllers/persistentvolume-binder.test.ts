import assert from "node:assert/strict";
import { test } from "node:test";
import { type PersistentVolume, type PersistentVolumeClaim, resources, type StorageClass } from "#kubernetes/api";
import { startTestCluster, type TestCluster } from "../../support/cluster/test-cluster.ts";

const namespace = "default";
const controllers = ["persistentvolume-binder"];

function claim(name: string, spec: PersistentVolumeClaim["spec"] = {}): PersistentVolumeClaim {
  return {
    metadata: { name, namespace },
    spec: {
      accessModes: ["ReadWriteOnce"],
      resources: { requests: { storage: "1Gi" } },
      storageClassName: "",
      ...spec,
    },
  };
}

function volume(name: string, spec: PersistentVolume["spec"] = {}): PersistentVolume {
  return {
    metadata: { name },
    spec: { accessModes: ["ReadWriteOnce"], capacity: { storage: "2Gi" }, hostPath: { path: "/srv" }, ...spec },
  };
}

function storageClass(name: string, volumeBindingMode: string): StorageClass {
  return { metadata: { name }, provisioner: "example.com/p", volumeBindingMode };
}

const saysOf = ({ until }: TestCluster, reason: string, message: RegExp) =>
  until(resources.events, (events) =>
    events.some((event) => event.reason === reason && message.test(event.message ?? "")),
  );

test("PersistentVolumeClaim: waits for a volume, takes it, and releases it", async () => {
  await using cluster = await startTestCluster({ controllers });
  const { client, until } = cluster;
  await client.create(resources.persistentVolumeClaims, claim("c"));
  await saysOf(
    cluster,
    "FailedBinding",
    /^no persistent volumes available for this claim and no storage class is set$/,
  );
  await client.create(resources.persistentVolumes, volume("v"));
  const [bound] = await until(resources.persistentVolumeClaims, ([found]) => found?.status?.phase === "Bound");
  assert.deepEqual(bound?.status, { phase: "Bound", accessModes: ["ReadWriteOnce"], capacity: { storage: "2Gi" } });
  assert.equal(bound?.spec?.volumeName, "v");
  const [taken] = await until(resources.persistentVolumes, ([found]) => found?.status?.phase === "Bound");
  assert.equal(taken?.spec?.claimRef?.uid, bound?.metadata.uid);

  await client.patch(
    resources.persistentVolumeClaims,
    { namespace, name: "c" },
    { type: "merge", body: { metadata: { finalizers: null } } },
  );
  await client.delete(resources.persistentVolumeClaims, { namespace, name: "c" });
  await until(resources.persistentVolumes, ([found]) => found?.status?.phase === "Released");
});

test("PersistentVolumeClaim: each volume goes to one claim only", async () => {
  await using cluster = await startTestCluster({ controllers });
  const { client, until } = cluster;
  const names = Array.from({ length: 20 }, (_, index) => `x${index}`);
  await Promise.all(names.map((name) => client.create(resources.persistentVolumeClaims, claim(name))));
  await Promise.all(names.slice(0, 15).map((name) => client.create(resources.persistentVolumes, volume(name))));
  const claims = await until(resources.persistentVolumeClaims, (found) => {
    return found.filter(({ status }) => status?.phase === "Bound").length === 15;
  });
  const taken = claims.flatMap(({ spec }) => spec?.volumeName ?? []);
  assert.equal(new Set(taken).size, 15);
});

test("PersistentVolumeClaim: a provisioner is asked, at once or when a pod has a node", async () => {
  await using cluster = await startTestCluster({ controllers });
  const { client, until } = cluster;
  await client.create(resources.storageClasses, storageClass("now", "Immediate"));
  await client.create(resources.storageClasses, storageClass("late", "WaitForFirstConsumer"));
  await client.create(resources.persistentVolumeClaims, claim("a", { storageClassName: "now" }));
  await client.create(resources.persistentVolumeClaims, claim("b", { storageClassName: "late" }));
  const provisionerOf = (found: readonly PersistentVolumeClaim[], wanted: string) => {
    const annotations = found.find(({ metadata }) => metadata.name === wanted)?.metadata.annotations;
    return annotations?.["volume.kubernetes.io/storage-provisioner"];
  };
  await until(resources.persistentVolumeClaims, (found) => provisionerOf(found, "a") === "example.com/p");
  await saysOf(
    cluster,
    "ExternalProvisioning",
    /^Waiting for a volume to be created either by the external provisioner/,
  );
  await saysOf(cluster, "WaitForFirstConsumer", /^waiting for first consumer to be created before binding$/);
  await client.create(resources.pods, {
    metadata: { name: "p", namespace },
    spec: {
      containers: [{ name: "c", image: "x" }],
      volumes: [{ name: "v", persistentVolumeClaim: { claimName: "b" } }],
    },
  });
  await saysOf(cluster, "WaitForPodScheduled", /^waiting for pod p to be scheduled$/);
  // What the scheduler does.
  const annotations = { "volume.kubernetes.io/selected-node": "node-1" };
  const key = { namespace, name: "b" };
  await client.patch(resources.persistentVolumeClaims, key, { type: "merge", body: { metadata: { annotations } } });
  await until(resources.persistentVolumeClaims, (found) => provisionerOf(found, "b") === "example.com/p");

  // What a provisioner does.
  const { metadata } = await client.get(resources.persistentVolumeClaims, key);
  const made = volume("pvc-1", {
    storageClassName: "late",
    claimRef: { kind: "PersistentVolumeClaim", apiVersion: "v1", namespace, name: "b", uid: metadata.uid! },
    persistentVolumeReclaimPolicy: "Delete",
  });
  made.metadata.annotations = { "pv.kubernetes.io/provisioned-by": "example.com/p" };
  await client.create(resources.persistentVolumes, made);
  await until(resources.persistentVolumeClaims, (found) => {
    const bound = found.find((object) => object.metadata.name === "b");
    return bound?.status?.phase === "Bound" && bound.spec?.volumeName === "pvc-1";
  });
  await until(resources.persistentVolumes, ([found]) => found?.status?.phase === "Bound");
});

test("PersistentVolumeClaim: gets the default class when there is one", async () => {
  await using cluster = await startTestCluster({ controllers });
  const { client, until } = cluster;
  const { storageClassName: _, ...spec } = claim("c").spec ?? {};
  await client.create(resources.persistentVolumeClaims, { metadata: { name: "c", namespace }, spec });
  await saysOf(cluster, "FailedBinding", /no storage class is set/);
  const standard = storageClass("std", "Immediate");
  standard.metadata.annotations = { "storageclass.kubernetes.io/is-default-class": "true" };
  await client.create(resources.storageClasses, standard);
  await until(resources.persistentVolumeClaims, ([found]) => found?.spec?.storageClassName === "std");
});

test("PersistentVolumeClaim: is lost with its volume; a volume nobody can delete fails", async () => {
  await using cluster = await startTestCluster({ controllers });
  const { client, until } = cluster;
  await client.create(resources.persistentVolumes, volume("v", { persistentVolumeReclaimPolicy: "Delete" }));
  await client.create(resources.persistentVolumes, volume("w", { capacity: { storage: "9Gi" } }));
  await client.create(resources.persistentVolumeClaims, claim("c"));
  await client.create(resources.persistentVolumeClaims, claim("d", { volumeName: "w" }));
  const byName = (found: readonly PersistentVolumeClaim[], name: string) =>
    found.find(({ metadata }) => metadata.name === name);
  await until(resources.persistentVolumeClaims, (found) => found.every(({ status }) => status?.phase === "Bound"));
  const unprotected = { type: "merge", body: { metadata: { finalizers: null } } } as const;
  await client.patch(resources.persistentVolumes, { name: "w" }, unprotected);
  await client.delete(resources.persistentVolumes, { name: "w" });
  await until(resources.persistentVolumeClaims, (found) => byName(found, "d")?.status?.phase === "Lost");
  await saysOf(cluster, "ClaimLost", /^Bound claim has lost its PersistentVolume\. Data on the volume is lost!$/);
  await client.patch(resources.persistentVolumeClaims, { namespace, name: "c" }, unprotected);
  await client.delete(resources.persistentVolumeClaims, { namespace, name: "c" });
  const [failed] = await until(resources.persistentVolumes, ([found]) => found?.status?.phase === "Failed");
  assert.match(failed?.status?.message ?? "", /^error getting deleter volume plugin for volume "v"/);
});
