import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type CSINode,
  type PersistentVolume,
  type PersistentVolumeClaim,
  type Pod,
  resources,
  type StorageClass,
  type Volume,
} from "#kubernetes/api";
import { filter, isRetried, on } from "../testing/ask-plugin.ts";
import { FakeInformers } from "../testing/fake-informers.ts";
import { makeNode, makePod, zoneLabel } from "../testing/objects.ts";
import { createNodeVolumeLimits } from "./node-volume-limits.ts";
import { createVolumeRestrictions } from "./volume-restrictions.ts";
import { createVolumeZone } from "./volume-zone.ts";

const namespace = "default";
const nodes = [makeNode("a", { labels: { [zoneLabel]: "a" } }), makeNode("b", { labels: { [zoneLabel]: "b" } })];

const using = (...claims: string[]): Pod =>
  withVolumes(...claims.map((claimName) => ({ persistentVolumeClaim: { claimName } })));
function withVolumes(...volumes: Omit<Volume, "name">[]): Pod {
  return makePod("p", { spec: { volumes: volumes.map((volume, at) => ({ name: `v${at}`, ...volume })) } });
}
const named = (pod: Pod, name: string): Pod => ({ ...pod, metadata: { ...pod.metadata, name, uid: name } });
const claim = (name: string, spec: PersistentVolumeClaim["spec"] = {}): PersistentVolumeClaim => ({
  metadata: { namespace, name },
  spec,
});
const volume = (
  name: string,
  spec: PersistentVolume["spec"] = {},
  labels?: Record<string, string>,
): PersistentVolume => ({
  metadata: { name, ...(labels && { labels }) },
  spec,
});
const storageClass = (name: string, volumeBindingMode: string): StorageClass => ({
  metadata: { name },
  provisioner: "disk.example.com",
  volumeBindingMode,
});

test("VolumeRestrictions: disks that two pods of a node cannot share", () => {
  const conflict = "node(s) had no available disk";
  const gce = (readOnly: boolean) => ({ gcePersistentDisk: { pdName: "d", readOnly } });
  const cases: readonly [string, Omit<Volume, "name">, Omit<Volume, "name">, string][] = [
    ["GCE, written", gce(false), gce(false), conflict],
    ["GCE, both read", gce(true), gce(true), ""],
    [
      "EBS, even read",
      { awsElasticBlockStore: { volumeID: "v", readOnly: true } },
      { awsElasticBlockStore: { volumeID: "v", readOnly: true } },
      conflict,
    ],
    ["another EBS", { awsElasticBlockStore: { volumeID: "v" } }, { awsElasticBlockStore: { volumeID: "w" } }, ""],
    [
      "iSCSI",
      { iscsi: { iqn: "q", targetPortal: "t", lun: 0 } },
      { iscsi: { iqn: "q", targetPortal: "u", lun: 1 } },
      conflict,
    ],
    [
      "RBD of a shared monitor",
      { rbd: { monitors: ["a", "b"], image: "i", pool: "p" } },
      { rbd: { monitors: ["b"], image: "i", pool: "p" } },
      conflict,
    ],
    [
      "RBD of another pool",
      { rbd: { monitors: ["a"], image: "i", pool: "p" } },
      { rbd: { monitors: ["a"], image: "i", pool: "q" } },
      "",
    ],
  ];
  for (const [what, used, wanted, answer] of cases) {
    const plugin = createVolumeRestrictions({}, { informers: new FakeInformers() });
    const pods = [on("a", named(withVolumes(used), "other"))];
    assert.deepEqual(filter(plugin, withVolumes(wanted), { nodes, pods }), { a: answer, b: "" }, what);
  }
});

test("VolumeRestrictions: a claim for one pod alone is in use wherever that pod runs", () => {
  const informers = new FakeInformers();
  const plugin = createVolumeRestrictions({}, { informers });
  assert.deepEqual(filter(plugin, using("one"), { nodes }), { "*": '!persistentvolumeclaim "one" not found' });
  informers.put(resources.persistentVolumeClaims, claim("one", { accessModes: ["ReadWriteOncePod"] }));
  assert.deepEqual(filter(plugin, using("one"), { nodes }), { a: "", b: "" });
  const used =
    "node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod";
  const other = on("a", named(using("one"), "other"));
  assert.deepEqual(filter(plugin, using("one"), { nodes, pods: [other] }), { a: used, b: used });
  assert.equal(isRetried(plugin, using("one"), { resource: "AssignedPod", action: "Delete" }, { old: other }), true);
});

