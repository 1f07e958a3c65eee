// Devices from claim to pod and back: the API server, the scheduler and the claim controller together.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Pod, type ResourceV1ResourceClaim as ResourceClaim, resources } from "#kubernetes/api";
import { startTestCluster, type TestCluster } from "../../support/cluster/test-cluster.ts";
import { createNode } from "../../support/cluster/test-nodes.ts";

const namespace = "default";
const driver = "gpu.example.com";

async function offerDevices({ client }: TestCluster, nodeName: string, names: readonly string[]): Promise<void> {
  await client.create(resources.resourceSlices, {
    metadata: { name: `slice-${nodeName}` },
    spec: {
      driver,
      nodeName,
      pool: { name: nodeName, generation: 1, resourceSliceCount: 1 },
      devices: names.map((name) => ({ name, attributes: { model: { string: name } } })),
    },
  });
}

async function createClass({ client }: TestCluster): Promise<void> {
  const selectors = [{ cel: { expression: `device.driver == "${driver}"` } }];
  await client.create(resources.deviceClasses, { metadata: { name: "gpu" }, spec: { selectors } });
}

function podWith(name: string, resourceClaimName: string): Pod {
  const resourceClaims = [{ name: "gpu", resourceClaimName }];
  const containers = [{ name: "c", image: "x", resources: { claims: [{ name: "gpu" }] } }];
  return { metadata: { namespace, name }, spec: { containers, resourceClaims } };
}

function claim(name: string, exactly: object = {}): ResourceClaim {
  const requests = [{ name: "r", exactly: { deviceClassName: "gpu", ...exactly } }];
  return { metadata: { namespace, name }, spec: { devices: { requests } } };
}

const named = <T extends { metadata: { name?: string } }>(objects: readonly T[], name: string) =>
  objects.find(({ metadata }) => metadata.name === name);

test("scheduler: a claim is given a device on the node of its pod; another pod gets the device when the first is over", async () => {
  await using cluster = await startTestCluster({ scheduler: {}, controllers: ["resourceclaim-controller"] });
  const { client, until } = cluster;
  await createNode(client, "plain");
  await createNode(client, "fast");
  await createClass(cluster);
  await offerDevices(cluster, "fast", ["a100"]);
  await client.create(resources.resourceClaims, claim("one"));
  await client.create(resources.pods, podWith("first", "one"));
  await until(resources.pods, (pods) => named(pods, "first")?.spec?.nodeName === "fast");
  const { metadata, status } = await client.get(resources.resourceClaims, { namespace, name: "one" });
  assert.deepEqual(status?.allocation?.devices?.results, [{ request: "r", driver, pool: "fast", device: "a100" }]);
  assert.deepEqual(
    status?.reservedFor?.map(({ name }) => name),
    ["first"],
  );
  assert.deepEqual(metadata.finalizers, ["resource.kubernetes.io/delete-protection"]);

  await client.create(resources.resourceClaims, claim("two"));
  await client.create(resources.pods, podWith("second", "two"));
  const waiting = await until(resources.pods, (pods) => named(pods, "second")?.status?.conditions?.[0]?.message);
  assert.match(
    named(waiting, "second")!.status!.conditions![0]!.message!,
    /^0\/2 nodes are available: 2 cannot allocate all claims\./,
  );
  const body = { status: { phase: "Succeeded" } };
  await client.patch(resources.pods, { namespace, name: "first" }, { type: "merge", body }, { subresource: "status" });
  await until(resources.pods, (pods) => named(pods, "second")?.spec?.nodeName === "fast");
});

test("API server: expressions are compiled, and administrators' access needs a marked namespace", async () => {
  await using cluster = await startTestCluster();
  const { client } = cluster;
  const create = (made: ResourceClaim) => client.create(resources.resourceClaims, made);
  await assert.rejects(
    create(claim("wrong", { selectors: [{ cel: { expression: "device.nothing" } }] })),
    /spec\.devices\.requests\[0\]\.exactly\.selectors\[0\]\.cel\.expression: Invalid value: .*undefined field 'nothing'/,
  );
  await assert.rejects(
    create(claim("admin", { adminAccess: true })),
    /spec\.devices\.requests\[0\]\.adminAccess: Forbidden: admin access to devices requires the `resource\.kubernetes\.io\/admin-access: true` label/,
  );
  const labels = { "resource.kubernetes.io/admin-access": "true" };
  await client.patch(resources.namespaces, { name: namespace }, { type: "merge", body: { metadata: { labels } } });
  await create(claim("admin", { adminAccess: true }));
});
