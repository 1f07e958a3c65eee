// What certs renew and store restore do on machines of k3s that only pretend: the scripts are run, k3s is not.

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { BootstrapMachine, DataRestore } from "../../../src/bootstrap/distribution.ts";
import { k3sDistribution } from "../../../src/bootstrap/k3s/distribution.ts";
import { createPretendMachine, type PretendMachine } from "../../support/bootstrap/pretend-machine.ts";
import { sampleInput, sampleMachines } from "../../support/bootstrap/sample-input.ts";

const { config, controlPlanes } = sampleInput({ distribution: { type: "k3s" } }, "init");
const care = k3sDistribution.certificates(config);
const { init, "join-control-plane": second, "join-worker": worker } = sampleMachines;
const data = "/var/lib/rancher/k3s";
const arrived = "/var/lib/slipway/k3s/arrived-data";

function startMachine(t: TestContext): PretendMachine {
  const machine = createPretendMachine(t);
  for (const name of ["client-kubelet", "serving-kubelet"]) machine.write(`${data}/agent/${name}.crt`, "certificate");
  machine.write(`${data}/server/db/etcd/name`, "old");
  machine.write(`${data}/server/db/snapshots/etcd-snapshot-1`, "kept");
  return machine;
}

test("k3s, certs renew: servers and agents by k3s' own command, between stop and start of their unit", async (t) => {
  const machine = startMachine(t);
  const calls = (unit: string) => [
    `systemctl stop ${unit}`,
    `k3s certificate rotate --data-dir ${data}`,
    `systemctl start ${unit}`,
  ];
  await machine.run(care.renew(init, ["serving-kube-apiserver"]));
  assert.deepEqual(machine.takeCalls(), calls("k3s"));
  await machine.run(care.renew(worker, ["client-kubelet"]));
  assert.deepEqual(machine.takeCalls(), calls("k3s-agent"));
  assert.deepEqual(care.renew(worker, []), []);
});

test("k3s, certs renew: where it fails the unit runs again all the same", async (t) => {
  const machine = startMachine(t);
  machine.program("k3s", "exit 1");
  await assert.rejects(machine.run(care.renew(init, ["client-admin"])));
  assert.equal(machine.takeCalls().at(-1), "systemctl start k3s");
});

async function runOn(machine: PretendMachine, restore: DataRestore, spec: BootstrapMachine): Promise<string[][]> {
  machine.write(`${arrived}/data.snapshot`, "data");
  await machine.run(restore.prepare(spec, `${arrived}/data.snapshot`));
  const calls: string[][] = [];
  for (const phase of restore.phases) {
    await machine.run(phase.commands(spec));
    calls.push(machine.takeCalls().filter((line) => /^(k3s|systemctl) /.test(line)));
  }
  return calls;
}

const reset = `--cluster-reset --cluster-reset-restore-path=${arrived}/restored.snapshot`;

test("k3s, store restore: the first server is reset to the data; the others join it anew, one after the other", async (t) => {
  const restore = k3sDistribution.describeRestore(config, { controlPlanes, token: "new" });
  assert.equal(restore.engine, "etcd");
  assert.deepEqual(
    restore.phases.map(({ inTurn = false }) => inTurn),
    [false, false, false, true, false],
  );
  const first = startMachine(t);
  first.write("/etc/rancher/k3s/config.yaml", "cluster-init: true\ntoken: secret\n");
  const [stop, start] = [["systemctl stop k3s"], ["systemctl start k3s"]];
  assert.deepEqual(await runOn(first, restore, init), [stop, [`k3s server ${reset}`], start, [], []]);
  assert.equal(readFileSync(join(first.root, data, "server/db/etcd/name"), "utf8"), "old");
  const other = startMachine(t);
  assert.deepEqual(await runOn(other, restore, second), [stop, [], [], start, []]);
  assert.deepEqual(other.list(`${data}/server`), ["db"]);
  assert.deepEqual(other.list(`${data}/server/db`), ["snapshots"]);
  assert.ok(!existsSync(join(other.root, arrived)));
});

test("k3s, store restore: a server that had joined is reset by a configuration that names no other", async (t) => {
  const restore = k3sDistribution.describeRestore(config, { controlPlanes: [second], token: "new" });
  const machine = startMachine(t);
  machine.write("/etc/rancher/k3s/config.yaml", "server: https://10.0.0.100:6443\ntoken: secret\n");
  machine.program("k3s", 'grep -q "^server:" "$3" && exit 1; grep -q "^token: secret" "$3"');
  const calls = await runOn(machine, restore, second);
  assert.deepEqual(calls[1], [`k3s server --config ${arrived}/config.yaml ${reset}`]);
  assert.equal(readFileSync(join(machine.root, "etc/rancher/k3s/config.yaml"), "utf8").split("\n").length, 3);
});

test("k3s, store restore: run again after it was cut off, what another server had first is kept until the end", async (t) => {
  const restore = k3sDistribution.describeRestore(config, { controlPlanes, token: "new" });
  const machine = startMachine(t);
  const rejoin = restore.phases[3]!.commands(second);
  await machine.run(rejoin);
  machine.write(`${data}/server/db/etcd/name`, "of the attempt");
  await machine.run(rejoin);
  assert.equal(readFileSync(join(machine.root, data, "server/db-replaced/etcd/name"), "utf8"), "old");
  assert.deepEqual(machine.list(`${data}/server/db`), ["snapshots"]);
});