test("VolumeZone: a pod goes to the zone its volumes are labelled with", () => {
  const informers = new FakeInformers();
  const plugin = createVolumeZone({}, { informers });
  informers.put(
    resources.storageClasses,
    storageClass("late", "WaitForFirstConsumer"),
    storageClass("now", "Immediate"),
  );
  informers.put(
    resources.persistentVolumeClaims,
    claim("bound", { volumeName: "v" }),
    claim("multi", { volumeName: "both" }),
    claim("gone", { volumeName: "gone" }),
    claim("waiting", { storageClassName: "late" }),
    claim("unbound", { storageClassName: "now" }),
  );
  informers.put(
    resources.persistentVolumes,
    volume("v", {}, { "failure-domain.beta.kubernetes.io/zone": "a" }),
    volume("both", {}, { [zoneLabel]: "a__b" }),
  );
  const conflict = "!node(s) had no available volume zone";
  assert.deepEqual(filter(plugin, using("bound"), { nodes }), { a: "", b: conflict });
  assert.deepEqual(filter(plugin, using("bound"), { nodes: [makeNode("nowhere")] }), { nowhere: "" });
  assert.deepEqual(filter(plugin, using("multi"), { nodes }), { a: "", b: "" });
  assert.deepEqual(filter(plugin, using("waiting"), { nodes }), { a: "", b: "" });
  assert.deepEqual(filter(plugin, using("gone"), { nodes }), { "*": '!persistentvolume "gone" not found' });
  assert.deepEqual(filter(plugin, using("unbound"), { nodes }), { "*": "!PersistentVolume had no name" });
  assert.deepEqual(filter(plugin, using("missing"), { nodes }), { "*": '!persistentvolumeclaim "missing" not found' });
});

const csiNode = (name: string, count?: number): CSINode => ({
  metadata: { name },
  spec: {
    drivers: [{ name: "disk.example.com", nodeID: name, ...(count !== undefined && { allocatable: { count } }) }],
  },
});

test("NodeVolumeLimits: a driver's volumes on a node are counted once each, wanted ones included", () => {
  const exceeded = "node(s) exceed max volume count";
  const csi = (volumeHandle: string) => ({ csi: { driver: "disk.example.com", volumeHandle } });
  const make = (limit?: number) => {
    const informers = new FakeInformers();
    const plugin = createNodeVolumeLimits({}, { informers });
    informers.put(resources.csiNodes, csiNode("a", limit));
    for (const name of ["x", "y", "z"]) {
      informers.put(resources.persistentVolumeClaims, claim(name, { volumeName: name }));
      informers.put(resources.persistentVolumes, volume(name, csi(name)));
    }
    informers.put(resources.storageClasses, storageClass("late", "WaitForFirstConsumer"));
    informers.put(resources.persistentVolumeClaims, claim("new", { storageClassName: "late" }));
    return { informers, plugin };
  };
  const cases: readonly [string, number | undefined, string[], string[], string][] = [
    ["no limit", undefined, ["x", "y"], ["z"], ""],
    ["room", 2, ["x"], ["y"], ""],
    ["full", 1, ["x"], ["y"], exceeded],
    ["shared", 1, ["x"], ["x"], ""],
    ["several at once", 2, ["x"], ["y", "z"], exceeded],
    ["one that is still to be made", 1, ["x"], ["new"], exceeded],
    ["nothing of a driver wanted", 0, ["x"], [], ""],
  ];
  for (const [what, limit, used, wanted, answer] of cases) {
    const pods = [on("a", named(using(...used), "other"))];
    assert.deepEqual(filter(make(limit).plugin, using(...wanted), { nodes, pods }), { a: answer, b: "" }, what);
  }
  const { informers, plugin } = make(1);
  informers.put(resources.volumeAttachments, {
    metadata: { name: "va" },
    spec: { attacher: "disk.example.com", nodeName: "a", source: { persistentVolumeName: "x" } },
  });
  assert.deepEqual(filter(plugin, using("y"), { nodes }), { a: exceeded, b: "" }, "what is still attached counts");
  assert.match(
    filter(plugin, using("none"), { nodes })["a"]!,
    /^!looking up PVC default\/none: persistentvolumeclaim "none" not found$/,
  );
});

test("NodeVolumeLimits: retried when a limit is raised, when a pod with volumes goes", () => {
  const plugin = createNodeVolumeLimits({}, { informers: new FakeInformers() });
  const update = { resource: "storage.k8s.io/CSINode", action: "Update" } as const;
  assert.equal(isRetried(plugin, using("x"), update, { old: csiNode("a", 1), now: csiNode("a", 2) }), true);
  assert.equal(isRetried(plugin, using("x"), update, { old: csiNode("a", 2), now: csiNode("a", 1) }), false);
  const gone = { resource: "AssignedPod", action: "Delete" } as const;
  assert.equal(isRetried(plugin, using("x"), gone, { old: on("a", using("y")) }), true);
  assert.equal(isRetried(plugin, using("x"), gone, { old: on("a", makePod("q")) }), false);
});
