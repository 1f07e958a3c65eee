import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { exitCodes } from "#shared";
import { startSession } from "../../test-session.ts";

test("store snapshot: where it cannot be saved, and of a cluster that does not run", async (t) => {
  const { run, pretendCluster, folder } = startSession(t);
  await pretendCluster("demo");
  writeFileSync(join(folder, "there"), "");
  const there = await run("store", "snapshot", "there");
  assert.equal(there.code, exitCodes.conflict);
  assert.match(there.err, /Cannot save to there: it is there already\n {2}Choose another name/);
  const nowhere = await run("store", "snapshot", "no/where");
  assert.equal(nowhere.code, exitCodes.notFound);
  assert.match(nowhere.err, /Cannot save to no\/where: there is no folder/);
  const unfinished = await run("store", "snapshot", "new");
  assert.equal(unfinished.code, exitCodes.notFound);
  assert.match(unfinished.err, /its control plane was never started\n {2}Finish it with `slipway up --name demo`/);
});
