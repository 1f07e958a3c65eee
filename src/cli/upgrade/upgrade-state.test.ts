import assert from "node:assert/strict";
import { test } from "node:test";
import { exitCodes } from "#shared";
import { clusterPaths } from "#turnup";
import { startSession } from "../test-session.ts";
import { writeUpgrade } from "./upgrade-state.ts";

test("refuseWhileUpgrading: nothing that would bring all nodes to a version at once is begun", async (t) => {
  const { run, pretendCluster, home } = startSession(t);
  await pretendCluster("demo");
  await writeUpgrade(clusterPaths(home, "demo"), {
    from: "1.36.1",
    target: "1.36.2",
    started: "",
    hops: [],
    machines: [],
    cordoned: [],
    choices: { drain: true },
  });
  for (const argv of [
    ["up", "--name", "demo"],
    ["bootstrap"],
    ["scale", "worker=1"],
    ["node", "add"],
    ["node", "remove", "demo-worker-1"],
    ["node", "replace", "demo-worker-1"],
    ["certs", "renew"],
    ["certs", "rotate-ca"],
  ]) {
    const { code, err } = await run(...argv);
    assert.equal(code, exitCodes.conflict, argv.join(" "));
    assert.match(err, /Cannot change cluster demo: an upgrade to 1\.36\.2 is under way\n {2}Go on with it/);
  }
});
