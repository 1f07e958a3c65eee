import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { exitCodes } from "#shared";
import { startSession } from "../test-session.ts";

test("image load: a file that is not there, and nodes that need none", async (t) => {
  const { run, pretendCluster, folder } = startSession(t);
  await pretendCluster("demo");
  const missing = await run("image", "load", "x.tar");
  assert.equal(missing.code, exitCodes.notFound);
  assert.match(missing.err, /Cannot load x\.tar: there is no such file/);
  writeFileSync(join(folder, "x.tar"), "");
  assert.match((await run("image", "load", "x.tar")).err, /nodes of cluster demo are simulated/);
});
