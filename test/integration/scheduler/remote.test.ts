import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { resources } from "#kubernetes/api";
import { type Client, createClient, createHttpTransport, createInformerSet } from "#kubernetes/client";
import { startControllers } from "#kubernetes/controllers";
import { createScheduler, type SchedulerElection } from "#kubernetes/scheduler";
import { adminToken, schedulerToken, startTestCluster, type TestCluster } from "../../support/cluster/test-cluster.ts";
import { createNode } from "../../support/cluster/test-nodes.ts";

const namespace = "default";
const fixtures = join(import.meta.dirname, "../../fixtures/tls");

interface Scene extends AsyncDisposable {
  readonly cluster: TestCluster;
  /** A client that goes over HTTPS. */
  connect(token: string): Client;
}

async function startScene(): Promise<Scene> {
  const certificate = await readFile(join(fixtures, "localhost.crt"), "utf8");
  const key = await readFile(join(fixtures, "localhost.key"), "utf8");
  const cluster = await startTestCluster();
  const { port } = await cluster.server.listen({ host: "127.0.0.1", port: 0, tls: { certificate, key } });
  const clients: Client[] = [];
  return {
    cluster,
    connect(token) {
      const transport = createHttpTransport({ server: `https://localhost:${port}`, tls: { ca: certificate }, token });
      const client = createClient({ transport });
      clients.push(client);
      return client;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(clients.map((client) => client.close()));
      await cluster[Symbol.asyncDispose]();
    },
  };
}

/** As a process of its own would run it. */
function startScheduler({ connect }: Scene, leaderElection?: SchedulerElection): AsyncDisposable {
  const client = connect(schedulerToken);
  const informers = createInformerSet(client);
  const scheduler = createScheduler({ client, informers, ...(leaderElection && { leaderElection }) });
  scheduler.start();
  return {
    async [Symbol.asyncDispose]() {
      await scheduler.stop();
      await informers.stop();
    },
  };
}

function startReplicas({ connect }: Scene): AsyncDisposable {
  const client = connect(adminToken);
  const informers = createInformerSet(client);
  const running = startControllers({
    client,
    clientFor: () => client,
    informers,
    names: ["deployment", "replicaset"],
  });
  return {
    async [Symbol.asyncDispose]() {
      await running.stop();
      await informers.stop();
    },
  };
}

test("scheduler and controllers over HTTPS: a Deployment's pods are made and placed, with the rights of their roles", async () => {
  await using scene = await startScene();
  const { client, until } = scene.cluster;
  await createNode(client, "a");
  await createNode(client, "b");
  await using _scheduler = startScheduler(scene);
  await using _controllers = startReplicas(scene);
  const labels = { app: "web" };
  await client.create(resources.deployments, {
    metadata: { namespace, name: "web" },
    spec: {
      replicas: 6,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: "c", image: "x" }] } },
    },
  });
  const pods = await until(resources.pods, (found) => found.length === 6 && found.every(({ spec }) => spec?.nodeName));
  const counts = Map.groupBy(pods, ({ spec }) => spec!.nodeName!);
  assert.deepEqual([counts.get("a")?.length, counts.get("b")?.length], [3, 3]);
  await until(resources.eventsV1Events, (events) => events.filter(({ reason }) => reason === "Scheduled").length === 6);
});

test("scheduler: of two that share a lease one places pods; when it stops, the other does", async () => {
  await using scene = await startScene();
  const { client, until } = scene.cluster;
  await createNode(client, "n");
  const leaders: string[] = [];
  const stand = (identity: string) =>
    startScheduler(scene, { identity, retryPeriodMs: 20, onNewLeader: (name) => leaders.push(`${identity}: ${name}`) });
  const create = (name: string) =>
    client.create(resources.pods, { metadata: { namespace, name }, spec: { containers: [{ name: "c", image: "x" }] } });
  const holder = async () =>
    (await client.get(resources.leases, { namespace: "kube-system", name: "kube-scheduler" })).spec?.holderIdentity;
  await using first = stand("first");
  await create("p");
  await until(resources.pods, ([pod]) => pod?.spec?.nodeName === "n");
  assert.equal(await holder(), "first");
  await using _second = stand("second");
  await until(resources.leases, () => leaders.includes("second: first") || undefined);
  await first[Symbol.asyncDispose]();
  await create("q");
  await until(resources.pods, (pods) => pods.length === 2 && pods.every(({ spec }) => spec?.nodeName === "n"));
  assert.equal(await holder(), "second");
});
