// How fast the store is: `node bench/store.ts [writes|latency|list|watch|reopen|fork …]`, all by default. Each part runs in a
// process of its own, in a folder under the system's temporary one, or under $BENCH_FOLDER to measure another disk.

import { spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import type { KubeObject } from "#kubernetes/api";
import { type LocalStore, openEmbeddedStore, openMemoryStore, type StoredObject } from "#kubernetes/store";

const parts: Readonly<Record<string, (folder: string) => Promise<void>>> = {
  writes,
  latency,
  list,
  watch,
  reopen,
  fork,
};

const [part, ...more] = process.argv.slice(2);
if (part !== undefined && more.length === 0) await runPart(part);
else {
  const wanted = part === undefined ? Object.keys(parts) : [part, ...more];
  for (const name of wanted) {
    spawnSync(process.execPath, ["--expose-gc", import.meta.filename, name], { stdio: "inherit" });
  }
}

async function runPart(name: string): Promise<void> {
  const run = parts[name];
  if (!run) throw new Error(`Cannot run "${name}": there are ${Object.keys(parts).join(", ")}`);
  const folder = await mkdtemp(join(process.env["BENCH_FOLDER"] ?? tmpdir(), "slipway-bench-store-"));
  try {
    await run(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function report(what: string, result: string): void {
  console.log(`${what.padEnd(58)} ${result}`);
}

/** An object of about so many bytes, with some structure to encode. */
function makeObject(name: string, bytes: number): KubeObject & Record<string, unknown> {
  const data: Record<string, string> = {};
  for (let at = 0; at * 100 < bytes - 330; at++) data[`entry-${at}`] = `${name} ${"value ".repeat(13)}`.slice(0, 84);
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: {
      name,
      namespace: "default",
      uid: "4d1d2b6c-2f1f-4b1c-9a64-6f9f6f0f7c11",
      creationTimestamp: "2026-01-01T00:00:00Z",
      labels: { app: "bench", tier: "store" },
    },
    data,
  };
}

async function fill(store: LocalStore, count: number, bytes: number): Promise<void> {
  const collection = store.collection("/registry/configmaps/");
  let next = 0;
  const writer = async () => {
    while (next < count) {
      const name = `object-${String(next++).padStart(7, "0")}`;
      await collection.put(`default/${name}`, makeObject(name, bytes), 0);
    }
  };
  await Promise.all(Array.from({ length: 512 }, writer));
}

async function writes(folder: string): Promise<void> {
  for (const [writers, count] of [
    [1, 3000],
    [32, 60_000],
    [256, 200_000],
  ] as const) {
    const store = await openEmbeddedStore({ folder: join(folder, `w${writers}`) });
    const collection = store.collection("/registry/configmaps/");
    const template = makeObject("object", 1500);
    let next = 0;
    const writer = async () => {
      for (let at = next++; at < count; at = next++) {
        const name = `object-${at}`;
        await collection.put(`default/${name}`, { ...template, metadata: { ...template.metadata, name } }, 0);
      }
    };
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    const start = performance.now();
    await Promise.all(Array.from({ length: writers }, writer));
    const ms = performance.now() - start;
    report(`creates of 1.5 KB, durable, ${writers} writers`, `${Math.round((count / ms) * 1000)}/s (${stalls(delay)})`);
    await store.close();
  }
}

async function latency(folder: string): Promise<void> {
  const store = await openEmbeddedStore({ folder });
  const collection = store.collection("/registry/configmaps/");
  const times: number[] = [];
  for (let at = 0; at < 5000; at++) {
    const object = makeObject(`object-${at}`, 1500);
    const start = performance.now();
    await collection.put(`default/${at}`, object, 0);
    times.push(performance.now() - start);
  }
  times.sort((a, b) => a - b);
  const at = (share: number) => `${times[Math.floor(times.length * share)]!.toFixed(2)} ms`;
  report("one put at a time, the disk's flush included", `p50 ${at(0.5)}, p99 ${at(0.99)}, p99.9 ${at(0.999)}`);
  await store.close();
}

async function list(): Promise<void> {
  const store = openMemoryStore();
  await fill(store, 26_000, 1500);
  const collection = store.collection("/registry/configmaps/");
  const revision = store.revision;
  let bytes = 0;
  await measure("list of 26,000 objects", 50, async () => {
    await collection.list();
  });
  await measure("the same, their bytes put together in blocks of 64 KiB", 30, async () => {
    bytes = copyInBlocks((await collection.list()).items);
  });
  await measure("the same, their bytes put together in one new buffer", 30, async () => {
    Buffer.concat((await collection.list()).items.map((item) => item.bytes));
  });
  report("  which is", `${(bytes / 1e6).toFixed(1)} MB`);
  for (let at = 0; at < 1000; at++) {
    const name = `object-${String(at * 7).padStart(7, "0")}`;
    const there = await collection.get(`default/${name}`);
    await collection.put(`default/${name}`, makeObject(name, 1500), there!.revision);
  }
  await measure("the same list 1,000 changes ago", 50, async () => {
    await collection.list({ revision });
  });
  await measure("a page of 500 of it", 200, async () => {
    await collection.list({ revision, limit: 500, after: "default/object-0010000" });
  });
  await measure("get", 20_000, async () => {
    await collection.get("default/object-0012345");
  });
  await store.close();
}

/** As an answer is sent: block after block, each a new buffer. */
function copyInBlocks(items: readonly StoredObject[]): number {
  let block = Buffer.allocUnsafeSlow(64 * 1024);
  let filled = 0;
  let total = 0;
  for (const { bytes } of items) {
    if (filled + bytes.length > block.length) {
      block = Buffer.allocUnsafeSlow(Math.max(64 * 1024, bytes.length));
      filled = 0;
    }
    block.set(bytes, filled);
    filled += bytes.length;
    total += bytes.length;
  }
  return total;
}

async function measure(what: string, times: number, action: () => Promise<void>): Promise<void> {
  await action();
  const taken: number[] = [];
  for (let at = 0; at < times; at++) {
    const start = performance.now();
    await action();
    taken.push(performance.now() - start);
  }
  taken.sort((a, b) => a - b);
  report(what, `p50 ${taken[times >> 1]!.toFixed(3)} ms, p99 ${taken[Math.floor(times * 0.99)]!.toFixed(3)} ms`);
}

async function watch(): Promise<void> {
  const store = openMemoryStore();
  const collection = store.collection("/registry/configmaps/");
  for (const watchers of [0, 1, 5000]) {
    let seen = 0;
    const watches = Array.from({ length: watchers }, () =>
      collection.watch(store.revision, (events) => {
        seen += events.length;
      }),
    );
    const count = 2000;
    const start = performance.now();
    for (let at = 0; at < count; at++) {
      const there = await collection.get(`default/${at}`);
      await collection.put(`default/${at}`, makeObject(`object-${at}`, 1500), there?.revision ?? 0);
    }
    const ms = performance.now() - start;
    report(`put in memory, ${watchers} watchers`, `${((ms / count) * 1000).toFixed(1)} µs each, ${seen} events seen`);
    for (const { stop } of watches) stop();
  }
  await store.close();
}

async function reopen(folder: string): Promise<void> {
  const count = 150_000;
  const size = JSON.stringify(makeObject("object-0000000", 2500)).length;
  await fillAndClose(folder, count);
  const before = await settledMemory();
  const start = performance.now();
  const store = await openEmbeddedStore({ folder });
  report("reopen with 150,000 objects of 2.5 KB", `${Math.round(performance.now() - start)} ms`);
  const after = await settledMemory();
  report("memory: resident, heap, buffers", `${mb(after.rss)}, ${mb(after.heapUsed)}, ${mb(after.arrayBuffers)}`);
  const own = (after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers) / count;
  report("per object, as V8 counts", `${Math.round(own)} bytes, of which about ${size} are its JSON`);
  const backup = `${folder}-backup`;
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const backupStart = performance.now();
  await store.saveSnapshot(backup);
  report("saveSnapshot of them", `${Math.round(performance.now() - backupStart)} ms (${stalls(delay)})`);
  await rm(backup);
  await store.close();
}

async function fillAndClose(folder: string, count: number): Promise<void> {
  const store = await openEmbeddedStore({ folder });
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const start = performance.now();
  await fill(store, count, 2500);
  report("150,000 creates of 2.5 KB, 512 writers", `${Math.round(performance.now() - start)} ms (${stalls(delay)})`);
  await store.close();
}

function stalls(delay: ReturnType<typeof monitorEventLoopDelay>): string {
  delay.disable();
  return `loop delay p99 ${(delay.percentile(99) / 1e6).toFixed(1)} ms, longest ${(delay.max / 1e6).toFixed(0)} ms`;
}

async function settledMemory(): Promise<NodeJS.MemoryUsage> {
  for (let at = 0; at < 3; at++) {
    global.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return process.memoryUsage();
}

function mb(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}

async function fork(): Promise<void> {
  for (const count of [10_000, 150_000]) {
    const store = openMemoryStore();
    await fill(store, count, 1500);
    const start = performance.now();
    const copy = store.fork();
    report(`fork with ${count} objects`, `${(performance.now() - start).toFixed(2)} ms`);
    await copy.close();
    await store.close();
  }
}
