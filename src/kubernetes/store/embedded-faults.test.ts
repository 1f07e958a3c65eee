// What the embedded store does when the disk fails under it, and what it finds when it is opened on damaged files.

import assert from "node:assert/strict";
import { test } from "node:test";
import { UserError } from "#shared";
import { openEmbeddedStore } from "./embedded-store.ts";
import type { LocalStore } from "./local-store.ts";
import { objectOf, put, show } from "./testing/objects.ts";
import { type DiskOperation, SimulatedDisk } from "./testing/simulated-disk.ts";

const folder = "/store";
const firstLog = `${folder}/0000000000000002.log`;

function open(disk: SimulatedDisk, log = {}): Promise<LocalStore> {
  return openEmbeddedStore({ folder, files: disk.files(), log });
}

function errorOf(code: string): Error {
  return Object.assign(new Error(`${code}: simulated`), { code });
}

async function listAll(store: LocalStore): Promise<string[]> {
  return (await store.collection("/registry/pods/").list()).items.map(show);
}

const failures: readonly { what: string; code: string; operation: DiskOperation; taken?: number }[] = [
  { what: "a full disk", code: "ENOSPC", operation: "append" },
  { what: "a disk that fills up in the middle of a write", code: "ENOSPC", operation: "append", taken: 100 },
  { what: "a flush that fails", code: "EIO", operation: "sync" },
];

for (const { what, code, operation, taken } of failures) {
  test(`openEmbeddedStore: ${what} closes the store for good; what was acknowledged is there again`, async () => {
    const disk = new SimulatedDisk();
    const store = await open(disk);
    const pods = store.collection("/registry/pods/");
    const { revision } = await put(pods, "a", "1");
    const ends: string[] = [];
    const seen: unknown[] = [];
    pods.watch(
      revision,
      (events) => seen.push(...events),
      (error) => ends.push(error.message),
    );
    let takes = taken;
    disk.fault = (now) => {
      if (now !== operation) return undefined;
      const some = takes;
      takes = undefined;
      if (some === undefined) throw errorOf(code);
      return some;
    };
    const writes = [pods.put("b", objectOf("b", "1"), 0), pods.put("a", objectOf("a", "2"), revision)];
    const refused = pods.put("b", objectOf("b", "2"), 0);
    const isClear = (error: Error) => {
      assert.match(error.message, new RegExp(`^Cannot write the store's log ${firstLog}: ${code}: simulated$`));
      return true;
    };
    for (const write of [...writes, refused]) await assert.rejects(write, isClear);
    assert.equal(ends.length, 1);
    assert.match(ends[0]!, new RegExp(code));
    assert.deepEqual(seen, [], "nobody saw what was not written");
    await assert.rejects(pods.put("c", objectOf("c"), 0), isClear);
    await assert.rejects(pods.get("a"), isClear);
    await store.close();

    disk.fault = () => undefined;
    const again = await open(disk);
    assert.equal(again.revision, revision);
    assert.deepEqual(await listAll(again), ["a=1"]);
    await put(again.collection("/registry/pods/"), "b", "3");
    await again.close();
    const third = await open(disk);
    assert.deepEqual(await listAll(third), ["a=1", "b=3"]);
    await third.close();
  });
}

test("openEmbeddedStore: writes taken in small pieces are whole in the end", async () => {
  const disk = new SimulatedDisk();
  disk.fault = (operation) => (operation === "append" ? 7 : undefined);
  const store = await open(disk);
  for (let at = 0; at < 5; at++) await put(store.collection("/registry/pods/"), `pod-${at}`, "x".repeat(100));
  const before = await listAll(store);
  await store.close();
  const again = await open(disk);
  assert.deepEqual(await listAll(again), before);
  await again.close();
});

test("openEmbeddedStore: a new segment that cannot be made closes the store, and it can be opened on a full disk", async () => {
  const disk = new SimulatedDisk();
  const store = await open(disk, { segmentBytes: 100 });
  const pods = store.collection("/registry/pods/");
  await put(pods, "a", "1");
  disk.fault = (operation, path) => {
    if (operation === "append" && path !== firstLog) throw errorOf("ENOSPC");
    return undefined;
  };
  await assert.rejects(put(pods, "b", "1"), /ENOSPC/);
  await store.close();
  assert.equal(disk.names().length, 2, "the new segment was begun");
  disk.fault = (operation) => {
    if (operation === "append" || operation === "create") throw errorOf("ENOSPC");
    return undefined;
  };
  const again = await open(disk);
  assert.deepEqual(await listAll(again), ["a=1"]);
  await assert.rejects(put(again.collection("/registry/pods/"), "b", "1"), /ENOSPC/);
  await again.close();
});

test("openEmbeddedStore: a snapshot that fails costs nothing but a longer log", async () => {
  const disk = new SimulatedDisk();
  const log = { segmentBytes: 500, snapshotBytes: 1000, historyBytes: 500 };
  const store = await open(disk, log);
  const pods = store.collection("/registry/pods/");
  disk.fault = (operation, path) => {
    if (operation === "append" && path.endsWith(".tmp")) throw errorOf("ENOSPC");
    return undefined;
  };
  for (let at = 0; at < 30; at++) await put(pods, `pod-${at % 3}`, `${at}`);
  assert.ok(disk.names().every((name) => name.endsWith(".log")));
  const longest = disk.names().length;
  disk.fault = () => undefined;
  for (let at = 30; at < 60; at++) await put(pods, `pod-${at % 3}`, `${at}`);
  assert.ok(disk.names().some((name) => name.endsWith(".snapshot")));
  assert.ok(disk.names().length < longest, "old segments are gone");
  await store.close();
  const again = await open(disk, log);
  assert.deepEqual(await listAll(again), ["pod-0=57", "pod-1=58", "pod-2=59"]);
  await again.close();
});

