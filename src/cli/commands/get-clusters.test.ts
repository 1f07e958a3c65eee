import assert from "node:assert/strict";
import { test } from "node:test";
import { startSession } from "../test-session.ts";

test("get-clusters: names on standard output, nothing else", async (t) => {
  const { run, pretendCluster } = startSession(t);
  assert.deepEqual(await run("get-clusters"), {
    code: 0,
    out: "",
    err: "No clusters here. Turn one up with `slipway up`.\n",
  });
  await pretendCluster("two");
  await pretendCluster("one");
  assert.deepEqual(await run("get-clusters"), { code: 0, out: "one\ntwo\n", err: "" });
  assert.equal((await run("get-clusters", "--json")).out, '["one","two"]\n');
});
