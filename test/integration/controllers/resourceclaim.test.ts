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
