import assert from "node:assert/strict";
import { test } from "node:test";
import type { PersistentVolume, PersistentVolumeClaim, Pod, StorageClass } from "#kubernetes/api";
import { claimBoundTo, claimStatus, volumeBoundTo, volumeUnbound } from "./binding.ts";
import { type ClaimPlan, type ClaimSurroundings, planClaim } from "./plan-claim.ts";
import { planVolume, refuseReclaim } from "./plan-volume.ts";

const boundBy = "pv.kubernetes.io/bound-by-controller";
const completed = { "pv.kubernetes.io/bind-completed": "yes" };

function claim(
  spec: PersistentVolumeClaim["spec"] = {},
  annotations: Record<string, string> = {},
): PersistentVolumeClaim {
  return {
    metadata: { name: "c", namespace: "n", uid: "1", annotations },
    spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "5Gi" } }, ...spec },
  };
}

function volume(
  name: string,
  spec: PersistentVolume["spec"] = {},
  annotations: Record<string, string> = {},
): PersistentVolume {
  return {
    metadata: { name, annotations },
    spec: { accessModes: ["ReadWriteOnce"], capacity: { storage: "5Gi" }, ...spec },
    status: { phase: "Available" },
  };
}

function around(
  volumes: readonly PersistentVolume[],
  classes: readonly StorageClass[] = [],
  pods: readonly Pod[] = [],
): ClaimSurroundings {
  return {
    volume: (name) => volumes.find(({ metadata }) => metadata.name === name),
    candidates: volumes,
    classes,
    pods,
  };
}

const storageClass = (name: string, more: Partial<StorageClass> = {}): StorageClass => ({
  metadata: { name },
  provisioner: "example.com/p",
  ...more,
});

const eventOf = (plan: ClaimPlan) => ("event" in plan ? plan.event?.message : undefined);

test("planClaim: the smallest volume that is large enough, with the fewest access modes", () => {
  const volumes = [
    volume("huge", { capacity: { storage: "1Ti" } }),
    volume("more-modes", { accessModes: ["ReadWriteOnce", "ReadOnlyMany"] }),
    volume("small", { capacity: { storage: "4Gi" } }),
    volume("large", { capacity: { storage: "10Gi" } }),
    volume("classy", { storageClassName: "x" }),
    volume("block", { volumeMode: "Block" }),
    { ...volume("released"), status: { phase: "Released" } },
  ];
  const plan = planClaim(claim(), around(volumes));
  assert.equal(plan.action === "bind" && plan.volume.metadata.name, "large");
  const reserved = volume("mine", { capacity: { storage: "9Ti" }, claimRef: { namespace: "n", name: "c" } });
  const chosen = planClaim(claim(), around([...volumes, reserved]));
  assert.equal(chosen.action === "bind" && chosen.volume.metadata.name, "mine");
  const selecting = claim({ selector: { matchLabels: { disk: "ssd" } } });
  assert.equal(planClaim(selecting, around(volumes)).action, "wait");
});

test("planClaim: without a volume, a class decides", () => {
  const delayed = storageClass("late", { volumeBindingMode: "WaitForFirstConsumer" });
  const standard = storageClass("std");
  standard.metadata.annotations = { "storageclass.kubernetes.io/is-default-class": "true" };
  const built = storageClass("local", { provisioner: "kubernetes.io/no-provisioner" });
  const all = [delayed, standard, built];
  const waiting: Pod = { metadata: { name: "p" }, spec: { containers: [] } };
  const message = "no persistent volumes available for this claim and no storage class is set";
  assert.equal(eventOf(planClaim(claim(), around([]))), message);
  assert.deepEqual(planClaim(claim(), around([], all)), { action: "set class", name: "std" });
  assert.equal(eventOf(planClaim(claim({ storageClassName: "" }), around([], all))), message);
  const provision = { action: "provision", provisioner: "example.com/p" };
  assert.deepEqual(planClaim(claim({ storageClassName: "std" }), around([], all)), provision);
  const late = claim({ storageClassName: "late" });
  const waits = "waiting for first consumer to be created before binding";
  assert.equal(eventOf(planClaim(late, around([volume("v", { storageClassName: "late" })], all))), waits);
  assert.equal(eventOf(planClaim(late, around([], all, [waiting]))), "waiting for pod p to be scheduled");
  const selected = claim({ storageClassName: "late" }, { "volume.kubernetes.io/selected-node": "node" });
  assert.deepEqual(planClaim(selected, around([], all)), provision);
  const missing = planClaim(claim({ storageClassName: "none" }), around([], all));
  assert.equal(eventOf(missing), 'storageclass.storage.k8s.io "none" not found');
  const manual = planClaim(claim({ storageClassName: "local" }), around([], all));
  assert.equal(eventOf(manual), "no volume plugin matched name: kubernetes.io/no-provisioner");
});

