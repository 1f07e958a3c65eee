import assert from "node:assert/strict";
import { test } from "node:test";
import { exitCodes, takeLock } from "#shared";
import { clusterPaths, writeLeaving } from "#turnup";
import { startSession } from "../../test-session.ts";

test("node replace: what is no node, the only control plane, and a control plane beside its old one", async (t) => {
  const { run, pretendCluster } = startSession(t);
  await pretendCluster("one", { infrastructure: { provider: "nspawn" } });
  await pretendCluster("three", {
    infrastructure: { provider: "nspawn" },
    controlPlane: { replicas: 3, virtualAddress: "10.90.0.250" },
  });
  const unknown = await run("node", "replace", "one-worker-9", "--name", "one");
  assert.equal(unknown.code, exitCodes.notFound);
  assert.match(
    (await run("node", "replace", "one-control-plane-1", "--name", "one")).err,
    /it is the only control plane/,
  );
  const surge = await run("node", "replace", "three-control-plane-2", "--surge", "--name", "three");
  assert.equal(surge.code, exitCodes.usage);
  assert.match(surge.err, /Cannot use --surge for three-control-plane-2: control planes are replaced one by one/);
});

test("node replace: a node that was on its way out when somebody interrupted it is gone on with", async (t) => {
  const { run, pretendCluster, home } = startSession(t);
  await pretendCluster("demo");
  const paths = clusterPaths(home, "demo");
  await writeLeaving(paths, ["demo-worker-1"]);
  const release = takeLock(paths.lock, "up");
  t.after(release);
  // As far as the lock: it is known as a node.
  assert.equal((await run("node", "replace", "demo-worker-1")).code, exitCodes.conflict);
  assert.equal((await run("node", "replace", "demo-worker-9")).code, exitCodes.notFound);
});
