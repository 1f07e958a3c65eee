import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { exitCodes } from "#shared";
import { startSession } from "./test-session.ts";

test("without a command: shows what there is", async (t) => {
  const { run } = startSession(t);
  const { code, err } = await run();
  assert.equal(code, exitCodes.ok);
  for (const command of [
    "up",
    "down",
    "plan",
    "status",
    "get-clusters",
    "kubectl",
    "image",
    "logs",
    "node",
    "verify",
  ]) {
    assert.match(err, new RegExp(`^  ${command} `, "m"));
  }
});

test("help up: explains a command with its flags", async (t) => {
  const { code, out } = await startSession(t).run("help", "up");
  assert.equal(code, exitCodes.ok);
  for (const flag of [
    "--name",
    "--config",
    "--workers",
    "--simulated",
    "--controllers",
    "--no-scheduler",
    "--json",
    "--quiet",
  ]) {
    assert.ok(out.includes(flag), flag);
  }
});

test("a misspelt command or flag: exit code 2, and what was probably meant", async (t) => {
  const { run } = startSession(t);
  const command = await run("upp");
  assert.equal(command.code, exitCodes.usage);
  assert.match(command.err, /^slipway: unknown command 'upp'\n\(Did you mean up\?\)/);
  for (const words of [
    ["help", "upp"],
    ["upp", "--help"],
  ])
    assert.deepEqual(await run(...words), command);
  const flag = await run("up", "--worker", "3");
  assert.equal(flag.code, exitCodes.usage);
  assert.match(flag.err, /unknown option '--worker'\n\(Did you mean --workers\?\)\n\(slipway up --help shows/);
});

test("commands about a cluster that is not there: exit code 4, and which there are", async (t) => {
  const { run, pretendCluster } = startSession(t);
  const none = await run("kubeconfig", "--name", "demo");
  assert.equal(none.code, exitCodes.notFound);
  assert.equal(
    none.err,
    "slipway: Cannot find cluster demo: it was never turned up\n  Turn one up with `slipway up`.\n",
  );
  await pretendCluster("one");
  for (const argv of [
    ["status"],
    ["stop"],
    ["start"],
    ["logs"],
    ["verify"],
    ["node", "add"],
    ["image", "load", "x.tar"],
  ]) {
    const { code, err } = await run(...argv, "--name", "demo");
    assert.equal(code, exitCodes.notFound, argv.join(" "));
    assert.match(err, /Cannot find cluster demo.*\n {2}There are: one\./, argv.join(" "));
  }
  assert.equal((await run("down", "--name", "demo")).code, exitCodes.ok);
});

test("a name that leads elsewhere is refused, whatever is to be done", async (t) => {
  const { run, pretendCluster } = startSession(t);
  await pretendCluster("demo");
  for (const name of ["..", "../clusters/demo", "", "Demo"]) {
    for (const command of ["down", "status", "stop"]) {
      const { code, err } = await run(command, "--name", name);
      assert.equal(code, exitCodes.usage, `${command} ${name}`);
      assert.match(err, /^slipway: Cannot use the name ".*": names of clusters have .*\n {2}There are: demo\./);
    }
  }
});

test("a home that is none: what to set", async (t) => {
  const { run, folder } = startSession(t);
  writeFileSync(join(folder, "home"), "");
  const { code, err } = await run("up", "--simulated");
  assert.equal(code, exitCodes.host);
  assert.match(err, /^slipway: Cannot keep clusters in \S+home: ENOTDIR.*\n {2}Set SLIPWAY_HOME/);
});

test("without --name: the only cluster there is", async (t) => {
  const { run, pretendCluster } = startSession(t);
  await pretendCluster("only");
  const { code, out } = await run("status", "--json");
  assert.equal(code, exitCodes.failed);
  assert.equal(JSON.parse(out).cluster, "only");
  assert.equal(JSON.parse(out).state, "stopped");
});

test("version", async (t) => {
  assert.match((await startSession(t).run("--version")).out, /^slipway \d\S+\n$/);
  const { out } = await startSession(t).run("version", "--json");
  assert.equal(JSON.parse(out).kubernetes, "v1.36.2");
});
