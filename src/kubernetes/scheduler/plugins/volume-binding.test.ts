import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type PersistentVolume,
  type PersistentVolumeClaim,
  type Pod,
  resources,
  type StorageClass,
} from "#kubernetes/api";
import type { Client } from "#kubernetes/client";
import { FakeClock } from "#shared";
import { makePodInfo } from "../cluster/pod-info.ts";
import { filter, isRetried, snapshotOf } from "../testing/ask-plugin.ts";
import { FakeInformers } from "../testing/fake-informers.ts";
import { makeNode, makePod, zoneLabel } from "../testing/objects.ts";
import { createVolumeBinding } from "./volume-binding.ts";

const namespace = "default";
const nodes = [makeNode("a", { labels: { [zoneLabel]: "a" } }), makeNode("b", { labels: { [zoneLabel]: "b" } })];
const noVolume = "!node(s) didn't find available persistent volumes to bind";

interface Scene {
  readonly informers: FakeInformers;
  readonly clock: FakeClock;
  readonly plugin: ReturnType<typeof createVolumeBinding>;
}

/** Writes go straight into the informers. */
function makeScene(): Scene {
  const informers = new FakeInformers();
  const clock = new FakeClock();
  let version = 100;
  const update = async (resource: Parameters<Client["update"]>[0], object: PersistentVolume) => {
    const written = { ...object, metadata: { ...object.metadata, resourceVersion: String(++version) } };
    informers.put(resource, written);
    return written;
  };
  const client = { update } as unknown as Client;
  informers.put(resources.nodes, ...nodes);
  informers.put(resources.storageClasses, storageClass("late"), {
    ...storageClass("now"),
    volumeBindingMode: "Immediate",
  });
  return { informers, clock, plugin: createVolumeBinding({ bindTimeoutSeconds: 30 }, { informers, clock, client }) };
}

function storageClass(name: string, provisioner = "kubernetes.io/no-provisioner"): StorageClass {
  return { metadata: { name }, provisioner, volumeBindingMode: "WaitForFirstConsumer" };
}

function makeClaim(name: string, more: Partial<PersistentVolumeClaim> & { size?: string } = {}): PersistentVolumeClaim {
  const { size = "1Gi", metadata, spec, status } = more;
  return {
    metadata: { namespace, name, uid: name, resourceVersion: "1", ...metadata },
    spec: {
      storageClassName: "late",
      accessModes: ["ReadWriteOnce"],
      resources: { requests: { storage: size } },
      ...spec,
    },
    ...(status && { status }),
  };
}

function makeVolume(name: string, zone: string, more: Partial<PersistentVolume["spec"]> = {}): PersistentVolume {
  return {
    metadata: { name, resourceVersion: "1" },
    spec: {
      storageClassName: "late",
      accessModes: ["ReadWriteOnce"],
      capacity: { storage: "1Gi" },
      nodeAffinity: {
        required: { nodeSelectorTerms: [{ matchExpressions: [{ key: zoneLabel, operator: "In", values: [zone] }] }] },
      },
      ...more,
    },
    status: { phase: "Available" },
  };
}

const using = (...claims: string[]): Pod =>
  makePod("p", {
    spec: { volumes: claims.map((claimName) => ({ name: claimName, persistentVolumeClaim: { claimName } })) },
  });
const bound = { "pv.kubernetes.io/bind-completed": "yes" };

test("VolumeBinding: what keeps a pod from any node", () => {
  const { informers, plugin } = makeScene();
  informers.put(
    resources.persistentVolumeClaims,
    makeClaim("immediate", { spec: { storageClassName: "now" } }),
    makeClaim("lost", { status: { phase: "Lost" }, spec: { volumeName: "v" } }),
    makeClaim("leaving", { metadata: { deletionTimestamp: "2026-01-01T00:00:00Z" } }),
    makeClaim("p-scratch"),
  );
  const cases: readonly [string, Pod, string][] = [
    ["no claim", using("none"), '!persistentvolumeclaim "none" not found'],
    ["unbound", using("immediate"), "!pod has unbound immediate PersistentVolumeClaims"],
    ["lost", using("lost"), '!persistentvolumeclaim "lost" bound to non-existent persistentvolume "v"'],
    ["being deleted", using("leaving"), '!persistentvolumeclaim "leaving" is being deleted'],
    [
      "not made yet",
      makePod("q", { spec: { volumes: [{ name: "scratch", ephemeral: {} }] } }),
      '!waiting for ephemeral volume controller to create the persistentvolumeclaim "q-scratch"',
    ],
    [
      "somebody else's",
      makePod("p", { spec: { volumes: [{ name: "scratch", ephemeral: {} }] } }),
      "!PVC default/p-scratch was not created for pod default/p (pod is not owner)",
    ],
  ];
  for (const [what, pod, answer] of cases) assert.deepEqual(filter(plugin, pod, { nodes }), { "*": answer }, what);
  assert.deepEqual(filter(plugin, makePod("p"), { nodes }), { a: "", b: "" });
});

