import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { exitCodes } from "#shared";
import { clusterPaths } from "#turnup";
import { startSession } from "../test-session.ts";

test("kubectl: says what to do where there is none", async (t) => {
  const { run, pretendCluster, home } = startSession(t, { PATH: "/nowhere" });
  await pretendCluster("demo");
  const early = await run("kubectl", "get", "nodes");
  assert.equal(early.code, exitCodes.notFound);
  assert.match(early.err, /its control plane was never started/);
  writeFileSync(clusterPaths(home, "demo").kubeconfig, "");
  const { code, err } = await run("kubectl", "--name", "demo", "get", "pods", "-n", "kube-system");
  assert.equal(code, exitCodes.host);
  assert.match(err, /Cannot run kubectl: .*ENOENT\n {2}Install it: https:\/\/kubernetes\.io/);
});

test("kubectl: passes everything on as typed, with the cluster's kubeconfig, and ends with its exit code", async (t) => {
  const environment: NodeJS.ProcessEnv = {};
  const { run, pretendCluster, home, folder } = startSession(t, environment);
  environment["PATH"] = `${join(folder, "bin")}:${process.env["PATH"]}`;
  await pretendCluster("demo");
  const { kubeconfig } = clusterPaths(home, "demo");
  writeFileSync(kubeconfig, "");
  mkdirSync(join(folder, "bin"));
  const note = join(folder, "note");
  writeFileSync(join(folder, "bin/kubectl"), `#!/bin/sh\necho "$KUBECONFIG $*" >${note}\nexit 7\n`, { mode: 0o755 });
  const { code } = await run("kubectl", "exec", "pod", "--", "ls", "-n");
  assert.equal(code, 7);
  assert.equal(readFileSync(note, "utf8"), `${kubeconfig} exec pod -- ls -n\n`);
});
