import assert from "node:assert/strict";
import { test } from "node:test";
import { type PersistentVolumeClaim, type Pod, resources } from "#kubernetes/api";
import { startTestCluster, type TestCluster } from "../../support/cluster/test-cluster.ts";
import { createNode } from "../../support/cluster/test-nodes.ts";

const namespace = "default";
const claimKey = { namespace, name: "data" };
const zoneKey = "topology.kubernetes.io/zone";

async function startScene(provisioner: string): Promise<TestCluster> {
  const cluster = await startTestCluster({ scheduler: {} });
  const { client } = cluster;
  await createNode(client, "near", { labels: { [zoneKey]: "a" } });
  await createNode(client, "far", { labels: { [zoneKey]: "b" } });
  await client.create(resources.storageClasses, {
    metadata: { name: "late" },
    provisioner,
    volumeBindingMode: "WaitForFirstConsumer",
    allowedTopologies: [{ matchLabelExpressions: [{ key: zoneKey, values: ["b"] }] }],
  });
  await client.create(resources.persistentVolumeClaims, {
    metadata: claimKey,
    spec: {
      storageClassName: "late",
      accessModes: ["ReadWriteOnce"],
      resources: { requests: { storage: "1Gi" } },
    },
  });
  return cluster;
}

function podWithClaim(name: string): Pod {
  const volumes = [{ name: "v", persistentVolumeClaim: { claimName: claimKey.name } }];
  return { metadata: { namespace, name }, spec: { containers: [{ name: "c", image: "x" }], volumes } };
}

/** What the volume controller does at last. */
async function completeBinding({ client }: TestCluster, volumeName: string): Promise<void> {
  const claim = await client.get(resources.persistentVolumeClaims, claimKey);
  const annotations = { ...claim.metadata.annotations, "pv.kubernetes.io/bind-completed": "yes" };
  await client.update(resources.persistentVolumeClaims, {
    ...claim,
    metadata: { ...claim.metadata, annotations },
    spec: { ...claim.spec, volumeName },
  });
}

const nodeOf = ([pod]: readonly Pod[]) => pod?.spec?.nodeName;
const selectedNode = ({ metadata }: PersistentVolumeClaim) =>
  metadata.annotations?.["volume.kubernetes.io/selected-node"];

test("scheduler: a claim that waits gets its volume made for the node of its pod, which is bound when the volume is", async () => {
  await using cluster = await startScene("disk.example.com");
  const { client, until } = cluster;
  await client.create(resources.pods, podWithClaim("a"));
  await until(resources.persistentVolumeClaims, ([claim]) => claim && selectedNode(claim) === "far");
  assert.equal(nodeOf((await client.list(resources.pods)).items), undefined);
  await completeBinding(cluster, "made");
  await client.create(resources.persistentVolumes, {
    metadata: { name: "made" },
    spec: {
      capacity: { storage: "1Gi" },
      accessModes: ["ReadWriteOnce"],
      csi: { driver: "disk.example.com", volumeHandle: "h" },
    },
  });
  await until(resources.pods, (pods) => nodeOf(pods) === "far");
});

test("scheduler: a volume that is there is bound to the claim, on a node that can use it", async () => {
  await using cluster = await startScene("kubernetes.io/no-provisioner");
  const { client, until } = cluster;
  await client.create(resources.pods, podWithClaim("a"));
  const unschedulable = await until(resources.pods, ([pod]) => pod?.status?.conditions?.[0]?.status === "False");
  assert.equal(
    unschedulable[0]?.status?.conditions?.[0]?.message,
    "0/2 nodes are available: 2 node(s) didn't find available persistent volumes to bind. " +
      "no new claims to deallocate, preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.",
  );
  const volume = await client.create(resources.persistentVolumes, {
    metadata: { name: "disk" },
    spec: {
      storageClassName: "late",
      capacity: { storage: "2Gi" },
      accessModes: ["ReadWriteOnce"],
      local: { path: "/disk" },
      nodeAffinity: {
        required: { nodeSelectorTerms: [{ matchExpressions: [{ key: zoneKey, operator: "In", values: ["a"] }] }] },
      },
    },
  });
  await client.update(
    resources.persistentVolumes,
    { ...volume, status: { phase: "Available" } },
    { subresource: "status" },
  );
  const [bound] = await until(resources.persistentVolumes, ([found]) => found?.spec?.claimRef);
  assert.equal(bound?.spec?.claimRef?.name, "data");
  assert.deepEqual(bound?.metadata.annotations, { "pv.kubernetes.io/bound-by-controller": "yes" });
  await completeBinding(cluster, "disk");
  await until(resources.pods, (pods) => nodeOf(pods) === "near");
});

test("scheduler: a node that can take no more volumes of a driver is passed over", async () => {
  await using cluster = await startScene("disk.example.com");
  const { client, until } = cluster;
  const driver = { name: "disk.example.com", nodeID: "n", allocatable: { count: 0 } };
  await client.create(resources.csiNodes, { metadata: { name: "far" }, spec: { drivers: [driver] } });
  await client.create(resources.pods, podWithClaim("a"));
  await until(resources.pods, ([pod]) =>
    pod?.status?.conditions?.[0]?.message?.includes("1 node(s) exceed max volume count"),
  );
  const csiNode = await client.get(resources.csiNodes, { name: "far" });
  const drivers = [{ ...driver, allocatable: { count: 1 } }];
  await client.update(resources.csiNodes, { ...csiNode, spec: { drivers } });
  await until(resources.persistentVolumeClaims, ([claim]) => claim && selectedNode(claim) === "far");
});
