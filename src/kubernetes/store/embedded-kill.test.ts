// A process that writes is killed with SIGKILL, again and again on the same folder: SLIPWAY_STORE_ROUNDS runs more, by hand.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { openEmbeddedStore } from "./embedded-store.ts";
import type { LocalStore } from "./local-store.ts";
import { readValue } from "./testing/objects.ts";
import { seededRandom } from "./testing/random.ts";

const rounds = Number(process.env["SLIPWAY_STORE_ROUNDS"] ?? 3);
const writers = 8;

interface Report {
  readonly revision: number;
  readonly key: string;
  readonly value: string;
}

test("openEmbeddedStore: killed at any moment, it loses no acknowledged write and makes none up", async () => {
  const folder = await mkdtemp(join(tmpdir(), "slipway-kill-"));
  const random = seededRandom(1);
  const latest = new Map<string, Report>();
  let newest = 1;
  try {
    for (let round = 1; round <= rounds; round++) {
      const [opened, ...reports] = await writeUntilKilled(folder, round, random.below(random.pick([5, 100, 2000])));
      assert.ok(opened && opened.revision >= newest, "revisions go on where they were");
      for (const report of reports) {
        newest = Math.max(newest, report.revision);
        if (report.revision > (latest.get(report.key)?.revision ?? 0)) latest.set(report.key, report);
      }
      const store = await openEmbeddedStore({ folder });
      assert.ok(store.revision >= newest, `revision ${newest} was acknowledged, the store is at ${store.revision}`);
      await checkObjects(store, latest);
      newest = store.revision;
      await store.close();
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});

/** Answers what the process reported; it is killed after so many acknowledged writes. */
async function writeUntilKilled(folder: string, seed: number, writes: number): Promise<Report[]> {
  const script = join(import.meta.dirname, "testing/crash-writer.ts");
  const child = spawn(process.execPath, [script, folder, String(seed)], { stdio: ["ignore", "pipe", "inherit"] });
  const exited = once(child, "exit");
  const reports: Report[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    const [revision = "", key = "", value = ""] = line.split(" ");
    reports.push({ revision: Number(revision), key, value });
    if (reports.length > writes) child.kill("SIGKILL");
  }
  await exited;
  return reports;
}

/** Every key is as last acknowledged, or as a later write left it that was on its way: one for each writer at most. */
async function checkObjects(store: LocalStore, latest: Map<string, Report>): Promise<void> {
  const { items } = await store.collection("/registry/pods/").list();
  const present = new Map(items.map((stored) => [stored.key, { ...stored, value: readValue(stored) }]));
  const onTheirWay = new Map<string, Report>();
  for (const key of new Set([...present.keys(), ...latest.keys()])) {
    const stored = present.get(key);
    const reported = latest.get(key);
    const isAsReported = stored ? stored.revision === reported?.revision : reported?.value === "-";
    if (isAsReported) {
      assert.equal(stored?.value ?? "-", reported?.value);
      continue;
    }
    const [writer = ""] = key.split("/");
    assert.match(writer, /^writer-\d$/);
    assert.ok(!onTheirWay.has(writer), `${writer} had one write on its way, not two`);
    if (stored) assert.ok(stored.revision > (reported?.revision ?? 0), `${key} is older than what was acknowledged`);
    onTheirWay.set(writer, { revision: stored?.revision ?? store.revision, key, value: stored?.value ?? "-" });
  }
  assert.ok(onTheirWay.size <= writers);
  for (const report of onTheirWay.values()) latest.set(report.key, report);
}
