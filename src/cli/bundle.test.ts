import assert from "node:assert/strict";
import { mkdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { writeBundle } from "#bootstrap";
import { exitCodes } from "#shared";
import { startSession } from "./test-session.ts";

const { signal } = new AbortController();

async function writeSmallBundle(folder: string, file = "small.tar") {
  mkdirSync(folder, { recursive: true });
  const source = join(folder, "runc.deb");
  writeFileSync(source, "deb");
  return writeBundle(join(folder, file), {
    about: {
      created: "2026-01-02T03:04:05Z",
      slipway: "0.1.0",
      distribution: "slipway",
      kubernetesVersion: "1.36.2",
      platform: "linux-amd64",
    },
    artifacts: [{ name: "runc", kind: "package", version: "1.1.5", licence: "Apache-2.0", source }],
    signal,
  });
}

test("bundle inspect: a table, the index, or the bill of materials", async (t) => {
  const { run, folder } = startSession(t);
  await writeSmallBundle(folder);
  const { code, out } = await run("bundle", "inspect", "small.tar");
  assert.equal(code, exitCodes.ok);
  assert.match(out, /^For slipway, Kubernetes 1\.36\.2, on linux-amd64/);
  assert.match(out, /package +runc +1\.1\.5 +3 B +Apache-2\.0/);
  assert.match(out, /1 artifacts, 3 B unpacked\. Every checksum is right\./);
  assert.equal(JSON.parse((await run("bundle", "inspect", "--json", "small.tar")).out).artifacts.length, 1);
  assert.equal(JSON.parse((await run("bundle", "inspect", "--sbom", "small.tar")).out).spdxVersion, "SPDX-2.3");
});

test("bundle inspect: a damaged one, or none: says what is wrong", async (t) => {
  const { run, folder } = startSession(t);
  await writeSmallBundle(folder);
  truncateSync(join(folder, "small.tar"), readFileSync(join(folder, "small.tar")).length - 2048);
  const damaged = await run("bundle", "inspect", "small.tar");
  assert.equal(damaged.code, exitCodes.config);
  assert.match(damaged.err, /Cannot use bundle small\.tar: .*runc_1\.1\.5\.deb|cut short/);
  assert.equal((await run("bundle", "inspect", "none.tar")).code, exitCodes.notFound);
});

test("bundle install: the cluster's steps take from it from then on", async (t) => {
  const { run, folder, home, pretendCluster } = startSession(t);
  await pretendCluster("demo");
  await writeSmallBundle(folder);
  const { code, err } = await run("bundle", "install", "small.tar");
  assert.equal(code, exitCodes.ok, err);
  assert.match(err, /Cluster demo takes what it needs from small\.tar \(1 artifacts\), and nothing from the network/);
  assert.ok(readFileSync(join(home, "clusters/demo/bundle/packages/runc_1.1.5.deb")));
});

test("bundle create: a name that says no way to pack, a file that is there, an archive that holds no image: refused at once", async (t) => {
  const { run, folder } = startSession(t);
  await writeSmallBundle(folder);
  assert.match((await run("bundle", "create", "b.zip")).err, /its name must end with \.tar\.zst, \.tar\.gz or \.tar/);
  assert.equal((await run("bundle", "create", "small.tar")).code, exitCodes.conflict);
});
