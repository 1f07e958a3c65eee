import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, readdir, readlink, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { lockFolder } from "./folder-lock.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-lock-"));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

test("lockFolder: one at a time, free again when released", async () => {
  const release = await lockFolder(folder);
  await assert.rejects(
    lockFolder(folder),
    new RegExp(`^UserError: Cannot open the store in ${folder}: process ${process.pid}`),
  );
  await release();
  assert.deepEqual(await readdir(folder), []);
  await (await lockFolder(folder))();
});

test("lockFolder: of many at once, one gets it", async () => {
  const results = await Promise.allSettled(Array.from({ length: 10 }, () => lockFolder(folder)));
  const got = results.filter((result) => result.status === "fulfilled");
  assert.equal(got.length, 1);
  await got[0]!.value();
});

test("lockFolder: takes over from a process that is dead", async () => {
  const child = spawn("true");
  await new Promise((resolve) => child.once("exit", resolve));
  await symlink(`${child.pid}:12345`, join(folder, "lock-7"));
  const release = await lockFolder(folder);
  assert.deepEqual(await readdir(folder), ["lock-8"]);
  await release();
});

test("lockFolder: takes over where the number belongs to another process by now", {
  skip: process.platform !== "linux",
}, async () => {
  await symlink(`${process.pid}:1`, join(folder, "lock-1"));
  await (await lockFolder(folder))();
});

test("lockFolder: names the living holder", async () => {
  const child = spawn("sleep", ["60"]);
  const exited = new Promise((resolve) => child.once("exit", resolve));
  try {
    await symlink(`${child.pid}:`, join(folder, "lock-3"));
    await assert.rejects(lockFolder(folder), (error: Error & { hints?: readonly string[] }) => {
      assert.match(error.message, new RegExp(`process ${child.pid} has it open$`));
      assert.match(error.hints?.[0] ?? "", /lock-3/);
      return true;
    });
    assert.equal(await readlink(join(folder, "lock-3")), `${child.pid}:`);
  } finally {
    child.kill("SIGKILL");
    await exited;
  }
  await (await lockFolder(folder))();
});
