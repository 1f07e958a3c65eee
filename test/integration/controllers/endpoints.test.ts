import assert from "node:assert/strict";
import { test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { type EndpointSlice, type Pod, resources, type Service } from "#kubernetes/api";
import { FakeClock } from "#shared";
import { startTestCluster, type TestCluster } from "../../support/cluster/test-cluster.ts";
import { runPods } from "../../support/cluster/test-kubelet.ts";

const key = { namespace: "default", name: "web" };
const controllers = ["endpointslice", "endpoint", "endpointslicemirroring"];

function service(spec: Partial<Service["spec"]> = {}): Service {
  return {
    metadata: { ...key, labels: { team: "a" } },
    spec: { selector: { app: "web" }, ports: [{ name: "http", port: 80, targetPort: 8080 }], ...spec },
  };
}

function pod(name: string): Pod {
  return {
    metadata: { name, namespace: "default", labels: { app: "web" } },
    spec: { terminationGracePeriodSeconds: 30, containers: [{ name: "c", image: "x" }] },
  };
}

async function createPods({ client }: TestCluster, count: number): Promise<void> {
  await Promise.all(
    Array.from({ length: count }, (_, position) => client.create(resources.pods, pod(`web-${position}`))),
  );
}

const ofWeb = (slices: readonly EndpointSlice[]) =>
  slices.filter(({ metadata }) => metadata.labels?.["kubernetes.io/service-name"] === "web");
const endpointsIn = (slices: readonly EndpointSlice[]) => ofWeb(slices).flatMap(({ endpoints }) => endpoints ?? []);

test("EndpointSlices and Endpoints: follow the pods of a service", async () => {
  await using cluster = await startTestCluster({ controllers });
  const { client, until } = cluster;
  const kubelet = await runPods(cluster);
  await client.create(resources.services, service());
  await until(resources.endpointSlices, (slices) => {
    return isDeepStrictEqual(
      ofWeb(slices).map(({ ports, endpoints }) => [ports ?? [], endpoints ?? []]),
      [[[], []]],
    );
  });
  await createPods(cluster, 2);
  const slices = await until(resources.endpointSlices, (found) => {
    return endpointsIn(found).filter(({ conditions }) => conditions?.ready).length === 2;
  });
  const [slice] = ofWeb(slices);
  assert.match(slice?.metadata.name ?? "", /^web-[a-z0-9]{5}$/);
  assert.deepEqual(slice?.ports, [{ name: "http", port: 8080, protocol: "TCP" }]);
  assert.equal(slice?.endpoints?.[0]?.nodeName, "node-1");
  const [endpoints] = await until(resources.endpoints, (found) => {
    return found.filter(({ metadata }) => metadata.name === "web")[0]?.subsets?.[0]?.addresses?.length === 2;
  });
  assert.ok(endpoints);

  const { items } = await client.list(resources.pods);
  await kubelet.set(items[0]!, "running");
  await until(resources.endpointSlices, (found) => {
    return endpointsIn(found).filter(({ conditions }) => conditions?.ready).length === 1;
  });
  await until(resources.endpoints, (found) => {
    const subset = found.find(({ metadata }) => metadata.name === "web")?.subsets?.[0];
    return subset?.addresses?.length === 1 && subset.notReadyAddresses?.length === 1;
  });
  await client.delete(resources.pods, { namespace: "default", name: "web-0" });
  await client.delete(resources.pods, { namespace: "default", name: "web-1" });
  await until(resources.endpointSlices, (found) => endpointsIn(found).length === 0);
  await until(resources.endpoints, (found) => {
    return found.find(({ metadata }) => metadata.name === "web")?.subsets === undefined;
  });
});

test("EndpointSlices: many endpoints are spread over few slices, and nothing is written at rest", async () => {
  await using cluster = await startTestCluster({ controllers });
  const { client, until, rest } = cluster;
  await runPods(cluster);
  await client.create(resources.services, service());
  await createPods(cluster, 130);
  await until(resources.endpointSlices, (found) => {
    return endpointsIn(found).filter(({ conditions }) => conditions?.ready).length === 130;
  });
  const slices = await until(resources.endpointSlices, (found) => ofWeb(found).length === 2);
  assert.ok(ofWeb(slices).every(({ endpoints = [] }) => endpoints.length <= 100));
  await rest();
  const before = (await client.list(resources.endpointSlices)).resourceVersion;
  await rest();
  assert.equal((await client.list(resources.endpointSlices)).resourceVersion, before);
});

test("EndpointSlices: what others do to them is put right", async () => {
  const clock = new FakeClock();
  await using cluster = await startTestCluster({ controllers, clock });
  const { client, until, rest } = cluster;
  await runPods(cluster, { clock });
  await client.create(resources.services, service());
  await createPods(cluster, 1);
  const [slice] = ofWeb(await until(resources.endpointSlices, (found) => endpointsIn(found)[0]?.conditions?.ready));
  const sliceKey = { namespace: "default", name: slice?.metadata.name ?? "" };
  await client.patch(resources.endpointSlices, sliceKey, { type: "merge", body: { endpoints: [] } });
  await rest();
  await clock.advance(1000);
  await until(resources.endpointSlices, (found) => endpointsIn(found).length === 1);
  await client.delete(resources.endpointSlices, sliceKey);
  await rest();
  await clock.advance(1000);
  await until(resources.endpointSlices, (found) => endpointsIn(found).length === 1);
  await client.delete(resources.endpoints, key);
  await until(resources.endpoints, (found) => found.some(({ metadata }) => metadata.name === "web"));
});

test("EndpointSlices: go with their service", async () => {
  await using cluster = await startTestCluster({ controllers: [...controllers, "garbagecollector"] });
  const { client, until } = cluster;
  await client.create(resources.services, service());
  await until(resources.endpointSlices, (found) => ofWeb(found).length === 1);
  await client.delete(resources.services, key);
  await until(resources.endpointSlices, (found) => ofWeb(found).length === 0);
  await until(resources.endpoints, (found) => found.every(({ metadata }) => metadata.name !== "web"));
});

test("EndpointSlices: Endpoints written by hand are mirrored", async () => {
  await using cluster = await startTestCluster({ controllers });
  const { client, until } = cluster;
  const { selector: _, ...spec } = service().spec ?? {};
  await client.create(resources.services, { metadata: key, spec });
  const ports = [{ name: "http", port: 8080, protocol: "TCP" }];
  await client.create(resources.endpoints, {
    metadata: key,
    subsets: [{ addresses: [{ ip: "192.0.2.1" }, { ip: "192.0.2.2" }], ports }],
  });
  const [mirror] = ofWeb(await until(resources.endpointSlices, (found) => endpointsIn(found).length === 2));
  assert.equal(
    mirror?.metadata.labels?.["endpointslice.kubernetes.io/managed-by"],
    "endpointslicemirroring-controller.k8s.io",
  );
  await client.patch(resources.endpoints, key, {
    type: "merge",
    body: { subsets: [{ addresses: [{ ip: "192.0.2.3" }], ports }] },
  });
  await until(resources.endpointSlices, (found) => {
    return isDeepStrictEqual(
      endpointsIn(found).map(({ addresses }) => addresses),
      [["192.0.2.3"]],
    );
  });
  await client.delete(resources.endpoints, key);
  await until(resources.endpointSlices, (found) => ofWeb(found).length === 0);
});
