import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { test } from "node:test";
import { exitCodes } from "#shared";
import { clusterPaths, machinesFile } from "#turnup";
import { givenMark } from "../remote/remote-means.ts";
import { startSession } from "../test-session.ts";

test("stop: machines that slipway did not make, and those of clouds, are not its to switch off", async (t) => {
  const { run, pretendCluster, home } = startSession(t);
  const hosts = [{ address: "192.0.2.1", role: "control-plane" as const }];
  await pretendCluster("hosts", { infrastructure: { provider: "ssh", hosts }, workers: [] });
  await pretendCluster("managed", { infrastructure: { provider: "eks", region: "eu-central-1" } });
  await pretendCluster("given", { infrastructure: { provider: "nspawn" } });
  const paths = clusterPaths(home, "given");
  writeFileSync(machinesFile(paths.folder), "[]");
  writeFileSync(givenMark(paths), "");
  for (const name of ["hosts", "managed", "given"]) {
    const { code, err } = await run("stop", "--name", name);
    assert.equal(code, exitCodes.usage, name);
    assert.match(err, new RegExp(`^slipway: Cannot stop cluster ${name}: its machines `));
  }
});

test("stop: a cluster that does not run is stopped already", async (t) => {
  const { run, pretendCluster } = startSession(t);
  await pretendCluster("demo");
  const { code, err } = await run("stop");
  assert.equal(code, exitCodes.ok);
  assert.match(err, /Cluster demo is stopped already/);
});
