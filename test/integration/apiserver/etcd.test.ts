// Three API servers, each a process of its own, on one real etcd: they agree, and one of them killed costs nobody a write.

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { type ConfigMap, isAlreadyExists, isConflict, isStatusError, resources } from "#kubernetes/api";
import { type Client, createClient, createHttpTransport } from "#kubernetes/client";
import { type EtcdServer, findEtcdProblem, startEtcd } from "../../../src/kubernetes/store/testing/etcd-server.ts";

const token = "an-admin-of-the-test";
const fixtures = join(import.meta.dirname, "../../fixtures/tls");
const program = join(import.meta.dirname, "../../support/etcd/api-server-process.ts");
const namespace = "default";

interface Server {
  readonly client: Client;
  kill(): Promise<void>;
}

suite("three API servers on one etcd", { skip: findEtcdProblem() ?? false }, () => {
  let etcd: EtcdServer;
  let servers: Server[];

  before(async () => {
    etcd = await startEtcd();
    servers = await Promise.all([1, 2, 3].map(() => startServer(etcd.endpoint)));
  });

  after(async () => {
    await Promise.all((servers ?? []).map((server) => server.kill()));
    await etcd?.stop();
  });

  test("started at the same moment, they agree on what a fresh cluster holds", async () => {
    const lists = await Promise.all(servers.map(({ client }) => client.list(resources.clusterRoles)));
    assert.ok(lists[0]!.items.length > 50);
    for (const { items } of lists) assert.deepEqual(items, lists[0]!.items);
    const [service] = await Promise.all(
      servers.map(({ client }) => client.get(resources.services, { namespace, name: "kubernetes" })),
    );
    assert.ok(service?.spec?.clusterIP);
  });

  test("what one has acknowledged, the others read, list and watch", async () => {
    const [one, two, three] = servers as [Server, Server, Server];
    const stop = new AbortController();
    const { resourceVersion } = await three.client.list(resources.configMaps, { namespace });
    const seen = collect(three.client, resourceVersion ?? "0", 20, stop.signal);
    for (let at = 0; at < 20; at++) {
      const name = `seen-${at}`;
      await one.client.create(resources.configMaps, { metadata: { namespace, name } });
      assert.equal((await two.client.get(resources.configMaps, { namespace, name })).metadata.name, name);
      const { items } = await three.client.list(resources.configMaps, { namespace });
      assert.ok(items.some((item) => item.metadata.name === name));
    }
    assert.deepEqual(
      await seen,
      Array.from({ length: 20 }, (_, at) => `seen-${at}`),
    );
    stop.abort();
  });

  test("of updates made at the same time through different servers none is lost", async () => {
    const key = { namespace, name: "counter" };
    await servers[0]!.client.create(resources.configMaps, { metadata: key, data: { value: "0" } });
    await Promise.all(servers.flatMap(({ client }) => [addTen(client, key), addTen(client, key)]));
    for (const { client } of servers) {
      assert.equal((await client.get(resources.configMaps, key)).data?.["value"], "60");
    }
  });

  test("services made through different servers get addresses of their own", async () => {
    const made = await Promise.all(
      Array.from({ length: 30 }, (_, at) =>
        servers[at % 3]!.client.create(resources.services, {
          metadata: { namespace, name: `service-${at}` },
          spec: { ports: [{ port: 80 }] },
        }),
      ),
    );
    assert.equal(new Set(made.map(({ spec }) => spec?.clusterIP)).size, 30);
  });

  test("one is killed in the middle of writes: what was acknowledged is there, and the others go on", async () => {
    const acknowledged = new Set<string>();
    const writers = servers.map(({ client }, at) => writeUntilRefused(client, `writer-${at}`, acknowledged));
    await Promise.all(servers.map((_, at) => writers[at]!.reach(20)));
    await servers[0]!.kill();
    await Promise.all([1, 2].map((at) => writers[at]!.reach(60)));
    for (const writer of writers) writer.stop();
    await Promise.all(writers.map(({ ended }) => ended));
    for (const { client } of servers.slice(1)) {
      const { items } = await client.list(resources.configMaps, { namespace });
      const names = new Set(items.map(({ metadata }) => metadata.name));
      assert.deepEqual(
        [...acknowledged].filter((name) => !names.has(name)),
        [],
      );
    }
  });
});

async function startServer(endpoint: string): Promise<Server> {
  const child = spawn(process.execPath, [program, endpoint, token, fixtures], { stdio: ["ignore", "pipe", "inherit"] });
  const port = await readPort(child);
  const ca = await readFile(join(fixtures, "localhost.crt"), "utf8");
  const client = createClient({
    transport: createHttpTransport({ server: `https://localhost:${port}`, tls: { ca }, token }),
  });
  return {
    client,
    async kill() {
      if (child.exitCode === null && child.signalCode === null) {
        const ended = new Promise((resolve) => child.once("exit", resolve));
        child.kill("SIGKILL");
        await ended;
      }
      await client.close();
    },
  };
}

function readPort(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.stdout!.once("data", (line: Buffer) => resolve(Number(line.toString())));
    child.once("exit", (code) => reject(new Error(`the API server's process ended with ${code}`)));
  });
}

/** The names of the first objects that are added after a revision. */
async function collect(client: Client, resourceVersion: string, count: number, signal: AbortSignal): Promise<string[]> {
  const names: string[] = [];
  for await (const batch of client.watch(resources.configMaps, { namespace, resourceVersion, signal })) {
    for (const { type, object } of batch) if (type === "ADDED") names.push(object.metadata.name!);
    if (names.length >= count) break;
  }
  return names;
}

async function addTen(client: Client, key: { namespace: string; name: string }): Promise<void> {
  for (let left = 10; left > 0; ) {
    const there = await client.get(resources.configMaps, key);
    const next: ConfigMap = { ...there, data: { value: String(Number(there.data?.["value"]) + 1) } };
    try {
      await client.update(resources.configMaps, next);
      left--;
    } catch (error) {
      if (!isConflict(error)) throw error;
    }
  }
}

/** Creates objects one after the other until the server is gone or `stop` is called. */
function writeUntilRefused(client: Client, writer: string, acknowledged: Set<string>) {
  let isStopped = false;
  let count = 0;
  const waiting: { count: number; resolve: () => void }[] = [];
  const run = async () => {
    for (; !isStopped; count++) {
      const name = `${writer}-${count}`;
      try {
        await client.create(resources.configMaps, { metadata: { namespace, name } });
      } catch (error) {
        if (isAlreadyExists(error) || isStatusError(error)) throw error;
        return;
      }
      acknowledged.add(name);
      for (const { count: wanted, resolve } of waiting) if (count >= wanted) resolve();
    }
  };
  return {
    ended: run(),
    stop: () => {
      isStopped = true;
    },
    reach: (wanted: number) =>
      new Promise<void>((resolve) => {
        waiting.push({ count: wanted, resolve });
      }),
  };
}
