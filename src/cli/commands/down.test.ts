import assert from "node:assert/strict";
import { test } from "node:test";
import { exitCodes } from "#shared";
import { startSession } from "../test-session.ts";

test("down: says which clusters there are where the one named is not", async (t) => {
  const { run, pretendCluster } = startSession(t);
  assert.deepEqual(await run("down"), { code: 0, out: "", err: "Cluster dev is not there: nothing to do.\n" });
  await pretendCluster("demo");
  const { code, err } = await run("down", "--name", "dmeo");
  assert.equal(code, exitCodes.ok);
  assert.equal(err, "Cluster dmeo is not there: nothing to do.\n  There are: demo. Choose one with --name.\n");
});