test("planClaim: a volume that is asked for by name", () => {
  const named = claim({ volumeName: "v" });
  assert.deepEqual(planClaim(named, around([])), { action: "wait" });
  assert.equal(planClaim(named, around([volume("v")])).action, "bind");
  const small = planClaim(named, around([volume("v", { capacity: { storage: "1Gi" } })]));
  assert.equal(eventOf(small), 'Cannot bind to requested volume "v": requested PV is too small');
  const others = volume("v", { claimRef: { namespace: "n", name: "other" } });
  assert.equal(eventOf(planClaim(named, around([others]))), 'volume "v" already bound to a different claim.');
});

test("planClaim: a bound claim that loses its volume", () => {
  const lost = (spec: PersistentVolumeClaim["spec"], ...volumes: PersistentVolume[]) =>
    planClaim(claim(spec, completed), around(volumes));
  assert.equal(lost({}).action, "lose");
  assert.equal(lost({ volumeName: "v" }).action, "lose");
  assert.equal(lost({ volumeName: "v" }, volume("v")).action, "bind");
  const taken = volume("v", { claimRef: { namespace: "n", name: "c", uid: "2" } });
  const message = "Two claims are bound to the same volume, this one is bound incorrectly";
  assert.equal(eventOf(lost({ volumeName: "v" }, taken)), message);
});

test("planVolume: follows its claim", () => {
  const claimRef = { namespace: "n", name: "c", uid: "1" };
  assert.deepEqual(planVolume(volume("v"), undefined), { action: "phase", phase: "Available" });
  assert.deepEqual(planVolume(volume("v", { claimRef }), claim({ volumeName: "v" })), {
    action: "phase",
    phase: "Bound",
  });
  assert.deepEqual(planVolume(volume("v", { claimRef }), undefined), { action: "release" });
  assert.deepEqual(planVolume(volume("v", { claimRef }), claim()), { action: "claim" });
  assert.equal(planVolume(volume("v", { claimRef, volumeMode: "Block" }), claim()).action, "mismatch");
  assert.deepEqual(planVolume(volume("v", { claimRef }), claim({ volumeName: "w" })), { action: "unbind" });
  const provisioned = { "pv.kubernetes.io/provisioned-by": "example.com/p" };
  const made = volume("v", { claimRef, persistentVolumeReclaimPolicy: "Delete" }, provisioned);
  assert.deepEqual(planVolume(made, claim({ volumeName: "w" })), { action: "release" });
});

test("refuseReclaim: what nobody deletes fails", () => {
  const provisioned = { "pv.kubernetes.io/provisioned-by": "example.com/p" };
  const policy = (persistentVolumeReclaimPolicy: string) => ({ persistentVolumeReclaimPolicy });
  assert.equal(refuseReclaim(volume("v", policy("Retain"))), undefined);
  assert.equal(refuseReclaim(volume("v", policy("Delete"), provisioned)), undefined);
  assert.equal(refuseReclaim(volume("v", policy("Delete")))?.reason, "VolumeFailedDelete");
  assert.equal(refuseReclaim(volume("v", policy("Recycle")))?.message, "No recycler plugin found for the volume!");
});

test("binding: marks who did it, and is undone in the same way", () => {
  const bound = volumeBoundTo(volume("v"), claim())!;
  assert.deepEqual(bound.metadata.annotations, { [boundBy]: "yes" });
  assert.deepEqual(bound.spec?.claimRef, {
    kind: "PersistentVolumeClaim",
    apiVersion: "v1",
    namespace: "n",
    name: "c",
    uid: "1",
  });
  assert.equal(volumeBoundTo(bound, claim()), undefined);
  assert.deepEqual(volumeUnbound(bound), { ...volume("v"), metadata: { name: "v" } });
  const reserved = volume("v", { claimRef: { namespace: "n", name: "c" } });
  assert.equal(volumeBoundTo(reserved, claim())?.metadata.annotations?.[boundBy], undefined);
  assert.deepEqual(claimBoundTo(claim(), volume("v"))?.metadata.annotations, { [boundBy]: "yes", ...completed });
  assert.deepEqual(claimBoundTo(claim({ volumeName: "v" }), volume("v"))?.metadata.annotations, completed);
  assert.equal(claimBoundTo(claim({ volumeName: "v" }, completed), volume("v")), undefined);
});

test("claimStatus: takes modes and capacity from the volume, and leaves capacity to the resizer later", () => {
  const pending = { ...claim(), status: { phase: "Pending" } };
  const status = { phase: "Bound", accessModes: ["ReadWriteOnce"], capacity: { storage: "5Gi" } };
  assert.deepEqual(claimStatus(pending, "Bound", volume("v")), status);
  const bound = { ...claim(), status };
  assert.equal(claimStatus(bound, "Bound", volume("v", { capacity: { storage: "9Gi" } })), undefined);
  assert.deepEqual(claimStatus(bound, "Lost", undefined), { phase: "Lost" });
});
