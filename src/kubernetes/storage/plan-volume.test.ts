import assert from "node:assert/strict";
import { test } from "node:test";
import type { PersistentVolume, PersistentVolumeClaim } from "#kubernetes/api";
import {
  folderFinalizer,
  hostnameOfVolume,
  nodeToProvisionOn,
  planRemoval,
  planVolume,
  volumeNameFor,
  whyNot,
} from "./plan-volume.ts";

const provisioner = "slipway.dev/local-path";

function claim(more: Partial<PersistentVolumeClaim["metadata"]> = {}, spec: PersistentVolumeClaim["spec"] = {}) {
  const annotations = {
    "volume.kubernetes.io/storage-provisioner": provisioner,
    "volume.kubernetes.io/selected-node": "a",
  };
  return {
    metadata: { namespace: "ns", name: "data", uid: "u1", resourceVersion: "7", annotations, ...more },
    spec: {
      storageClassName: "standard",
      accessModes: ["ReadWriteOnce"],
      resources: { requests: { storage: "1Gi" } },
      ...spec,
    },
  } satisfies PersistentVolumeClaim;
}

test("nodeToProvisionOn: once the claim is given to this provisioner, and a node is chosen", () => {
  assert.equal(nodeToProvisionOn(claim(), provisioner), "a");
  assert.equal(nodeToProvisionOn(claim(), "other"), undefined);
  assert.equal(nodeToProvisionOn(claim({ annotations: {} }), provisioner), undefined);
  const noNode = { "volume.kubernetes.io/storage-provisioner": provisioner };
  assert.equal(nodeToProvisionOn(claim({ annotations: noNode }), provisioner), undefined);
  assert.equal(nodeToProvisionOn(claim({}, { volumeName: "pv" }), provisioner), undefined);
  assert.equal(nodeToProvisionOn(claim({ deletionTimestamp: "2026-01-01T00:00:00Z" }), provisioner), undefined);
});

test("planVolume: a local volume for just this claim, on just this node", () => {
  const storageClass = { metadata: { name: "standard" }, provisioner, reclaimPolicy: "Delete" };
  const volume = planVolume(claim(), storageClass, { provisioner, hostname: "a", path: "/v/pvc-u1" });
  assert.equal(volume.metadata.name, volumeNameFor(claim()));
  assert.deepEqual(volume.metadata.finalizers, [folderFinalizer]);
  assert.deepEqual(volume.spec, {
    capacity: { storage: "1Gi" },
    accessModes: ["ReadWriteOnce"],
    claimRef: {
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      namespace: "ns",
      name: "data",
      uid: "u1",
      resourceVersion: "7",
    },
    persistentVolumeReclaimPolicy: "Delete",
    storageClassName: "standard",
    volumeMode: "Filesystem",
    local: { path: "/v/pvc-u1" },
    nodeAffinity: {
      required: {
        nodeSelectorTerms: [{ matchExpressions: [{ key: "kubernetes.io/hostname", operator: "In", values: ["a"] }] }],
      },
    },
  });
  assert.equal(hostnameOfVolume(volume, provisioner), "a");
  assert.equal(hostnameOfVolume(volume, "other"), undefined);
  const kept = planVolume(
    claim(),
    { ...storageClass, reclaimPolicy: "Retain" },
    { provisioner, hostname: "a", path: "/v" },
  );
  assert.equal(kept.metadata.finalizers, undefined);
});

test("whyNot: what a folder cannot be", () => {
  assert.equal(whyNot(claim()), undefined);
  assert.equal(whyNot(claim({}, { accessModes: ["ReadWriteOncePod"] })), undefined);
  assert.match(
    whyNot(claim({}, { accessModes: ["ReadWriteOnce", "ReadWriteMany"] }))!,
    /ReadWriteMany is not supported/,
  );
  assert.match(whyNot(claim({}, { volumeMode: "Block" }))!, /block device/);
  assert.match(whyNot(claim({}, { dataSource: { kind: "VolumeSnapshot", name: "s" } }))!, /data source/);
});

test("planRemoval: the folder goes once nobody claims it, where it is to be deleted at all", () => {
  const volume = (phase: string, policy: string, more: object = {}): PersistentVolume => ({
    metadata: { name: "pv", finalizers: [folderFinalizer], ...more },
    spec: { persistentVolumeReclaimPolicy: policy, claimRef: { name: "data" } },
    status: { phase },
  });
  const deleted = { deletionTimestamp: "2026-01-01T00:00:00Z" };
  assert.equal(planRemoval(volume("Bound", "Delete")), "nothing");
  assert.equal(planRemoval(volume("Bound", "Delete", deleted)), "nothing");
  assert.equal(planRemoval(volume("Released", "Delete")), "remove");
  assert.equal(planRemoval(volume("Released", "Delete", deleted)), "remove");
  assert.equal(planRemoval(volume("Released", "Retain")), "nothing");
  assert.equal(planRemoval(volume("Released", "Retain", deleted)), "release");
  assert.equal(planRemoval(volume("Released", "Retain", { ...deleted, finalizers: [] })), "nothing");
});
