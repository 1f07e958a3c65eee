import assert from "node:assert/strict";
import { test } from "node:test";
import { exitCodes } from "#shared";
import { startSession } from "../../test-session.ts";

test("node delete: only workers that exist", async (t) => {
  const { run, pretendCluster } = startSession(t);
  await pretendCluster("demo");
  const { code, err } = await run("node", "delete", "demo-worker-9");
  assert.equal(code, exitCodes.notFound);
  assert.match(err, /there is no such node\n {2}There are: demo-worker-1, demo-worker-2\./);
});
