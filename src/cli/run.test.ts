import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { exitCodes, takeLock } from "#shared";
import { clusterPaths } from "#turnup";
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

test("up: a broken configuration is refused with every problem and its line, before anything is made", async (t) => {
  const { run, folder } = startSession(t);
  writeFileSync(join(folder, "slipway.yaml"), "apiVersion: slipway.dev/v1alpha1\nkind: Cluster\nnme: x\nworkers: 3\n");
  const { code, err } = await run("up", "--config", "slipway.yaml");
  assert.equal(code, exitCodes.config);
  assert.equal(
    err,
    'slipway: Cannot use slipway.yaml: 2 problems\n  slipway.yaml:3: nme: unknown field, did you mean "name"?\n  slipway.yaml:4: workers: must be a list, not 3\n',
  );
  assert.deepEqual(readdirSync(folder), ["slipway.yaml"]);
});

test("up: flags and files that are wrong", async (t) => {
  const { run } = startSession(t);
  const name = await run("up", "--name", "My_Cluster");
  assert.equal(name.code, exitCodes.config);
  assert.match(name.err, /name: must consist of lower case letters/);
  const workers = await run("up", "--workers", "many");
  assert.equal(workers.code, exitCodes.usage);
  assert.match(workers.err, /Cannot use --workers many: it must be a whole number/);
  const file = await run("up", "--config", "nowhere.yaml");
  assert.equal(file.code, exitCodes.notFound);
  assert.match(file.err, /Cannot read nowhere\.yaml: there is no such file/);
});

test("up: an add-on that is none", async (t) => {
  const { run, folder } = startSession(t);
  writeFileSync(join(folder, "c.yaml"), "apiVersion: slipway.dev/v1alpha1\nkind: Cluster\naddons: [{ name: dsn }]\n");
  const { code, err } = await run("plan", "--simulated", "--config", "c.yaml");
  assert.equal(code, exitCodes.config);
  assert.match(err, /addons\[0\]\.name: "dsn" is no add-on, did you mean "dns"\?/);
});

test("up: a controller that is none; upstream's names and aliases are known", async (t) => {
  const { run } = startSession(t);
  const { code, err } = await run("plan", "--simulated", "--controllers", "namespace,deploymnet-controller");
  assert.equal(code, exitCodes.config);
  assert.match(err, /"deploymnet-controller" is no controller, did you mean "deployment-controller"\?/);
  assert.equal(
    (await run("plan", "--simulated", "--controllers", "namespace,-job,root-ca-certificate-publisher-controller")).code,
    0,
  );
  assert.equal((await run("plan", "--simulated", "--controllers", "none", "--no-scheduler")).code, 0);
});

test("up: a port that somebody has", async (t) => {
  const { run, folder } = startSession(t);
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  const { port } = server.address() as { port: number };
  writeFileSync(
    join(folder, "c.yaml"),
    `apiVersion: slipway.dev/v1alpha1\nkind: Cluster\nnetwork: { apiServerPort: ${port} }\n`,
  );
  const { code, err } = await run("up", "--simulated", "--config", "c.yaml");
  assert.equal(code, exitCodes.conflict);
  assert.match(err, new RegExp(`port ${port} is taken\n  See who has it with`));
});

test("up: what a cluster is built on cannot change under it", async (t) => {
  const { run, pretendCluster, folder } = startSession(t);
  await pretendCluster("demo");
  writeFileSync(
    join(folder, "c.yaml"),
    "apiVersion: slipway.dev/v1alpha1\nkind: Cluster\nname: demo\nnetwork: { podCIDR: 10.1.0.0/16 }\n",
  );
  const { code, err } = await run("up", "--simulated", "--config", "c.yaml");
  assert.equal(code, exitCodes.config);
  assert.match(
    err,
    /network\.podCIDR: cannot change in an existing cluster, from "100\.64\.0\.0\/10" to "10\.1\.0\.0\/16"/,
  );
});

