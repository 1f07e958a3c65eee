import assert from "node:assert/strict";
import { after, afterEach, suite, test } from "node:test";
import { encodeEnvelope, schemaOfKind } from "#kubernetes/api";
import { FakeClock } from "#shared";
import { CompactedError, type Store } from "../store.ts";
import { type EtcdServer, findEtcdProblem, startEtcd } from "../testing/etcd-server.ts";
import { objectOf, put, remove, show, showEvent } from "../testing/objects.ts";
import { testStore } from "../testing/store-suite.ts";
import { type EtcdStore, openEtcdStore } from "./etcd-store.ts";

const skip = findEtcdProblem() ?? false;
const servers: EtcdServer[] = [];
const stores: Store[] = [];

/** A server for one test. */
async function startServer(): Promise<EtcdServer> {
  const server = await startEtcd();
  servers.push(server);
  return server;
}

async function open(server: EtcdServer): Promise<EtcdStore> {
  const store = await openEtcdStore({ endpoints: [server.endpoint] });
  stores.push(store);
  return store;
}

async function release(): Promise<void> {
  await Promise.all(stores.splice(0).map((store) => store.close()));
  await Promise.all(servers.splice(0).map((server) => server.stop()));
}

/** The events of a collection as they come, and a wait for so many. */
function follow(store: Store, prefix: string, after = store.revision) {
  const seen: string[] = [];
  const waiting: { count: number; resolve: () => void }[] = [];
  store.collection(prefix).watch(after, (events) => {
    seen.push(...events.map(showEvent));
    for (const { count, resolve } of waiting) if (seen.length >= count) resolve();
  });
  return {
    seen,
    reach: (count: number) =>
      seen.length >= count
        ? Promise.resolve()
        : new Promise<void>((resolve) => {
            waiting.push({ count, resolve });
          }),
  };
}

suite("etcd, the store suite", { skip }, () => {
  afterEach(release);
  after(release);
  testStore({
    name: "etcd",
    expiresByClock: false,
    async open({ history } = {}) {
      const clock = new FakeClock();
      const server = await startServer();
      const reopen = async () => {
        await store.close();
        store = await openEtcdStore({ endpoints: [server.endpoint], history, clock, freeze: true });
        stores.push(store);
        return store;
      };
      let store: Store = await openEtcdStore({ endpoints: [server.endpoint], history, clock, freeze: true });
      stores.push(store);
      return { store, reopen, elapse: (ms) => clock.advance(ms) };
    },
  });
});

