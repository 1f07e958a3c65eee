// Three control planes behind a virtual address, on booted machines: one of them lost costs nobody the API, and `up` puts it back.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { assertReady, runCluster } from "./support/cluster-run.ts";
import { machinesMissing } from "./support/machines.ts";

const names = [1, 2, 3].map((index) => `trio-control-plane-${index}`);
const allReady = Object.fromEntries(names.map((name) => [name, "True" as const]));

test("three control planes, one of them lost and put back", {
  skip: machinesMissing(),
  timeout: 900_000,
}, async (t) => {
  const virtualAddress = `${nextSubnet()}.200`;
  const cluster = await runCluster(t, {
    name: "trio",
    infrastructure: { provider: "nspawn" },
    controlPlane: { replicas: 3, virtualAddress },
    workers: [],
  });
  const { kubectl } = cluster;

  await t.test("up: three members of one store; a second up changes nothing", async () => {
    await cluster.up();
    await assertReady(cluster, allReady);
    assert.deepEqual(await cluster.up(), ["verify/nodes"]);
  });

  await t.test("the machine that has the virtual address dies: the API answers, no write is lost", async () => {
    await kubectl("create", "configmap", "before");
    const lost = names.find((name) => run("ip", "-n", netnsOf(name), "-4", "address").includes(virtualAddress));
    assert.ok(lost, "one of them has the virtual address");
    run("kill", "-KILL", ...run("ip", "netns", "pids", netnsOf(lost)).trim().split("\n"));
    await whenAnswered(() => kubectl("create", "configmap", "after"));
    assert.match(await kubectl("get", "configmaps", "-o", "name"), /configmap\/after\nconfigmap\/before\n/);
    await kubectl("wait", "--for=condition=Ready=Unknown", `node/${lost}`, "--timeout=180s");
    await assertReady(cluster, { ...allReady, [lost]: "Unknown" });
  });

  await t.test("up puts the lost one back", async () => {
    await cluster.up();
    await kubectl("wait", "--for=condition=Ready", "node", "--all", "--timeout=60s");
    assert.match(await kubectl("get", "configmaps", "-o", "name"), /configmap\/after\nconfigmap\/before\n/);
  });

  await t.test("down: nothing is left", async () => assert.deepEqual(await cluster.down(), []));
});

/** Another machine needs seconds to take the address; meanwhile nobody answers there. */
async function whenAnswered(request: () => Promise<string>): Promise<void> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    try {
      return void (await request());
    } catch (error) {
      if (Date.now() > deadline || !/connect|timeout|EOF/.test(String(error))) throw error;
    }
  }
}

/** The first three numbers of the addresses a new cluster's machines get: the first of 10.90 that no route of this machine covers. */
function nextSubnet(): string {
  const routes = JSON.parse(run("ip", "-j", "-4", "route")) as { dst: string }[];
  const taken = new Set(routes.map(({ dst }) => dst.split(".").slice(0, 3).join(".")));
  return Array.from({ length: 256 }, (_, index) => `10.90.${index}`).find((subnet) => !taken.has(subnet))!;
}

/** As the provider names it. */
function netnsOf(machine: string): string {
  return `slipway.${machine.replace("-", ".")}`;
}

function run(program: string, ...args: readonly string[]): string {
  return execFileSync(program, args, { encoding: "utf8" });
}