test("up: another slipway at work on the same cluster", async (t) => {
  const { run, home } = startSession(t);
  mkdirSync(join(home, "clusters"), { recursive: true });
  t.after(takeLock(clusterPaths(home, "demo").lock, "down"));
  const { code, err } = await run("up", "--simulated", "--name", "demo");
  assert.equal(code, exitCodes.conflict);
  assert.match(err, new RegExp(`Cannot work on cluster demo: slipway down \\(pid ${process.pid}\\) is at it already`));
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

test("down: says which clusters there are where the one named is not", async (t) => {
  const { run, pretendCluster } = startSession(t);
  assert.deepEqual(await run("down"), { code: 0, out: "", err: "Cluster dev is not there: nothing to do.\n" });
  await pretendCluster("demo");
  const { code, err } = await run("down", "--name", "dmeo");
  assert.equal(code, exitCodes.ok);
  assert.equal(err, "Cluster dmeo is not there: nothing to do.\n  There are: demo. Choose one with --name.\n");
});

test("a home that is none: what to set", async (t) => {
  const { run, folder } = startSession(t);
  writeFileSync(join(folder, "home"), "");
  const { code, err } = await run("up", "--simulated");
  assert.equal(code, exitCodes.host);
  assert.match(err, /^slipway: Cannot keep clusters in \S+home: ENOTDIR.*\n {2}Set SLIPWAY_HOME/);
});

test("store snapshot: where it cannot be saved, and of a cluster that does not run", async (t) => {
  const { run, pretendCluster, folder } = startSession(t);
  await pretendCluster("demo");
  writeFileSync(join(folder, "there"), "");
  const there = await run("store", "snapshot", "there");
  assert.equal(there.code, exitCodes.conflict);
  assert.match(there.err, /Cannot save to there: it is there already\n {2}Choose another name/);
  const nowhere = await run("store", "snapshot", "no/where");
  assert.equal(nowhere.code, exitCodes.notFound);
  assert.match(nowhere.err, /Cannot save to no\/where: there is no folder/);
  const unfinished = await run("store", "snapshot", "new");
  assert.equal(unfinished.code, exitCodes.notFound);
  assert.match(unfinished.err, /its control plane was never started\n {2}Finish it with `slipway up --name demo`/);
});

test("without --name: the only cluster there is", async (t) => {
  const { run, pretendCluster } = startSession(t);
  await pretendCluster("only");
  const { code, out } = await run("status", "--json");
  assert.equal(code, exitCodes.failed);
  assert.equal(JSON.parse(out).cluster, "only");
  assert.equal(JSON.parse(out).state, "stopped");
});

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

test("plan: shows each step with what would be done, and does nothing", async (t) => {
  const { run, folder } = startSession(t);
  const { code, out } = await run("plan", "--simulated", "--workers", "3", "--json");
  assert.equal(code, exitCodes.ok);
  const plan = JSON.parse(out) as { steps: { id: string; action: string }[] };
  assert.deepEqual(
    plan.steps.map(({ id }) => id),
    [
      "bootstrap/certificates",
      "bootstrap/supervisor",
      "bootstrap/control-plane",
      "bootstrap/simulated-nodes",
      "bootstrap/kubeconfig",
      "addons/cluster-info",
      "addons/dns",
      "addons/storage",
      "verify/nodes",
    ],
  );
  assert.deepEqual([...new Set(plan.steps.slice(0, -1).map(({ action }) => action))], ["create"]);
  assert.equal(plan.steps.at(-1)!.action, "nothing");
  assert.deepEqual(readdirSync(folder), []);
});

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

test("logs: unknown processes are named, known ones shown", async (t) => {
  const { run, pretendCluster, home } = startSession(t);
  await pretendCluster("demo");
  const { logs } = clusterPaths(home, "demo");
  mkdirSync(logs, { recursive: true });
  writeFileSync(join(logs, "control-plane.log"), "one\ntwo\nthree\n");
  writeFileSync(join(logs, "supervisor.log"), "four\n");
  assert.equal((await run("logs", "--tail", "1")).out, "control-plane: three\nsupervisor: four\n");
  assert.equal((await run("logs", "control-plane", "--tail", "-1")).out, "one\ntwo\nthree\n");
  const unknown = await run("logs", "control-plan");
  assert.equal(unknown.code, exitCodes.notFound);
  assert.match(unknown.err, /Did you mean control-plane\?/);
});

test("image load: a file that is not there, and nodes that need none", async (t) => {
  const { run, pretendCluster, folder } = startSession(t);
  await pretendCluster("demo");
  const missing = await run("image", "load", "x.tar");
  assert.equal(missing.code, exitCodes.notFound);
  assert.match(missing.err, /Cannot load x\.tar: there is no such file/);
  writeFileSync(join(folder, "x.tar"), "");
  assert.match((await run("image", "load", "x.tar")).err, /nodes of cluster demo are simulated/);
});

test("node delete: only workers that exist", async (t) => {
  const { run, pretendCluster } = startSession(t);
  await pretendCluster("demo");
  const { code, err } = await run("node", "delete", "demo-worker-9");
  assert.equal(code, exitCodes.notFound);
  assert.match(err, /there is no such node\n {2}There are: demo-worker-1, demo-worker-2\./);
});

test("config schema: the JSON Schema on standard output", async (t) => {
  const { out } = await startSession(t).run("config", "schema");
  assert.equal(JSON.parse(out).properties.kind.const, "Cluster");
});

test("version", async (t) => {
  assert.match((await startSession(t).run("--version")).out, /^slipway \d\S+\n$/);
  const { out } = await startSession(t).run("version", "--json");
  assert.equal(JSON.parse(out).kubernetes, "v1.36.2");
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

test("plan: machines, add-ons and the rest, what becomes of each and why; fields that changed; exit codes", async (t) => {
  const { run, pretendCluster, home } = startSession(t);
  await pretendCluster("demo");
  writeFileSync(clusterPaths(home, "demo").simulatedNodes, '["demo-worker-1","demo-worker-2"]');
  const { code, out } = await run("plan", "--name", "demo", "--workers", "1", "--exit-code");
  assert.equal(code, 2);
  assert.match(out, /^MACHINE +ACTION +WHY$/m);
  assert.match(out, /^demo-worker-1 +nothing +is as wanted$/m);
  assert.match(out, /^demo-worker-2 +remove +is no longer wanted$/m);
  assert.match(out, /^dns +create +the API server is not up yet$/m);
  assert.match(out, /^workers\[0\]\.count +2 +1 +in place$/m);
  assert.match(out, /^Cluster demo: \d+ to create, .*1 to remove, 1 as wanted\.$/m);
  assert.equal((await run("plan", "--name", "demo")).code, exitCodes.ok);
});

test("plan: fields that cannot change are named, and nothing else is looked at", async (t) => {
  const { run, pretendCluster, folder } = startSession(t);
  await pretendCluster("demo");
  writeFileSync(
    join(folder, "c.yaml"),
    "apiVersion: slipway.dev/v1alpha1\nkind: Cluster\nname: demo\nnetwork: { podCIDR: 10.1.0.0/16, dnsDomain: x.y }\n",
  );
  const { code, out, err } = await run("plan", "--simulated", "--config", "c.yaml", "--exit-code");
  assert.equal(code, exitCodes.config);
  assert.equal(out, "");
  assert.match(err, /network\.podCIDR: cannot change/);
  assert.match(err, /network\.dnsDomain: cannot change in an existing cluster, from "cluster\.local" to "x\.y"/);
});

test("plan: thousands of nodes are one line", async (t) => {
  const { out } = await startSession(t).run("plan", "--simulated", "--workers", "5000");
  assert.match(out, /^dev-worker-1 … dev-worker-5000 \(5000\) +create +is not there$/m);
});

test("up: at a terminal asks before machines are taken away, and leaves everything as it is if told so", async (t) => {
  const { type, pretendCluster, home } = startSession(t);
  await pretendCluster("demo");
  const paths = clusterPaths(home, "demo");
  writeFileSync(paths.simulatedNodes, '["demo-worker-1","demo-worker-2"]');
  const before = readdirSync(paths.folder);
  const { code, err } = await type(["return"], "up", "--name", "demo", "--workers", "1");
  assert.equal(code, exitCodes.failed);
  assert.match(err, /^demo-worker-2 +remove +is no longer wanted$/m);
  assert.match(err, /This takes demo-worker-2 away, with all that runs there\. Go on\?/);
  assert.match(err, /Nothing was changed\.\n$/);
  assert.deepEqual(readdirSync(paths.folder), before);
});
