// A cluster of simulated nodes as anybody can have it, without root: turned up, scaled, used with kubectl, stopped, taken down.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { buildFirst, createSandbox, type Sandbox } from "./support/slipway.ts";

const noKubectl = spawnSync("kubectl", ["version", "--client"]).status === 0 ? false : "kubectl is not installed";

test("simulated nodes, without root", { skip: noKubectl }, async (t) => {
  await buildFirst();
  const sandbox = createSandbox(t, { withoutRoot: true });
  const { slipway, must, kubectl } = sandbox;

  await t.test("up: where containers cannot run, one line says so, and nodes are simulated", async () => {
    const { code, err } = await slipway("up", "--name", "sham", "--workers", "0");
    assert.equal(code, 0, err);
    assert.match(
      err,
      /^slipway: containers need (root|Linux).*; so nodes are simulated, and pods only pretend to run$/m,
    );
    assert.match(err, /Cluster sham is up after .*: no nodes, context slipway-sham\./);
    assert.equal(await kubectl("get", "nodes", "-o", "name"), "");
  });

  await t.test("scaling up and down leaves the control plane alone", async () => {
    const before = await controlPlanePid(sandbox);
    await must("up", "--name", "sham", "--workers", "30");
    assert.equal((await nodes(sandbox)).length, 30);
    await must("up", "--name", "sham", "--workers", "3");
    assert.deepEqual(await nodes(sandbox), ["sham-worker-1", "sham-worker-2", "sham-worker-3"]);
    assert.match(await must("verify", "--name", "sham"), /3 simulated nodes are ready/);
    assert.equal(await controlPlanePid(sandbox), before);
  });

  await t.test(
    "a Deployment becomes available, its pods are on all nodes, each with an address of its own",
    async () => {
      await kubectl("create", "deployment", "web", "--image", "nginx", "--replicas", "9");
      await kubectl("wait", "deployment/web", "--for=condition=Available", "--timeout=60s");
      await kubectl("rollout", "status", "deployment/web", "--timeout=60s");
      const output = await kubectl(
        "get",
        "pods",
        "-o",
        'jsonpath={range .items[*]}{.spec.nodeName} {.status.podIP}{"\\n"}{end}',
      );
      const lines = output.trim().split("\n");
      assert.equal(new Set(lines.map((line) => line.split(" ")[1])).size, 9);
      assert.equal(new Set(lines.map((line) => line.split(" ")[0])).size, 3);
    },
  );

  await t.test("a Job completes", async () => {
    await kubectl("create", "job", "sum", "--image", "busybox");
    await kubectl("wait", "job/sum", "--for=condition=Complete", "--timeout=60s");
  });

  await t.test("logs, exec and port-forward say why there is nothing", async () => {
    const pod = (await kubectl("get", "pods", "-l", "app=web", "-o", "name")).split("\n")[0]!;
    for (const words of [
      ["logs", pod],
      ["exec", pod, "--", "ls"],
      ["port-forward", pod, "18080:80"],
    ]) {
      const { code, err } = await slipway("kubectl", ...words);
      assert.equal(code, 1, words[0]);
      assert.match(
        err,
        /node sham-worker-\d is simulated: nothing runs in its pods that could be read or reached/,
        words[0],
      );
    }
  });

  await t.test("node delete drains and keeps the names of the others; node add takes a free one", async () => {
    await must("node", "delete", "sham-worker-2", "--name", "sham");
    assert.deepEqual(await nodes(sandbox), ["sham-worker-1", "sham-worker-3"]);
    await kubectl("rollout", "status", "deployment/web", "--timeout=60s");
    await must("node", "add", "--count", "2", "--name", "sham");
    assert.deepEqual(await nodes(sandbox), ["sham-worker-1", "sham-worker-2", "sham-worker-3", "sham-worker-4"]);
  });

  await t.test("stop and start keep everything", async () => {
    const pods = await kubectl("get", "pods", "-o", "jsonpath={.items[*].metadata.uid}");
    await must("stop", "--name", "sham");
    await must("start", "--name", "sham");
    assert.equal(await kubectl("get", "pods", "-o", "jsonpath={.items[*].metadata.uid}"), pods);
    assert.equal((await nodes(sandbox)).length, 4);
    assert.equal(JSON.parse(await must("status", "--json", "--name", "sham")).state, "running");
  });

  await t.test("down leaves nothing", async () => {
    await must("down", "--name", "sham");
    assert.deepEqual(
      readdirSync(join(sandbox.home, "..")).filter((name) => name !== ".kube"),
      [],
    );
  });
});

async function nodes({ kubectl }: Sandbox): Promise<string[]> {
  const output = await kubectl("get", "nodes", "-o", "jsonpath={.items[*].metadata.name}");
  return output === "" ? [] : output.split(" ").toSorted();
}

async function controlPlanePid({ must }: Sandbox): Promise<number> {
  const { processes } = JSON.parse(await must("status", "--json", "--name", "sham")) as {
    processes: { state: { pid: number } }[];
  };
  return processes[0]!.state.pid;
}
