// What an upgrade does on a machine of k3s, in order, on a machine that only pretends.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { MachineDuty } from "../../../src/bootstrap/distribution.ts";
import { k3sDistribution } from "../../../src/bootstrap/k3s/distribution.ts";
import { carryOut, prepareMachine } from "../../../src/bootstrap/remote/carry-out.ts";
import { createFakeMachine } from "../../../src/bootstrap/remote/fake-connection.ts";
import { duties, sampleInput } from "../../support/bootstrap/sample-input.ts";

const inputOf = (duty: MachineDuty, kubernetesVersion: string) =>
  sampleInput({ distribution: { type: "k3s" }, kubernetesVersion }, duty);

test("k3s upgrade: the program is exchanged, and only then its unit started anew", async (t) => {
  const file = join(mkdtempSync(join(tmpdir(), "slipway-k3s-")), "program");
  t.after(() => rmSync(join(file, ".."), { recursive: true }));
  writeFileSync(file, "program");
  for (const duty of duties) {
    const machine = createFakeMachine();
    const sent: string[] = [];
    const locate = async (name: string) => {
      sent.push(name);
      return file;
    };
    const artifacts = { locate, isOnline: true, imageArchives: async () => [] } as never;
    const target = { machine: "m", connection: machine, artifacts, signal: new AbortController().signal };
    const describe = async (version: string) => {
      return { ...(await k3sDistribution.describeMachine(inputOf(duty, version))), packages: [] };
    };
    await carryOut(await describe("1.35.8"), target);
    machine.ran.length = 0;
    // What takes long is brought while pods still run there.
    await prepareMachine(await describe("1.36.2"), target);
    assert.deepEqual(sent, ["k3s-1.35.8+k3s1-linux-amd64", "k3s-1.36.2+k3s1-linux-amd64"]);
    const unit = duty === "join-worker" ? "k3s-agent" : "k3s";
    const restarts = () => machine.ran.filter((command) => command.startsWith("systemctl restart"));
    assert.deepEqual(restarts(), []);
    await carryOut(await describe("1.36.2"), target);
    assert.deepEqual(restarts(), [`systemctl restart ${unit}`]);
    await carryOut(await describe("1.36.2"), target);
    assert.deepEqual(restarts().length, 1);
  }
});

test("k3s: etcd's data is saved where k3s runs etcd, and only there", () => {
  const { config } = inputOf("init", "1.36.2");
  const [command] = k3sDistribution.describeSnapshot!(config, "/file");
  assert.match(command!.argv.join(" "), /"\$1" etcd-snapshot save/);
  assert.equal(command!.argv.at(-1), "/file");
  const etcd = { endpoints: ["https://10.0.0.9:2379"], caFile: "/ca", certFile: "/crt", keyFile: "/key" };
  const outside = { ...config, controlPlane: { ...config.controlPlane, etcd } };
  assert.deepEqual(k3sDistribution.describeSnapshot!(outside, "/file"), []);
});
