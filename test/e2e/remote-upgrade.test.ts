// An upgrade of a cluster on machines of their own (systemd-nspawn, distribution slipway) to another build of this program: in place, with
// a pause, budgets kept; then a worker by a new machine.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { machinesMissing } from "./support/machines.ts";
import { belongsTo, findNew, scanMachine } from "./support/scan.ts";
import { createSandbox, runProgram } from "./support/slipway.ts";

const root = join(import.meta.dirname, "../..");
const [oldVersion, newVersion] = [JSON.parse(readFileSync(join(root, "package.json"), "utf8")).version, "99.0.0"];

const configuration = `apiVersion: slipway.dev/v1alpha1
kind: Cluster
name: farup
infrastructure:
  provider: nspawn
workers:
  - count: 2
`;

/** Of the one image that every node has. */
const workload = `apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 2
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      terminationGracePeriodSeconds: 1
      containers: [{ name: web, image: "slipway.dev/pause:1", imagePullPolicy: Never }]
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: { name: web }
spec: { minAvailable: 1, selector: { matchLabels: { app: web } } }
`;

const [first, worker1, worker2] = ["control-plane-1", "worker-1", "worker-2"].map((name) => `farup-${name}`);

test("an upgrade on machines of their own", { skip: machinesMissing() }, async (t) => {
  const sandbox = createSandbox(t);
  const { must, slipway, kubectl, home, kubeconfig, environment } = sandbox;
  const folder = dirname(home);
  const [file, gates, build] = ["farup.yaml", "gates", "next"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  writeFileSync(file, configuration);
  await must("version");
  const options = { folders: [folder], kubeconfig };
  const before = scanMachine(options);
  t.after(() => slipway("down", "--name", "farup"));
  const built = await runProgram(
    [process.execPath, join(root, "tools/build.ts"), "--version", newVersion, "--out", build],
    {},
  );
  assert.equal(built.code, 0, built.err);
  const next = (...args: string[]) =>
    runProgram([process.execPath, join(build, "bin.cjs"), ...args], { env: environment });
  const mustNext = async (...args: string[]) => {
    const { code, out, err } = await next(...args);
    assert.equal(code, 0, `${args.join(" ")}: ${err}${out}`);
    return `${out}${err}`;
  };
  const versions = async () => {
    const form = 'jsonpath={range .items[*]}{.metadata.name}{" "}{.status.nodeInfo.kubeletVersion}{"\\n"}{end}';
    const lines = (await kubectl("get", "nodes", "-o", form)).trim().split("\n");
    return Object.fromEntries(lines.map((line) => [line.split(" ")[0]!, line.split("+slipway.")[1]!]));
  };

  await t.test("up, with something that runs", async () => {
    await must("up", "--config", file);
    writeFileSync(join(folder, "web.yaml"), workload);
    await kubectl("apply", "-f", join(folder, "web.yaml"));
    await kubectl("rollout", "status", "deployment/web", "--timeout=180s");
    assert.deepEqual(await versions(), { [first!]: oldVersion, [worker1!]: oldVersion, [worker2!]: oldVersion });
  });

  await t.test("control planes first; there it pauses, and status tells", async () => {
    const said = await mustNext("upgrade", "--pause-after", "control-planes", "--gate", `echo well >>${gates}`);
    assert.match(said, /Paused\./);
    assert.deepEqual(await versions(), { [first!]: newVersion, [worker1!]: oldVersion, [worker2!]: oldVersion });
    assert.match(await mustNext("status"), /: 4 of 8 steps done; next: Upgrade farup-worker-1\n/);
    assert.match((await next("scale", "worker=3")).err, /an upgrade to 1\.\d+\.\d+\+slipway\.99\.0\.0 is under way/);
  });

  await t.test("it goes on as it began; the budget is kept, and every look was had", async () => {
    const form = 'jsonpath={.status.availableReplicas}{"\\n"}';
    const watched = spawn(join(root, "slipway"), ["kubectl", "get", "deployment", "web", "--watch", "-o", form], {
      env: environment,
      stdio: ["ignore", "pipe", "ignore"],
    });
    let seen = "";
    watched.stdout.setEncoding("utf8").on("data", (text: string) => {
      seen += text;
    });
    try {
      await mustNext("upgrade", "--resume");
    } finally {
      watched.kill();
    }
    await once(watched, "close");
    const available = seen.trimEnd().split("\n").map(Number);
    assert.ok(available.length > 2 && available.every((count) => count >= 1), seen);
    assert.deepEqual(await versions(), { [first!]: newVersion, [worker1!]: newVersion, [worker2!]: newVersion });
    assert.equal(readFileSync(gates, "utf8"), "well\n".repeat(3));
  });

  await t.test("the older program does not take it back", async () => {
    assert.match((await slipway("upgrade", "--name", "farup")).err, /which is newer/);
  });

  await t.test("a new machine takes a worker's place, and is there first", async () => {
    await mustNext("scale", "worker=1");
    const plan = await mustNext("upgrade", "--replace", "--plan");
    assert.match(plan, /Make farup-worker-2 .*\n.*Remove farup-worker-1 /);
    await mustNext("upgrade", "--replace");
    assert.deepEqual(await versions(), { [first!]: newVersion, [worker2!]: newVersion });
    await kubectl("rollout", "status", "deployment/web", "--timeout=60s");
  });

  await t.test("down: nothing is left", async () => {
    await mustNext("down", "--name", "farup");
    const found = findNew(before, scanMachine(options), belongsTo("farup", folder));
    // kubectl keeps what it has discovered; the build is the test's own.
    const ours = [join(folder, ".kube"), build, file, gates, join(folder, "web.yaml")].map((path) => `file ${path}`);
    assert.deepEqual(
      found.filter((line) => !ours.some((own) => line.startsWith(own))),
      [],
    );
  });
});
