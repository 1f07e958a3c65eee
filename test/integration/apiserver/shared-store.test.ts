// Several API servers on one store: where the `kubernetes` service leads, and who runs the controllers.

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { type Endpoints, type KubeObject, resources } from "#kubernetes/api";
import { createApiServer } from "#kubernetes/apiserver";
import { type Client, createClient, createDirectTransport } from "#kubernetes/client";
import { openMemoryStore, type Store } from "#kubernetes/store";
import { FakeClock } from "#shared";
import { startControlPlane } from "../../../src/controlplane/control-plane.ts";

const admin = { name: "admin", groups: ["system:masters", "system:authenticated"] };

function startServer(t: TestContext, store: Store, clock: FakeClock, address: string) {
  const server = createApiServer({ store, clock, advertise: { address, port: 6443, isShared: true } });
  t.after(() => server.stop());
  const client = createClient({ transport: createDirectTransport(server.handler, admin), userAgent: "test" });
  return { server, client };
}

async function addressesOf(client: Client): Promise<string[]> {
  const endpoints: Endpoints = await client.get(resources.endpoints, { namespace: "default", name: "kubernetes" });
  return endpoints.subsets?.[0]?.addresses?.map(({ ip }) => ip) ?? [];
}

test("shared store: the kubernetes service leads to every server that lives", async (t) => {
  const clock = new FakeClock();
  const store = openMemoryStore({ clock });
  t.after(() => store.close());
  const one = startServer(t, store, clock, "10.0.0.1");
  await one.server.ready;
  const two = startServer(t, store, clock, "10.0.0.2");
  await two.server.ready;
  assert.deepEqual(await addressesOf(one.client), ["10.0.0.1", "10.0.0.2"]);

  // A third that died without a word: nobody renews its lease.
  const lease = { kind: "Endpoints", apiVersion: "v1", metadata: {} } as KubeObject;
  await store.collection("/registry/masterleases/").put("10.0.0.3", lease, 0, { ttlSeconds: 15 });
  await clock.advance(10_000);
  assert.deepEqual(await addressesOf(one.client), ["10.0.0.1", "10.0.0.2", "10.0.0.3"]);
  await clock.advance(10_000);
  assert.deepEqual(await addressesOf(one.client), ["10.0.0.1", "10.0.0.2"]);

  await two.server.stop();
  assert.deepEqual(await addressesOf(one.client), ["10.0.0.1"]);
});

test("shared store: controllers run in one of two control planes, and in the other when it is gone", async (t) => {
  const store = openMemoryStore();
  t.after(() => store.close());
  const start = (identity: string) => {
    const controlPlane = startControlPlane({
      apiServer: { store },
      controllers: ["serviceaccount-controller"],
      scheduler: false,
      leaderElection: { identity },
    });
    t.after(() => controlPlane.stop());
    return controlPlane;
  };
  const one = start("one");
  await holder(one.client, "one");
  const two = start("two");
  await two.apiServer.ready;
  await two.client.create(resources.namespaces, { metadata: { name: "a" } });
  await serviceAccountIn(two.client, "a");
  await one.stop();
  await holder(two.client, "two");
  await two.client.create(resources.namespaces, { metadata: { name: "b" } });
  await serviceAccountIn(two.client, "b");
});

/** Resolves when this process leads. */
async function holder(client: Client, identity: string): Promise<void> {
  const leases = client.watch(resources.leases, { namespace: "kube-system", resourceVersion: "0" });
  for await (const batch of leases) {
    if (
      batch.some(
        ({ object }) => object.spec?.holderIdentity === identity && object.metadata.name === "kube-controller-manager",
      )
    )
      return;
  }
}

async function serviceAccountIn(client: Client, namespace: string): Promise<void> {
  for await (const batch of client.watch(resources.serviceAccounts, { namespace, resourceVersion: "0" })) {
    if (batch.some(({ object }) => object.metadata.name === "default")) return;
  }
}
