import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { exec } from "#shared";
import type { TofuFiles } from "./document.ts";
import { openWorkspace } from "./workspace.ts";

const { signal } = new AbortController();
const stateOf = (name: string) =>
  JSON.stringify({ version: 4, resources: [{ mode: "managed", type: "aws_vpc", name, instances: [{}] }] });
const filesFor = (backend: string): TofuFiles => ({
  "terraform.tf.json": { "//": "", terraform: { backend: { [backend]: {} } } },
});

/** A folder, and a program that notes how it was called, pulls the state "remote", and fails to plan once it has written one. */
function createBench(t: TestContext) {
  const home = mkdtempSync(join(tmpdir(), "slipway-workspace-"));
  const [program, calls, folder] = ["tofu", "calls", "infrastructure"].map((name) => join(home, name)) as [
    string,
    string,
    string,
  ];
  writeFileSync(
    program,
    `#!/bin/sh
[ "$1" = version ] || echo "$1 $2" >>${calls}
case "$1" in
version) echo '{"terraform_version":"1.9.0"}' ;;
state) echo '${stateOf("remote")}' ;;
plan) echo secret >slipway.tfplan; exit 1 ;;
esac
`,
  );
  chmodSync(program, 0o755);
  mkdirSync(join(folder, ".terraform"), { recursive: true });
  const before = process.env["SLIPWAY_TOFU"];
  process.env["SLIPWAY_TOFU"] = program;
  t.after(() => {
    if (before === undefined) delete process.env["SLIPWAY_TOFU"];
    else process.env["SLIPWAY_TOFU"] = before;
    rmSync(home, { recursive: true });
  });
  // With a mirror no cache is made in the person's home.
  const workspace = openWorkspace({ folder, exec, credentialsHint: "", mirror: home });
  const called = () => (existsSync(calls) ? readFileSync(calls, "utf8").trim().split("\n") : []);
  const names = async () => (await workspace.readState(signal)).resources.map(({ name }) => name);
  const prepareFor = (type: string) =>
    writeFileSync(join(folder, ".terraform/terraform.tfstate"), JSON.stringify({ version: 3, backend: { type } }));
  return { folder, workspace, called, names, prepareFor };
}

test("readState: a state that is kept in the folder is read as it lies there", async (t) => {
  const { folder, workspace, called, names, prepareFor } = createBench(t);
  assert.deepEqual(await names(), []);
  writeFileSync(join(folder, "terraform.tfstate"), stateOf("here"));
  await workspace.write(filesFor("local"));
  assert.deepEqual(await names(), ["here"]);
  prepareFor("local");
  await workspace.write(filesFor("s3"));
  assert.deepEqual(await names(), ["here"], "until OpenTofu has moved it");
  assert.deepEqual(called(), []);
});

test("readState: one that is kept elsewhere is fetched, also where it is to come here from now on", async (t) => {
  const { workspace, called, names, prepareFor } = createBench(t);
  await workspace.write(filesFor("s3"));
  assert.deepEqual(await names(), ["remote"]);
  prepareFor("s3");
  await workspace.write(filesFor("local"));
  assert.deepEqual(await names(), ["remote"]);
  assert.deepEqual(called(), ["init -input=false", "state pull", "init -input=false", "state pull"]);
});

test("readState: questions asked side by side prepare the folder once", async (t) => {
  const { workspace, called, names } = createBench(t);
  await workspace.write(filesFor("s3"));
  await Promise.all([names(), names(), names()]);
  await names();
  const count = () => called().filter((call) => call.startsWith("init")).length;
  assert.equal(count(), 1);
  await workspace.write(filesFor("s3"));
  await names();
  assert.equal(count(), 2);
});

test("apply: a plan, which holds every value, does not stay where it fails", async (t) => {
  const { folder, workspace, called } = createBench(t);
  await workspace.write(filesFor("local"));
  writeFileSync(join(folder, "terraform.tfstate"), stateOf("here"), { mode: 0o644 });
  await assert.rejects(workspace.apply({ signal }), /Cannot plan with OpenTofu/);
  assert.ok(called().includes("plan -input=false"));
  assert.equal(existsSync(join(folder, "slipway.tfplan")), false);
  // It holds what machines were given, and stays.
  assert.equal(statSync(join(folder, "terraform.tfstate")).mode & 0o777, 0o600);
});