test("openEmbeddedStore: a last write cut off at any byte is as if it had not been", async () => {
  const disk = new SimulatedDisk();
  const store = await open(disk);
  const pods = store.collection("/registry/pods/");
  const ends = [disk.read(firstLog).length];
  for (let at = 0; at < 4; at++) {
    await put(pods, `pod-${at}`, `${at}`);
    ends.push(disk.read(firstLog).length);
  }
  const written = Math.max(...ends);
  // Two writes in one flush: the first may stay though nobody was told.
  await Promise.all(["last-1", "last-2"].map((key) => pods.put(key, objectOf(key), 0)));
  const whole = disk.read(firstLog);
  await store.close();
  for (let size = ends.at(-3)!; size <= whole.length; size++) {
    const cut = new SimulatedDisk();
    cut.write(firstLog, whole.subarray(0, size));
    const again = await open(cut);
    const count = again.collection("/registry/pods/").count();
    if (size < written)
      assert.equal(count, Math.max(ends.filter((end) => end <= size).length - 1, 0), `of ${size} bytes`);
    else assert.ok(count >= 4 && count <= 6);
    await put(again.collection("/registry/pods/"), "next", "1");
    await again.close();
    const third = await open(cut);
    assert.equal(third.collection("/registry/pods/").count(), count + 1);
    await third.close();
  }
});

test("openEmbeddedStore: damage before the last flush is refused with file and place, at any byte", async () => {
  const disk = new SimulatedDisk();
  const store = await open(disk);
  const ends = [0, disk.read(firstLog).length];
  for (let at = 0; at < 3; at++) {
    await put(store.collection("/registry/pods/"), `pod-${at}`, `${at}`);
    ends.push(disk.read(firstLog).length);
  }
  await store.close();
  const whole = disk.read(firstLog);
  const lastFlush = ends.at(-2)!;
  for (let at = 0; at < whole.length; at++) {
    const damaged = Buffer.from(whole);
    damaged[at]! ^= 0x41;
    const copy = new SimulatedDisk();
    copy.write(firstLog, damaged);
    if (at >= lastFlush) {
      const again = await open(copy);
      assert.equal(again.collection("/registry/pods/").count(), 2, `byte ${at} is of the last flush`);
      await again.close();
      continue;
    }
    const begin = ends.findLast((end) => end <= at);
    await assert.rejects(open(copy), (error: Error) => {
      assert.ok(error instanceof UserError);
      assert.match(error.message, new RegExp(`^Cannot read ${firstLog}: damaged at byte ${begin}: `));
      return true;
    });
    assert.deepEqual(copy.read(firstLog), damaged, "and nothing is touched");
  }
});

test("openEmbeddedStore: damage in a full segment and in a snapshot is refused", async () => {
  const disk = new SimulatedDisk();
  const log = { segmentBytes: 300, snapshotBytes: 2000, historyBytes: 1000 };
  const store = await open(disk, log);
  for (let at = 0; at < 40; at++) await put(store.collection("/registry/pods/"), `pod-${at % 5}`, `${at}`);
  await store.close();
  const names = disk.names();
  assert.ok(names.length > 3);
  for (const name of names.slice(0, -1)) {
    const whole = disk.read(name);
    for (const damaged of [
      flip(whole, whole.length - 5),
      flip(whole, 40),
      whole.subarray(0, -1),
      whole.subarray(0, 24),
    ]) {
      disk.write(name, damaged);
      await assert.rejects(open(disk), (error: Error) => {
        assert.ok(error instanceof UserError);
        assert.ok(error.message.includes(name) || /are missing/.test(error.message), error.message);
        return true;
      });
    }
    disk.write(name, whole);
  }
  const again = await open(disk);
  assert.equal(again.revision, 41);
  await again.close();
});

test("openEmbeddedStore: a missing segment is refused", async () => {
  const disk = new SimulatedDisk();
  const store = await open(disk, { segmentBytes: 100 });
  for (let at = 0; at < 3; at++) await put(store.collection("/registry/pods/"), `pod-${at}`, `${at}`);
  await store.close();
  const [first] = disk.names();
  assert.ok(first);
  await disk.files().remove(first);
  const message = "Cannot read /store/0000000000000003.log: the changes before it, from revision 2 to 2, are missing";
  await assert.rejects(open(disk), { name: "UserError", message });
});

test("openEmbeddedStore: what an interrupted snapshot left behind is cleared away", async () => {
  const disk = new SimulatedDisk();
  disk.write(`${folder}/0000000000000009.snapshot.tmp`, Buffer.from("half"));
  disk.write(`${folder}/README`, Buffer.from("not ours"));
  const store = await open(disk);
  assert.deepEqual(disk.names(), [firstLog, `${folder}/README`]);
  await store.close();
});

function flip(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at]! ^= 1;
  return copy;
}