test("VolumeBinding: a bound volume must be usable from the node", () => {
  const { informers, plugin } = makeScene();
  informers.put(
    resources.persistentVolumeClaims,
    makeClaim("data", { metadata: { annotations: bound }, spec: { volumeName: "v" } }),
  );
  const gone = "!node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)";
  assert.deepEqual(filter(plugin, using("data"), { nodes }), { a: gone, b: gone });
  informers.put(resources.persistentVolumes, makeVolume("v", "b"));
  assert.deepEqual(filter(plugin, using("data"), { nodes }), {
    a: "!node(s) didn't match PersistentVolume's node affinity",
    b: "",
  });
});

test("VolumeBinding: volumes that are there must suit the claim", () => {
  const cases: readonly [string, Partial<PersistentVolume["spec"]>, boolean][] = [
    ["suits", {}, true],
    ["larger", { capacity: { storage: "5Gi" } }, true],
    ["too small", { capacity: { storage: "1Mi" } }, false],
    ["another class", { storageClassName: "other" }, false],
    ["other access", { accessModes: ["ReadOnlyMany"] }, false],
    ["more access", { accessModes: ["ReadOnlyMany", "ReadWriteOnce"] }, true],
    ["a block device", { volumeMode: "Block" }, false],
    ["somebody's", { claimRef: { namespace, name: "else", uid: "else" } }, false],
    ["reserved for it", { claimRef: { namespace, name: "data" } }, true],
  ];
  for (const [what, spec, suits] of cases) {
    const { informers, plugin } = makeScene();
    informers.put(resources.persistentVolumeClaims, makeClaim("data"));
    informers.put(resources.persistentVolumes, makeVolume("v", "a", spec));
    assert.deepEqual(filter(plugin, using("data"), { nodes }), { a: suits ? "" : noVolume, b: noVolume }, what);
  }
});

test("VolumeBinding: two claims need two volumes; the smaller claim takes the smaller", () => {
  const { informers, plugin } = makeScene();
  informers.put(resources.persistentVolumeClaims, makeClaim("large", { size: "5Gi" }), makeClaim("small"));
  informers.put(resources.persistentVolumes, makeVolume("five", "a", { capacity: { storage: "5Gi" } }));
  assert.equal(filter(plugin, using("large", "small"), { nodes })["a"], noVolume);
  informers.put(resources.persistentVolumes, makeVolume("one", "a"));
  assert.equal(filter(plugin, using("large", "small"), { nodes })["a"], "");
});

test("VolumeBinding: a volume is made only where class, topology and capacity allow it", () => {
  const { informers, plugin } = makeScene();
  informers.put(resources.storageClasses, {
    ...storageClass("late", "disk.example.com"),
    allowedTopologies: [{ matchLabelExpressions: [{ key: zoneLabel, values: ["b"] }] }],
  });
  informers.put(resources.persistentVolumeClaims, makeClaim("data"));
  assert.deepEqual(filter(plugin, using("data"), { nodes }), { a: noVolume, b: "" });
  informers.put(resources.csiDrivers, { metadata: { name: "disk.example.com" }, spec: { storageCapacity: true } });
  const full = "!node(s) did not have enough free storage";
  assert.deepEqual(filter(plugin, using("data"), { nodes }), { a: noVolume, b: full });
  const capacity = {
    metadata: { namespace, name: "c" },
    storageClassName: "late",
    nodeTopology: { matchLabels: { [zoneLabel]: "b" } },
  };
  informers.put(resources.csiStorageCapacities, { ...capacity, capacity: "10Gi", maximumVolumeSize: "1Mi" });
  assert.equal(filter(plugin, using("data"), { nodes })["b"], full);
  informers.put(resources.csiStorageCapacities, { ...capacity, capacity: "10Gi" });
  assert.equal(filter(plugin, using("data"), { nodes })["b"], "");
});

test("VolumeBinding: a claim whose node was chosen goes with its pod to that node", () => {
  const { informers, plugin } = makeScene();
  informers.put(resources.storageClasses, storageClass("late", "disk.example.com"));
  const annotations = { "volume.kubernetes.io/selected-node": "b" };
  informers.put(resources.persistentVolumeClaims, makeClaim("data", { metadata: { annotations } }));
  assert.deepEqual(filter(plugin, using("data"), { nodes }), { a: noVolume, b: "" });
});

