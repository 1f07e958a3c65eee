// What an upgrade does on a machine of kubeadm, in order, on a machine that only pretends.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { BootstrapInput, MachineDuty } from "../../../src/bootstrap/distribution.ts";
import { kubeadmDistribution } from "../../../src/bootstrap/kubeadm/distribution.ts";
import { carryOut } from "../../../src/bootstrap/remote/carry-out.ts";
import { createFakeMachine } from "../../../src/bootstrap/remote/fake-connection.ts";
import { duties, sampleInput } from "../../support/bootstrap/sample-input.ts";

function inputOf(duty: MachineDuty, kubernetesVersion: string): BootstrapInput {
  const distribution = { type: "kubeadm" as const };
  return sampleInput({ distribution, kubernetesVersion, network: { plugin: "flannel" } }, duty);
}

/** On a machine on which commands leave the marks that their scripts would. */
async function upgrade(folder: string, duty: MachineDuty): Promise<{ ran: string[]; again: string[]; sent: string[] }> {
  const sent: string[] = [];
  const file = join(folder, "program");
  writeFileSync(file, "program");
  const machine = createFakeMachine((command) => {
    if (!command.startsWith("sh ")) return undefined;
    const marks = command.match(/\/var\/lib\/slipway\/kubeadm\/[a-z0-9.-]+-(done|started)\b/g) ?? [];
    for (const mark of marks) machine.files.set(mark, { content: Buffer.from(""), mode: 0o644 });
    return undefined;
  });
  const carry = async (version: string) => {
    const described = await kubeadmDistribution.describeMachine(inputOf(duty, version));
    machine.ran.length = 0;
    sent.length = 0;
    const artifacts = {
      locate: async (name: string) => {
        sent.push(name);
        return file;
      },
      isOnline: true,
      imageArchives: async () => [],
    } as never;
    const signal = new AbortController().signal;
    await carryOut({ ...described, packages: [] }, { machine: "m", connection: machine, artifacts, signal });
    return machine.ran.filter((command) => /kubeadm (upgrade )?"\$@"|systemctl restart kubelet/.test(command));
  };
  const words = (commands: readonly string[]) => commands.map((command) => command.split(" sh /").at(-1)!);
  const first = words(await carry("1.35.8"));
  assert.equal(first.length, 1, "a new machine is of its version already");
  return { ran: words(await carry("1.36.2")), sent: [...sent], again: await carry("1.36.2") };
}

test("kubeadm upgrade: apply on the first control plane, node on all others; then the kubelet; each once", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "slipway-kubeadm-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const words = { init: "apply --yes", "join-control-plane": "node", "join-worker": "node" } as const;
  for (const duty of duties) {
    const { ran, again, sent } = await upgrade(folder, duty);
    assert.deepEqual(ran, [
      `var/lib/slipway/kubeadm/kubeadm-1.36.2-done ${words[duty]} --config /var/lib/slipway/kubeadm/upgrade.yaml`,
      "var/lib/slipway/kubeadm/programs /usr/bin /var/lib/slipway/kubeadm/kubelet-1.36.2-started",
    ]);
    assert.deepEqual(
      sent.map((name) => name.split("-")[0]),
      ["kubeadm", "kubelet", "kubectl"],
    );
    assert.deepEqual(again, []);
  }
});

test("kubeadm: etcd's data is saved where kubeadm runs etcd, and only there", () => {
  const { config } = inputOf("init", "1.36.2");
  const [command] = kubeadmDistribution.describeSnapshot!(config, "/file");
  assert.deepEqual(command!.argv.slice(-2), ["/var/lib/etcd/slipway.snapshot", "/file"]);
  const etcd = { endpoints: ["https://10.0.0.9:2379"], caFile: "/ca", certFile: "/crt", keyFile: "/key" };
  const outside = { ...config, controlPlane: { ...config.controlPlane, etcd } };
  assert.deepEqual(kubeadmDistribution.describeSnapshot!(outside, "/file"), []);
});
