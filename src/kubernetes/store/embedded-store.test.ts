import assert from "node:assert/strict";
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { FakeClock, UserError } from "#shared";
import { restoreSnapshot } from "./backup.ts";
import { type LogLimits, openEmbeddedStore } from "./embedded-store.ts";
import { openMemoryStore } from "./memory-store.ts";
import { CompactedError, type Transformer } from "./store.ts";
import { objectOf, put, remove, show, showEvent } from "./testing/objects.ts";
import { testStore } from "./testing/store-suite.ts";

let root: string;
let folders = 0;

before(async () => {
  root = await mkdtemp(join(tmpdir(), "slipway-store-"));
});

after(async () => {
  await rm(root, { recursive: true });
});

const shortLog: LogLimits = { segmentBytes: 2000, snapshotBytes: 6000, historyBytes: 3000 };

testEmbedded("embedded", {});
testEmbedded("embedded, with a short log", shortLog);

function testEmbedded(name: string, log: LogLimits): void {
  testStore({
    name,
    async open({ history } = {}) {
      const clock = new FakeClock();
      const folder = newFolder();
      const open = () => openEmbeddedStore({ folder, history, clock, log, freeze: true });
      let store = await open();
      const reopen = async () => {
        await store.close();
        store = await open();
        return store;
      };
      return { store, reopen, elapse: (ms) => clock.advance(ms) };
    },
  });
}

test("openEmbeddedStore: one process, once", async () => {
  const folder = newFolder();
  const store = await openEmbeddedStore({ folder });
  await assert.rejects(openEmbeddedStore({ folder }), /has it open/);
  await store.close();
  await (await openEmbeddedStore({ folder })).close();
});

test("openEmbeddedStore: gives up when told to, and leaves the folder unlocked", async () => {
  const folder = newFolder();
  await assert.rejects(openEmbeddedStore({ folder, signal: AbortSignal.abort(new Error("not now")) }), /not now/);
  await (await openEmbeddedStore({ folder })).close();
});

test("openEmbeddedStore: the log stays short, and a restart still knows the last part of the past", async () => {
  const folder = newFolder();
  const store = await openEmbeddedStore({ folder, log: shortLog });
  const pods = store.collection("/registry/pods/");
  for (let at = 0; at < 300; at++) await put(pods, `pod-${at % 10}`, `${at}`);
  await remove(pods, "pod-3");
  const { items, revision } = await pods.list();
  await store.close();
  const sizes = await Promise.all((await readdir(folder)).map(async (name) => (await stat(join(folder, name))).size));
  assert.ok(sizes.reduce((sum, size) => sum + size, 0) < 20_000, `300 writes left ${sizes.join(" + ")} bytes`);
  const again = await openEmbeddedStore({ folder, log: shortLog });
  const podsAgain = again.collection("/registry/pods/");
  assert.equal(again.revision, revision);
  assert.deepEqual((await podsAgain.list()).items.map(show), items.map(show));
  assert.throws(() => podsAgain.watch(2, () => {}), CompactedError);
  const seen: string[] = [];
  podsAgain.watch(revision - 3, (events) => seen.push(...events.map(showEvent)));
  assert.deepEqual(seen, ["~pod-8=298", "~pod-9=299", "-pod-3=293"]);
  await again.close();
});

test("openEmbeddedStore: a snapshot is right also where memory has forgotten the past the log still holds", async () => {
  const folder = newFolder();
  const open = () => openEmbeddedStore({ folder, log: shortLog, history: { bytes: 500, keepEvents: 0 } });
  const store = await open();
  const pods = store.collection("/registry/pods/");
  for (let at = 0; at < 40; at++) await put(pods, `old-${at}`, `${at}`);
  for (let at = 0; at < 120; at++) {
    await put(pods, `pod-${at % 10}`, `${at}`);
    if (at % 4 === 0) await remove(pods, `old-${at / 4}`);
  }
  const shown = (await pods.list()).items.map(show);
  await store.close();
  const again = await open();
  assert.deepEqual((await again.collection("/registry/pods/").list()).items.map(show), shown);
  await again.close();
});

test("openEmbeddedStore: closing does not wait for a snapshot, and leaves none half done", async () => {
  const folder = newFolder();
  const store = await openEmbeddedStore({ folder, log: { segmentBytes: 1000, snapshotBytes: 5000, historyBytes: 0 } });
  const pods = store.collection("/registry/pods/");
  for (let at = 0; at < 40; at++) await put(pods, `pod-${at}`, "x".repeat(20_000));
  const all = (await pods.list()).items.map(show);
  await store.close();
  assert.deepEqual(
    (await readdir(folder)).filter((name) => !/^\d{16}\.(log|snapshot)$/.test(name)),
    [],
  );
  const again = await openEmbeddedStore({ folder });
  assert.deepEqual((await again.collection("/registry/pods/").list()).items.map(show), all);
  await again.close();
});

