import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { FakeClock, silentLogger } from "#shared";
import { startScheduledSnapshots } from "./scheduled-snapshots.ts";

const hourMs = 3600_000;

/** Resolves when the next snapshot is waited for. */
async function untilWaiting(clock: FakeClock): Promise<void> {
  while (clock.pending === 0) await new Promise((resolve) => setImmediate(resolve));
}

function setUp(t: TestContext, contents: readonly (string | Error)[]) {
  const folder = mkdtempSync(join(tmpdir(), "slipway-snapshots-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const clock = new FakeClock(Date.parse("2026-01-01T00:00:00Z"));
  const left = [...contents];
  const run = (everyMs: number, keep: number) => {
    const scheduled = startScheduledSnapshots(
      { everyMs, keep, folder: join(folder, "s") },
      {
        clock,
        logger: silentLogger,
        async *snapshot() {
          const next = left.shift();
          if (next instanceof Error) throw next;
          yield Buffer.from(next ?? "");
        },
      },
    );
    t.after(() => scheduled.stop());
    return scheduled;
  };
  const files = () => readdirSync(join(folder, "s")).toSorted();
  return { folder: join(folder, "s"), clock, run, files };
}

test("startScheduledSnapshots: one at once, then in its rhythm; the newest stay, and what is not its own", async (t) => {
  const { folder, clock, run, files } = setUp(t, ["one", "two", "three"]);
  const scheduled = run(hourMs, 2);
  await untilWaiting(clock);
  writeFileSync(join(folder, "mine.snapshot"), "");
  await clock.advance(hourMs);
  await untilWaiting(clock);
  await clock.advance(hourMs);
  await untilWaiting(clock);
  assert.deepEqual(files(), ["2026-01-01T01-00-00Z.snapshot", "2026-01-01T02-00-00Z.snapshot", "mine.snapshot"]);
  assert.equal(readFileSync(join(folder, files()[1]!), "utf8"), "three");
  assert.equal(statSync(join(folder, files()[1]!)).mode & 0o777, 0o600);
  await scheduled.stop();
});

test("startScheduledSnapshots: goes on in the rhythm of the files, also after a failure", async (t) => {
  const { clock, run, files } = setUp(t, ["one", new Error("the disk is full"), "two"]);
  const first = run(hourMs, 5);
  await untilWaiting(clock);
  await first.stop();
  await clock.advance(hourMs / 2);
  run(hourMs, 5);
  await untilWaiting(clock);
  assert.equal(files().length, 1);
  await clock.advance(hourMs / 2);
  await untilWaiting(clock);
  assert.equal(files().length, 1);
  await clock.advance(10 * 60_000);
  await untilWaiting(clock);
  assert.deepEqual(files(), ["2026-01-01T00-00-00Z.snapshot", "2026-01-01T01-10-00Z.snapshot"]);
});
