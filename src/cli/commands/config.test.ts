import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { exitCodes } from "#shared";
import { startSession } from "../test-session.ts";

test("config schema: the JSON Schema on standard output", async (t) => {
  const { out } = await startSession(t).run("config", "schema");
  assert.equal(JSON.parse(out).properties.kind.const, "Cluster");
});

test("config check: every problem with its line, also those the schema does not know; exit codes", async (t) => {
  const { run, folder } = startSession(t);
  const head = "apiVersion: slipway.dev/v1alpha1\nkind: Cluster\n";
  writeFileSync(join(folder, "good.yaml"), `${head}workers: [{ count: 1 }]\n`);
  const good = await run("config", "check", "good.yaml");
  assert.deepEqual(good, {
    code: exitCodes.ok,
    out: "good.yaml can be used: cluster dev, slipway on local, 1 control plane, 1 worker\n",
    err: "",
  });
  writeFileSync(
    join(folder, "bad.yaml"),
    `${head}addons:\n- name: dns\n- name: dsn\ncontrolPlane:\n  controllers: [jbo]\n`,
  );
  const bad = await run("config", "check", "bad.yaml");
  assert.equal(bad.code, exitCodes.config);
  assert.equal(
    bad.err,
    'slipway: Cannot use bad.yaml: 2 problems\n  bad.yaml:5: addons[1].name: "dsn" is no add-on, did you mean "dns"?\n' +
      '  bad.yaml:7: controlPlane.controllers: "jbo" is no controller, did you mean "job"?\n',
  );
  const json = await run("config", "check", "--json", "bad.yaml");
  assert.equal(json.code, exitCodes.config);
  assert.deepEqual(
    JSON.parse(json.out).problems.map(({ path, line }: { path: string; line: number }) => `${line} ${path}`),
    ["5 addons[1].name", "7 controlPlane.controllers"],
  );
  assert.equal((await run("config", "check", "none.yaml")).code, exitCodes.notFound);
});

test("config explain: a field as the schema has it; an unknown one with the one that was meant", async (t) => {
  const { run } = startSession(t);
  assert.equal(
    (await run("config", "explain", "network.plugin")).out,
    'FIELD:    network.plugin <string>\nDEFAULT:  "slipway"\nALLOWED:  "slipway", "flannel", "calico", "cilium", "none"\n\n' +
      "DESCRIPTION:\n    The pod network: ours, or an add-on of that name. none: bring your own; nodes wait for it.\n",
  );
  assert.match(
    (await run("config", "explain", "workers")).out,
    /FIELDS:\n {2}name\t<string> default "worker"\n {4}Name of/,
  );
  assert.match((await run("config", "explain", "-r")).out, /^ {2}workers\t<\[\]Object>\n {4}name\t<string>$/m);
  assert.equal(JSON.parse((await run("config", "explain", "--json", "name")).out).defaultValue, "dev");
  const wrong = await run("config", "explain", "network.podCIRD");
  assert.equal(wrong.code, exitCodes.notFound);
  assert.match(wrong.err, /network has no field "podCIRD", did you mean "podCIDR"\?/);
});

test("config: with --set writes a commented file that can be used, on standard output or where told", async (t) => {
  const { run, folder } = startSession(t);
  const shown = await run("config", "--set", "name=demo", "--set", "workers[0].count=3");
  assert.equal(shown.code, exitCodes.ok);
  assert.match(shown.out, /\nname: demo\n[\s\S]*\n {2}# How many machines\.\n {2}- count: 3\n/);
  const written = await run("config", "--set", "name=demo", "--output", "c.yaml");
  assert.deepEqual([written.code, written.out], [exitCodes.ok, ""]);
  assert.equal((await run("config", "check", "c.yaml")).code, exitCodes.ok);
  const again = await run("config", "--set", "name=other", "--output", "c.yaml");
  assert.equal(again.code, exitCodes.conflict);
  assert.match(again.err, /Cannot write c\.yaml: it is there already\n {2}Overwrite it with --force/);
  assert.match(readFileSync(join(folder, "c.yaml"), "utf8"), /name: demo/);
  assert.equal((await run("config", "--set", "name=other", "--output", "c.yaml", "--force")).code, exitCodes.ok);
  assert.match(readFileSync(join(folder, "c.yaml"), "utf8"), /name: other/);
});

test("config: with --set, everything that is wrong at once; nothing is written", async (t) => {
  const { run, folder } = startSession(t);
  const fields = await run("config", "--set", "nme=x", "--set", "workers[0].count=many", "-o", "c.yaml");
  assert.equal(fields.code, exitCodes.config);
  assert.match(fields.err, /Cannot use --set: 2 problems/);
  assert.match(fields.err, /nme: unknown field, did you mean "name"\?/);
  assert.match(fields.err, /workers\[0\]\.count: must be a number, not "many"/);
  const form = await run("config", "--set", "name");
  assert.match(form.err, /"name" is not such as network\.podCIDR=/);
  assert.deepEqual(readdirSync(folder), []);
});

test("config: without a terminal says what to do instead", async (t) => {
  const { code, err } = await startSession(t).run("config");
  assert.equal(code, exitCodes.usage);
  assert.match(
    err,
    /Cannot ask what the configuration shall be: this is no terminal\n {2}Say it with --set: slipway config/,
  );
});

test("config: at a terminal asks, goes back, explains, refuses, and writes what was answered", async (t) => {
  const { type, run, folder } = startSession(t);
  const keys = [
    ..."My",
    "return", // refused
    ..."demo",
    "return",
    "escape", // back to the name, which is suggested now
    "return",
    "return", // on this machine
    "?",
    "down",
    "return", // simulated
    ..."5",
    "return",
    "return", // the network does not matter
    "return", // write it
  ];
  const { code, err } = await type(keys, "config");
  assert.equal(code, exitCodes.ok, err);
  assert.match(err, /must consist of lower case letters/);
  assert.match(err, /Simulated ones cost next to nothing/);
  assert.match(err, /What is the cluster called\? \(demo\)/);
  const text = readFileSync(join(folder, "slipway.yaml"), "utf8");
  assert.match(text, /\nname: demo\n/);
  assert.match(text, /\n {2}simulated: true\n/);
  assert.match(text, /- count: 5\n/);
  assert.equal((await run("config", "check", "slipway.yaml")).code, exitCodes.ok);
});

test("config: interrupted in the middle, nothing is written", async (t) => {
  const { type, folder } = startSession(t);
  assert.equal((await type([..."demo", "return"], "config")).code, exitCodes.interrupted);
  assert.deepEqual(readdirSync(folder), []);
});
