import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createWriteStream, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { type TestContext, test } from "node:test";
import { UserError } from "#shared";
import { type EtcdServer, findEtcdProblem, startEtcd } from "../testing/etcd-server.ts";
import { bumpEtcdSnapshot } from "./bump-snapshot.ts";
import { createEtcdClient, type EtcdClient, everyKey } from "./etcd-client.ts";

const hasTool = spawnSync("etcdctl", ["version"]).status === 0;
const skip = findEtcdProblem() ?? (hasTool ? false : "etcdctl is not installed (Debian: apt-get install etcd-client)");

function makeFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "slipway-bump-"));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

function connect(t: TestContext, server: EtcdServer): EtcdClient {
  const client = createEtcdClient({ endpoints: [server.endpoint] });
  t.after(async () => {
    client.close();
    await server.stop();
  });
  return client;
}

async function put(client: EtcdClient, keys: readonly string[], value: string): Promise<void> {
  const success = keys.map((key) => ({ requestPut: { key: Buffer.from(key), value: Buffer.from(value) } }));
  await client.txn({ success });
}

async function readAll(client: EtcdClient) {
  const { kvs, header } = await client.range({ key: everyKey, rangeEnd: everyKey });
  const pairs = kvs.map(({ key, value }) => [Buffer.from(key).toString(), Buffer.from(value).length] as const);
  return { revision: Number(header!.revision), pairs };
}

/** How a watch from a revision on ends: by the revision up to which all is compacted. */
function compactedAt(client: EtcdClient, revision: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const stream = client.watchAll(
      revision,
      ({ compactRevision }) => {
        if (Number(compactRevision) === 0) return;
        resolve(Number(compactRevision));
        stream.cancel();
      },
      (error) => reject(error ?? new Error("the watch has ended")),
    );
  });
}

for (const isCompacted of [false, true]) {
  const what = isCompacted ? "compacted before" : "never compacted";
  test(`bumpEtcdSnapshot, ${what}: etcd begins ahead, with the same keys, and knows nothing of before`, {
    skip,
  }, async (t) => {
    const folder = makeFolder(t);
    const client = connect(t, await startEtcd());
    // More than a page of keys, and one that is longer than a page.
    for (const group of ["a", "b", "c"]) {
      const keys = Array.from({ length: 100 }, (_, index) => `/registry/pods/${group}${index}`);
      await put(client, keys, "x".repeat(200));
    }
    await put(client, ["/registry/pods/long"], "y".repeat(20_000));
    if (isCompacted) await client.compact((await readAll(client)).revision - 1);
    await put(client, ["/registry/pods/a0"], "changed");
    const before = await readAll(client);
    const saved = join(folder, "saved");
    await pipeline(client.snapshot(), createWriteStream(saved));

    const ready = join(folder, "ready");
    const revision = await bumpEtcdSnapshot(saved, ready, { bumpRevision: 1000 });
    assert.equal(revision, before.revision + 1000);
    assert.equal(statSync(ready).mode & 0o777, 0o600);
    const server = await startEtcd({ snapshot: ready });
    const restored = connect(t, server);
    assert.deepEqual(await readAll(restored), { revision, pairs: before.pairs });
    assert.equal(await compactedAt(restored, before.revision), revision);
    // What was written since lives on, and goes on.
    await put(restored, ["/registry/pods/new"], "z");
    await server.restart();
    const after = await readAll(restored);
    assert.equal(after.revision, revision + 1);
    assert.equal(after.pairs.length, before.pairs.length + 1);
    await restored.compact(after.revision);
    await restored.defragment();
    assert.deepEqual(await readAll(restored), after);
  });
}

test("bumpEtcdSnapshot: what is no snapshot of etcd, or was changed, is refused", { skip }, async (t) => {
  const folder = makeFolder(t);
  const client = connect(t, await startEtcd());
  await put(client, ["/registry/pods/a"], "x");
  const saved = join(folder, "saved");
  await pipeline(client.snapshot(), createWriteStream(saved));
  const whole = readFileSync(saved);
  const refuse = async (bytes: Uint8Array, why: RegExp) => {
    const broken = join(folder, "broken");
    writeFileSync(broken, bytes);
    await assert.rejects(bumpEtcdSnapshot(broken, join(folder, "ready")), (error) => {
      assert.ok(error instanceof UserError);
      assert.match(error.message, why);
      return true;
    });
  };
  await refuse(whole.subarray(0, whole.length - 100), /no snapshot of etcd, or is cut short/);
  const flipped = Buffer.from(whole);
  flipped[5000]! ^= 1;
  await refuse(flipped, /its digest is another one/);
  await refuse(Buffer.from("something else"), /no snapshot of etcd/);
});