function reserve({ plugin }: Scene, pod: Pod, nodeName: string) {
  const info = makePodInfo(pod);
  const snapshot = snapshotOf({ nodes });
  const status = plugin.preFilter!(info, snapshot);
  assert.ok(status.code === "Success");
  const { state } = status;
  assert.equal(plugin.filter!(state, info, snapshot.node(nodeName)!).code, "Success");
  plugin.reserve!(state, info, nodeName);
  return { info, state };
}

test("VolumeBinding: what one pod has reserved no other gets, until it lets go", () => {
  const scene = makeScene();
  const { informers, plugin } = scene;
  informers.put(resources.persistentVolumeClaims, makeClaim("one"), makeClaim("two"));
  informers.put(resources.persistentVolumes, makeVolume("v", "a"));
  const { info, state } = reserve(scene, using("one"), "a");
  assert.equal(filter(plugin, using("two"), { nodes })["a"], noVolume);
  plugin.unreserve!(state, info, "a");
  assert.equal(filter(plugin, using("two"), { nodes })["a"], "");
});

test("VolumeBinding: PreBind writes the binding and waits for the volume controller", async () => {
  const scene = makeScene();
  const { informers, plugin } = scene;
  informers.put(resources.pods, using("data"));
  informers.put(resources.persistentVolumeClaims, makeClaim("data"));
  informers.put(resources.persistentVolumes, makeVolume("v", "a"));
  const { info, state } = reserve(scene, using("data"), "a");
  const ended = plugin.preBind!(state, info, "a", new AbortController().signal);
  await new Promise(setImmediate);
  const volume = informers.informer(resources.persistentVolumes).get({ name: "v" })!;
  assert.equal(volume.spec?.claimRef?.uid, "data");
  assert.deepEqual(volume.metadata.annotations, { "pv.kubernetes.io/bound-by-controller": "yes" });
  informers.put(
    resources.persistentVolumeClaims,
    makeClaim("data", { metadata: { annotations: bound }, spec: { volumeName: "v" } }),
  );
  assert.deepEqual(await ended, { code: "Success" });
});

test("VolumeBinding: PreBind fails when the provisioner gives up, when the pod goes, and when time is over", async () => {
  const ends: readonly [string, (scene: Scene) => unknown, RegExp][] = [
    [
      "given up",
      ({ informers }) =>
        informers.put(
          resources.persistentVolumeClaims,
          makeClaim("data", { metadata: { annotations: {}, resourceVersion: "200" } }),
        ),
      /^Error: binding volumes: provisioning failed for PVC "data"$/,
    ],
    [
      "pod gone",
      ({ informers }) => informers.remove(resources.pods, using("data")),
      /^Error: binding volumes: pod does not exist any more: pod "p" not found$/,
    ],
    ["late", ({ clock }) => clock.advance(30_000), /^Error: binding volumes: context deadline exceeded$/],
  ];
  for (const [what, end, message] of ends) {
    const scene = makeScene();
    const { informers, plugin } = scene;
    informers.put(resources.pods, using("data"));
    informers.put(resources.storageClasses, storageClass("late", "disk.example.com"));
    informers.put(resources.persistentVolumeClaims, makeClaim("data"));
    const { info, state } = reserve(scene, using("data"), "a");
    const refused = assert.rejects(plugin.preBind!(state, info, "a", new AbortController().signal), message, what);
    await new Promise(setImmediate);
    const [claim] = informers.informer(resources.persistentVolumeClaims).list();
    assert.equal(claim?.metadata.annotations?.["volume.kubernetes.io/selected-node"], "a", what);
    await end(scene);
    await refused;
  }
});

test("VolumeBinding: retried for the pod's own claims, for any volume, for more capacity", () => {
  const { plugin } = makeScene();
  const pod = using("data");
  const claims = { resource: "PersistentVolumeClaim", action: "Update" } as const;
  assert.equal(isRetried(plugin, pod, claims, { old: makeClaim("data"), now: makeClaim("data") }), true);
  assert.equal(isRetried(plugin, pod, claims, { old: makeClaim("x"), now: makeClaim("x") }), false);
  assert.equal(
    isRetried(plugin, pod, { resource: "PersistentVolume", action: "Add" }, { now: makeVolume("v", "a") }),
    true,
  );
  const grown = { resource: "storage.k8s.io/CSIStorageCapacity", action: "Update" } as const;
  const sized = (capacity: string) => ({ metadata: { name: "c" }, storageClassName: "late", capacity });
  assert.equal(isRetried(plugin, pod, grown, { old: sized("1Gi"), now: sized("2Gi") }), true);
  assert.equal(isRetried(plugin, pod, grown, { old: sized("2Gi"), now: sized("1Gi") }), false);
});
