import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { UserError } from "./errors.ts";
import { exitCodes } from "./exit-codes.ts";
import { takeLock } from "./lock-file.ts";

function tempFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "slipway-lock-"));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

test("takeLock: one holder at a time, named to the next", (t) => {
  const folder = tempFolder(t);
  const path = join(folder, "demo.lock");
  const release = takeLock(path, "up");
  assert.throws(
    () => takeLock(path, "down"),
    (error) => {
      assert.ok(error instanceof UserError);
      assert.match(error.message, new RegExp(`slipway up \\(pid ${process.pid}\\) holds it`));
      assert.equal(error.exitCode, exitCodes.conflict);
      return true;
    },
  );
  release();
  takeLock(path, "down")();
  assert.deepEqual(readdirSync(folder), []);
});

test("takeLock: takes over from a holder that died, or from a file cut short", (t) => {
  const folder = tempFolder(t);
  const path = join(folder, "demo.lock");
  for (const content of [JSON.stringify({ pid: process.pid, startTime: "long ago", purpose: "up" }), "{"]) {
    writeFileSync(path, content);
    const release = takeLock(path, "up");
    assert.ok(existsSync(path));
    release();
    assert.deepEqual(readdirSync(folder), []);
  }
});