test("transformer: what lies on disk is what it made, what is read is what was written", async () => {
  const folder = newFolder();
  const transformer = encryptWith(randomBytes(32));
  const store = await openEmbeddedStore({ folder, transformer, log: shortLog });
  const secrets = store.collection("/registry/secrets/");
  for (let at = 0; at < 60; at++) await put(secrets, `secret-${at % 7}`, `swordfish-${at}`);
  assert.equal(show((await secrets.get("secret-3"))!), "secret-3=swordfish-59");
  await store.saveSnapshot(join(folder, "backup"));
  await store.close();
  const names = await readdir(folder);
  assert.ok(names.some((name) => name.endsWith(".snapshot")));
  for (const name of names) assert.ok(!(await readFile(join(folder, name))).includes("swordfish"), name);
  await assert.rejects(openEmbeddedStore({ folder, transformer: encryptWith(randomBytes(32)) }));
  const again = await openEmbeddedStore({ folder, transformer });
  assert.equal(show((await again.collection("/registry/secrets/").get("secret-3"))!), "secret-3=swordfish-59");
  await again.close();
});

test("saveSnapshot, restoreSnapshot: a new store with all objects, and revisions nobody has seen yet", async () => {
  const clock = new FakeClock();
  const store = openMemoryStore({ clock });
  const pods = store.collection("/registry/pods/");
  for (let at = 0; at < 20; at++) await put(pods, `pod-${at}`, `${at}`);
  await put(store.collection("/registry/events/"), "e", "1", { ttlSeconds: 10 });
  const path = join(root, "backup.snapshot");
  const { revision } = store;
  const saving = store.saveSnapshot(path);
  await put(pods, "pod-1", "written after");
  assert.equal(await saving, revision);
  const folder = newFolder();
  assert.equal(await restoreSnapshot(path, folder), revision + 1_000_000_000);
  const restored = await openEmbeddedStore({ folder, clock });
  assert.equal(restored.revision, revision + 1_000_000_000);
  const podsRestored = restored.collection("/registry/pods/");
  assert.deepEqual((await podsRestored.list()).items.map(show), (await pods.list({ revision })).items.map(show));
  assert.throws(() => podsRestored.watch(revision + 5, () => {}), CompactedError, "later than the backup, never here");
  const next = await put(podsRestored, "pod-1", "2");
  assert.equal(next.revision, revision + 1_000_000_001);
  await clock.advance(11_000);
  await restored.collection("/registry/events/").put("probe", objectOf("probe"), 0);
  assert.equal(await restored.collection("/registry/events/").get("e"), undefined, "expiry is part of a backup");
  await restored.close();
  const again = await openEmbeddedStore({ folder, clock });
  assert.equal(show((await again.collection("/registry/pods/").get("pod-1"))!), "pod-1=2");
  await again.close();
  await assert.rejects(restoreSnapshot(path, folder), /Cannot restore into .*: there is a store already/);
  await store.close();
});

test("restoreSnapshot: a damaged backup is refused and leaves nothing", async () => {
  const store = openMemoryStore();
  await put(store.collection("/registry/pods/"), "a", "1");
  const path = join(root, "damaged.snapshot");
  await store.saveSnapshot(path);
  await store.close();
  const whole = await readFile(path);
  const folder = newFolder();
  for (const size of [0, 10, 24, 60, whole.length - 1]) {
    await writeFile(path, whole.subarray(0, size));
    await assert.rejects(restoreSnapshot(path, folder), UserError, `of ${size} bytes`);
  }
  await writeFile(path, Buffer.concat([whole, whole]));
  await assert.rejects(restoreSnapshot(path, folder), /damaged at byte/);
  await assert.rejects(readdir(folder), /ENOENT/);
});

function newFolder(): string {
  return join(root, String(folders++));
}

function encryptWith(secret: Buffer): Transformer {
  return {
    toDisk(key, bytes) {
      const nonce = randomBytes(12);
      const cipher = createCipheriv("aes-256-gcm", secret, nonce).setAAD(Buffer.from(key));
      const text = Buffer.concat([cipher.update(bytes), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), text]);
    },
    fromDisk(key, bytes) {
      const decipher = createDecipheriv("aes-256-gcm", secret, bytes.subarray(0, 12)).setAAD(Buffer.from(key));
      decipher.setAuthTag(bytes.subarray(12, 28));
      return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]);
    },
  };
}
