import assert from "node:assert/strict";
import { test } from "node:test";
import { resources } from "#kubernetes/api";
import { startTestCluster } from "../../support/cluster/test-cluster.ts";

const namespace = "default";

test("ResourceClaim: made from a template for a pod, and gone when the pod has ended", async () => {
  await using cluster = await startTestCluster({ controllers: ["resourceclaim-controller"] });
  const { client, until } = cluster;
  await client.create(resources.pods, {
    metadata: { name: "p", namespace },
    spec: {
      containers: [{ name: "c", image: "x", resources: { claims: [{ name: "gpu" }] } }],
      resourceClaims: [{ name: "gpu", resourceClaimTemplateName: "one" }],
    },
  });
  await until(resources.events, (events) => {
    return events.some(({ reason, message }) => {
      return (
        reason === "FailedResourceClaimCreation" &&
        message?.startsWith('PodResourceClaim gpu: resource claim template "one"')
      );
    });
  });
  const devices = { requests: [{ name: "r", exactly: { deviceClassName: "gpu" } }] };
  await client.create(resources.resourceClaimTemplates, {
    metadata: { name: "one", namespace },
    spec: { spec: { devices } },
  });
  const [pod] = await until(resources.pods, ([found]) => found?.status?.resourceClaimStatuses?.length === 1);
  const { items } = await client.list(resources.resourceClaims, { namespace });
  assert.equal(items.length, 1);
  assert.match(items[0]?.metadata.name ?? "", /^p-gpu-.{5}$/);
  assert.equal(pod?.status?.resourceClaimStatuses?.[0]?.resourceClaimName, items[0]?.metadata.name);
  const patch = { type: "merge", body: { status: { phase: "Succeeded" } } } as const;
  await client.patch(resources.pods, { namespace, name: "p" }, patch, { subresource: "status" });
  await until(resources.resourceClaims, (claims) => claims.length === 0);
});

test("device-taint-eviction: a pod whose device is tainted goes, one that bears it stays", async () => {
  await using cluster = await startTestCluster({ controllers: ["device-taint-eviction-controller"] });
  const { client, until } = cluster;
  const driver = "gpu.example.com";
  const slice = await client.create(resources.resourceSlices, {
    metadata: { name: "s" },
    spec: {
      driver,
      nodeName: "n",
      pool: { name: "n", generation: 1, resourceSliceCount: 1 },
      devices: [{ name: "0" }, { name: "1" }],
    },
  });
  const users = [
    { name: "weak", device: "0", tolerations: [] },
    { name: "strong", device: "1", tolerations: [{ operator: "Exists", effect: "NoExecute" }] },
  ];
  for (const { name, device, tolerations } of users) {
    const requests = [{ name: "r", exactly: { deviceClassName: "gpu", tolerations } }];
    const claim = await client.create(resources.resourceClaims, {
      metadata: { name, namespace, finalizers: ["resource.kubernetes.io/delete-protection"] },
      spec: { devices: { requests } },
    });
    const { metadata } = await client.create(resources.pods, {
      metadata: { name, namespace },
      spec: {
        nodeName: "n",
        containers: [{ name: "c", image: "x" }],
        resourceClaims: [{ name: "gpu", resourceClaimName: name }],
      },
    });
    const results = [{ request: "r", driver, pool: "n", device, tolerations }];
    const reservedFor = [{ resource: "pods", name, uid: metadata.uid! }];
    const status = { allocation: { devices: { results } }, reservedFor };
    await client.update(resources.resourceClaims, { ...claim, status }, { subresource: "status" });
  }
  const taints = [{ key: "broken", effect: "NoExecute" }];
  const devices = ["0", "1"].map((name) => ({ name, taints }));
  await client.update(resources.resourceSlices, { ...slice, spec: { ...slice.spec, devices } });
  const [weak] = await until(resources.pods, (pods) =>
    pods.filter(({ metadata }) => metadata.deletionTimestamp).length === 1 ? pods : false,
  ).then((pods) => pods.filter(({ metadata }) => metadata.deletionTimestamp));
  assert.equal(weak?.metadata.name, "weak");
  const condition = weak?.status?.conditions?.find(({ type }) => type === "DisruptionTarget");
  assert.equal(condition?.reason, "DeletionByDeviceTaintManager");
  await until(resources.events, (events) => events.some(({ message }) => message === "Marking for deletion"));
});
