import assert from "node:assert/strict";
import { test } from "node:test";
import { type PersistentVolume, type PersistentVolumeClaim, type Pod, resources } from "#kubernetes/api";
import { startTestCluster, type TestCluster } from "../../support/cluster/test-cluster.ts";
import { createReadyNode } from "../../support/cluster/test-kubelet.ts";

const namespace = "default";

function claim(name: string): PersistentVolumeClaim {
  return {
    metadata: { name, namespace },
    spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } }, storageClassName: "" },
  };
}

function volume(name: string): PersistentVolume {
  return {
    metadata: { name },
    spec: {
      accessModes: ["ReadWriteOnce"],
      capacity: { storage: "1Gi" },
      csi: { driver: "d.example", volumeHandle: `h-${name}` },
    },
  };
}

function pod(name: string, nodeName: string, volumes: NonNullable<Pod["spec"]>["volumes"] = []): Pod {
  return { metadata: { name, namespace }, spec: { nodeName, volumes, containers: [{ name: "c", image: "x" }] } };
}

const data = (claimName: string) => [{ name: "data", persistentVolumeClaim: { claimName } }];

async function makeNode({ client }: TestCluster, name: string): Promise<void> {
  await createReadyNode(client, name);
  const annotations = { "volumes.kubernetes.io/controller-managed-attach-detach": "true" };
  await client.patch(resources.nodes, { name }, { type: "merge", body: { metadata: { annotations } } });
}

function hasEvent({ until }: TestCluster, reason: string, message: string) {
  return until(resources.events, (events) => {
    return events.some((event) => event.reason === reason && event.message === message);
  });
}

test("volumes and claims that are used stay until they are not", async () => {
  const controllers = ["pvc-protection", "pv-protection", "persistentvolume-binder"];
  await using cluster = await startTestCluster({ controllers });
  const { client, until, rest } = cluster;
  await createReadyNode(client, "node-1");
  await client.create(resources.persistentVolumes, volume("v"));
  await client.create(resources.persistentVolumeClaims, claim("c"));
  await until(resources.persistentVolumeClaims, ([found]) => found?.status?.phase === "Bound");
  await client.create(resources.pods, pod("p", "node-1", data("c")));
  await client.delete(resources.persistentVolumes, { name: "v" });
  await client.delete(resources.persistentVolumeClaims, { namespace, name: "c" });
  await rest();
  const kept = await client.get(resources.persistentVolumeClaims, { namespace, name: "c" });
  assert.deepEqual(kept.metadata.finalizers, ["kubernetes.io/pvc-protection"]);
  await client.delete(resources.pods, { namespace, name: "p" }, { gracePeriodSeconds: 0 });
  await until(resources.persistentVolumeClaims, (found) => found.length === 0);
  await until(resources.persistentVolumes, (found) => found.length === 0);
});

test("generic ephemeral volumes get claims of their own, again when one is deleted", async () => {
  await using cluster = await startTestCluster({ controllers: ["ephemeral-volume"] });
  const { client, until } = cluster;
  const { spec } = claim("");
  const volumes = [{ name: "tmp", ephemeral: { volumeClaimTemplate: { spec: spec! } } }];
  const created = await client.create(resources.pods, pod("p", "node-1", volumes));
  const [made] = await until(resources.persistentVolumeClaims, (found) => found.length === 1);
  assert.equal(made?.metadata.name, "p-tmp");
  assert.equal(made?.metadata.ownerReferences?.[0]?.uid, created.metadata.uid);
  const key = { namespace, name: "p-tmp" };
  await client.patch(resources.persistentVolumeClaims, key, {
    type: "merge",
    body: { metadata: { finalizers: null } },
  });
  await client.delete(resources.persistentVolumeClaims, key);
  await until(resources.persistentVolumeClaims, ([found]) => found && found.metadata.uid !== made?.metadata.uid);
  await client.create(resources.persistentVolumeClaims, claim("q-tmp"));
  await client.create(resources.pods, pod("q", "node-1", volumes));
  const message = "ephemeral volume tmp: PVC default/q-tmp was not created for pod default/q (pod is not owner)";
  await hasEvent(cluster, "FailedBinding", message);
});

test("volumes are attached to the node of their pod, one node at a time", async () => {
  await using cluster = await startTestCluster({ controllers: ["attachdetach", "persistentvolume-binder"] });
  const { client, until } = cluster;
  for (const name of ["node-1", "node-2"]) await makeNode(cluster, name);
  await client.create(resources.persistentVolumes, volume("v"));
  await client.create(resources.persistentVolumeClaims, claim("c"));
  await client.create(resources.pods, pod("p", "node-1", data("c")));
  const [attachment] = await until(resources.volumeAttachments, (found) => found.length === 1);
  assert.deepEqual(attachment?.spec, {
    attacher: "d.example",
    nodeName: "node-1",
    source: { persistentVolumeName: "v" },
  });
  // What an attacher does.
  const { name = "" } = attachment?.metadata ?? {};
  const attached = { type: "merge", body: { status: { attached: true } } } as const;
  await client.patch(resources.volumeAttachments, { name }, attached, { subresource: "status" });
  const unique = "kubernetes.io/csi/d.example^h-v";
  await until(resources.nodes, ([node]) => node?.status?.volumesAttached?.[0]?.name === unique);
  await hasEvent(cluster, "SuccessfulAttachVolume", 'AttachVolume.Attach succeeded for volume "v" ');

  await client.create(resources.pods, pod("q", "node-2", data("c")));
  const blocked = 'Multi-Attach error for volume "v" Volume is already used by pod(s) p';
  await hasEvent(cluster, "FailedAttachVolume", blocked);
  await client.delete(resources.pods, { namespace, name: "p" }, { gracePeriodSeconds: 0 });
  await until(resources.volumeAttachments, ([found]) => found?.spec.nodeName === "node-2");
  await until(resources.nodes, ([node]) => (node?.status?.volumesAttached ?? []).length === 0);
});

test("a claim that asks for more is told who grows it", async () => {
  const controllers = ["persistentvolume-expander", "persistentvolume-binder"];
  await using cluster = await startTestCluster({ controllers });
  const { client, until } = cluster;
  const storageClassName = "grows";
  await client.create(resources.storageClasses, {
    metadata: { name: storageClassName },
    provisioner: "d.example",
    allowVolumeExpansion: true,
  });
  await client.create(resources.persistentVolumes, {
    ...volume("v"),
    spec: { ...volume("v").spec, storageClassName },
  });
  await client.create(resources.persistentVolumeClaims, {
    ...claim("c"),
    spec: { ...claim("c").spec, storageClassName },
  });
  await until(resources.persistentVolumeClaims, ([found]) => found?.status?.phase === "Bound");
  const body = { spec: { resources: { requests: { storage: "2Gi" } } } };
  await client.patch(resources.persistentVolumeClaims, { namespace, name: "c" }, { type: "merge", body });
  await hasEvent(cluster, "ExternalExpanding", "waiting for an external controller to expand this PVC");
});