suite("openEtcdStore", { skip }, () => {
  afterEach(release);
  after(release);

  test("two servers on one etcd: each reads what the other has acknowledged, and of two updates one wins", async () => {
    const server = await startServer();
    const [one, other] = await Promise.all([open(server), open(server)]);
    const prefix = "/registry/pods/";
    const [here, there] = [one.collection(prefix), other.collection(prefix)];
    const followed = follow(other, prefix);
    for (let at = 0; at < 50; at++) {
      const { revision } = await put(here, "default/a", String(at));
      const read = await there.get("default/a");
      assert.equal(read && show(read), `default/a=${at}`);
      assert.equal(read?.revision, revision);
    }
    await followed.reach(50);
    assert.deepEqual(followed.seen.slice(0, 2), ["+default/a=0", "~default/a=1"]);
    const { revision } = (await here.get("default/a"))!;
    const results = await Promise.all([
      here.put("default/a", objectOf("a", "mine"), revision),
      there.put("default/a", objectOf("a", "yours"), revision),
    ]);
    assert.equal(results.filter(({ written }) => written).length, 1);
    const [mine, yours] = await Promise.all([here.get("default/a"), there.get("default/a")]);
    assert.deepEqual(mine?.object, yours?.object);
  });

  test("the layout is upstream's: one key an object, JSON without its resourceVersion", async () => {
    const server = await startServer();
    const store = await open(server);
    const { revision } = await put(store.collection("/registry/configmaps/"), "default/a", "1");
    const { kvs } = await store.client.range({ key: Buffer.from("/registry/configmaps/default/a") });
    assert.equal(kvs[0]?.modRevision, revision);
    assert.deepEqual(JSON.parse(Buffer.from(kvs[0]!.value).toString()), objectOf("default/a", "1"));
  });

  test("what upstream wrote in protobuf is read", async () => {
    const server = await startServer();
    const store = await open(server);
    const schema = schemaOfKind("", "v1", "ConfigMap")!;
    const object = { metadata: { name: "a", namespace: "default", labels: { x: "y" } }, data: { value: "1" } };
    const value = encodeEnvelope(schema, { group: "", version: "v1", kind: "ConfigMap" }, object);
    const key = Buffer.from("/registry/configmaps/default/a");
    const { header } = await store.client.txn({ success: [{ requestPut: { key, value } }] });
    const read = await store.collection("/registry/configmaps/").get("default/a");
    assert.equal(read?.revision, header?.revision);
    assert.equal(show(read!), "default/a=1");
    assert.deepEqual(read?.object.metadata.labels, { x: "y" });
    await store.close();
    const again = await open(server);
    assert.equal(show((await again.collection("/registry/configmaps/").get("default/a"))!), "default/a=1");
  });

  test("which ports of nodes are taken, as upstream wrote it, is read", async () => {
    const server = await startServer();
    // RangeAllocation has no schema of its own: its bytes, as kube-apiserver 1.36 lays them out.
    const message = Buffer.concat([
      Buffer.from([0x0a, 0x00]),
      Buffer.from([0x12, 11, ...Buffer.from("30000-32767")]),
      Buffer.from([0x1a, 2, 0x01, 0x02]),
    ]);
    const kind = Buffer.from([0x0a, 2, ...Buffer.from("v1"), 0x12, 15, ...Buffer.from("RangeAllocation")]);
    const envelope = Buffer.from([0x0a, kind.length, ...kind, 0x12, message.length, ...message, 0x1a, 0, 0x22, 0]);
    const value = Buffer.concat([Buffer.from("k8s\0"), envelope]);
    const first = await open(server);
    const key = Buffer.from("/registry/ranges/servicenodeports");
    await first.client.txn({ success: [{ requestPut: { key, value } }] });
    const store = await open(server);
    const read = await store.collection("/registry/ranges/").get("servicenodeports");
    const { range, data } = read!.object as unknown as Record<string, string>;
    assert.deepEqual({ range, data }, { range: "30000-32767", data: "AQI=" });
  });

  test("etcd killed and started again: watches go on without a gap", async () => {
    const server = await startServer();
    const store = await open(server);
    const pods = store.collection("/registry/pods/");
    const followed = follow(store, "/registry/pods/");
    await put(pods, "a", "1");
    await server.restart();
    const other = await open(server);
    await put(other.collection("/registry/pods/"), "a", "2");
    await remove(other.collection("/registry/pods/"), "a");
    await followed.reach(3);
    assert.deepEqual(followed.seen, ["+a=1", "~a=2", "-a=2"]);
    await put(pods, "b", "1");
    assert.equal(followed.seen.at(-1), "+b=1");
  });

  test("changes lost to a compaction while cut off: watches end, and everything is as etcd has it", async () => {
    const server = await startServer();
    const store = await open(server);
    const pods = store.collection("/registry/pods/");
    await put(pods, "gone", "1");
    await put(pods, "kept", "1");
    const ended = new Promise<Error>((resolve) => pods.watch(store.revision, () => {}, resolve));
    await server.restart();
    // Before the store's watch is back, the past is gone.
    const other = await open(server);
    const there = other.collection("/registry/pods/");
    await remove(there, "gone");
    await put(there, "new", "1");
    await other.compact(await other.sync());
    const outcome = await Promise.race([ended, store.sync().then(() => pods.list())]);
    if (outcome instanceof Error) assert.ok(outcome instanceof CompactedError);
    assert.deepEqual((await pods.list()).items.map(show), ["kept=1", "new=1"]);
  });

  test("ttl: the object goes by itself, by etcd's lease, as a delete", async () => {
    const server = await startServer();
    const store = await open(server);
    const followed = follow(store, "/registry/events/");
    await put(store.collection("/registry/events/"), "a", "1", { ttlSeconds: 1 });
    await followed.reach(2);
    assert.deepEqual(followed.seen, ["+a=1", "-a=1"]);
  });

  test("objects that are written soon after one another share a lease", async () => {
    const server = await startServer();
    const store = await open(server);
    const events = store.collection("/registry/events/");
    await Promise.all(["a", "b", "c"].map((key) => put(events, key, "1", { ttlSeconds: 3600 })));
    const range = await store.client.range({
      key: Buffer.from("/registry/events/"),
      rangeEnd: Buffer.from("/registry/events0"),
    });
    assert.equal(new Set(range.kvs.map(({ lease }) => lease)).size, 1);
    assert.ok(range.kvs[0]!.lease > 0);
  });

  test("without etcd it fails soon, and says so", async () => {
    const server = await startServer();
    await server.stop();
    await assert.rejects(
      openEtcdStore({ endpoints: [server.endpoint], timeoutMs: 2000 }),
      /connect|deadline|Deadline/i,
    );
    await assert.rejects(openEtcdStore({ endpoints: ["localhost"] }), /"localhost" is no endpoint/);
    await assert.rejects(openEtcdStore({ endpoints: [] }), /no endpoint/);
  });
});
