// What certs renew and store restore do on machines of kubeadm that only pretend: the scripts are run, upstream's programs are not.

import assert from "node:assert/strict";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { DataRestore } from "../../../src/bootstrap/distribution.ts";
import { kubeadmDistribution } from "../../../src/bootstrap/kubeadm/distribution.ts";
import { createPretendMachine, type PretendMachine } from "../../support/bootstrap/pretend-machine.ts";
import { sampleInput, sampleMachines } from "../../support/bootstrap/sample-input.ts";

const { config, controlPlanes } = sampleInput({ distribution: { type: "kubeadm" } }, "init");
const care = kubeadmDistribution.certificates(config);
const { init, "join-worker": worker } = sampleMachines;
const pods = ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"];
const manifests = pods.map((name) => `${name}.yaml`);
const all = [
  ...["admin.conf", "apiserver", "apiserver-etcd-client", "apiserver-kubelet-client", "controller-manager.conf"],
  ...["etcd/peer", "etcd/server", "front-proxy-client", "scheduler.conf", "kubelet-client-current", "kubelet"],
];

function startControlPlane(t: TestContext): PretendMachine {
  const machine = createPretendMachine(t);
  for (const file of manifests) {
    machine.write(`/etc/kubernetes/manifests/${file}`, "spec:\n  - image: registry.k8s.io/etcd:3.6.8-0\n");
  }
  machine.write("/var/lib/etcd/member/db", "old");
  machine.program(
    "systemctl",
    'mkdir -p "$root/var/lib/kubelet/pki"; echo new >"$root/var/lib/kubelet/pki/kubelet.crt"',
  );
  return machine;
}

/** Without containerd's, which are asked over and over. */
function take(machine: PretendMachine): string[] {
  return machine.takeCalls().filter((line) => !/^ctr .*(containers|tasks) list/.test(line));
}

const ready =
  "kubectl --kubeconfig /etc/kubernetes/admin.conf --server=https://10.0.0.1:6443 --request-timeout=5s get --raw /readyz";

test("kubeadm, certs renew: all at once by kubeadm, then the static Pods anew until the API answers; the kubelet's own", async (t) => {
  const machine = startControlPlane(t);
  await machine.run(care.renew(init, all));
  assert.deepEqual(take(machine), ["kubeadm certs renew all", ready, "systemctl restart kubelet"]);
  assert.deepEqual(machine.list("/etc/kubernetes/manifests"), manifests);
  assert.deepEqual(machine.list("/etc/kubernetes/slipway-held"), []);
});

test("kubeadm, certs renew: only those that are named; nothing is started anew for people's; a worker has one", async (t) => {
  const machine = startControlPlane(t);
  await machine.run(care.renew(init, ["etcd/server", "admin.conf"]));
  assert.deepEqual(take(machine), ["kubeadm certs renew etcd-server", "kubeadm certs renew admin.conf", ready]);
  await machine.run(care.renew(init, ["admin.conf"]));
  assert.deepEqual(take(machine), ["kubeadm certs renew admin.conf"]);
  await machine.run(care.renew(worker, ["kubelet-client-current", "kubelet"]));
  assert.deepEqual(take(machine), ["systemctl restart kubelet"]);
  assert.deepEqual(care.renew(worker, ["kubelet-client-current", "external-etcd/client"]), []);
  assert.ok(all.every((name) => name !== "kubelet-client-current" || care.leftAlone![name]));
});

test("kubeadm, certs renew: what fails comes before anything stops; what an attempt had stopped runs again first", async (t) => {
  const machine = startControlPlane(t);
  machine.program("kubeadm", "exit 1");
  await assert.rejects(machine.run(care.renew(init, ["apiserver"])));
  assert.deepEqual(machine.list("/etc/kubernetes/manifests"), manifests);
  machine.program("kubeadm", "");
  // Killed after it had moved them away.
  for (const file of manifests) machine.write(`/etc/kubernetes/slipway-held/${file}`, "kept");
  rmSync(join(machine.root, "/etc/kubernetes/manifests/kube-apiserver.yaml"));
  take(machine);
  await machine.run(care.renew(init, ["apiserver"]));
  assert.deepEqual(take(machine), [ready, "kubeadm certs renew apiserver", ready]);
  assert.deepEqual(machine.list("/etc/kubernetes/manifests"), manifests);
});

test("kubeadm, certs renew: where containerd does not tell, nothing counts as stopped, and the manifests are put back", async (t) => {
  const machine = startControlPlane(t);
  machine.program("date", 'n=$(cat "$root/time" 2>/dev/null || echo 0); echo $((n + 100)) | tee "$root/time"');
  machine.program("sleep", "");
  machine.program("ctr", "exit 1");
  await assert.rejects(machine.run(care.renew(init, ["apiserver"])), (error: Error & { stderr?: string }) => {
    assert.match(error.stderr ?? "", /etcd still runs: does the kubelet\?/);
    return true;
  });
  assert.deepEqual(machine.list("/etc/kubernetes/manifests"), manifests);
});

async function runPhases(machine: PretendMachine, restore: DataRestore, until = restore.phases.length) {
  await machine.run(restore.prepare(init, "/var/lib/slipway/kubeadm/arrived-data/data.snapshot"));
  for (const phase of restore.phases.slice(0, until)) await machine.run(phase.commands(init));
}

test("kubeadm, store restore: a member of the new cluster by etcd's own tool; API servers, then etcd stop, and start the other way", async (t) => {
  const machine = startControlPlane(t);
  const restore = kubeadmDistribution.describeRestore(config, { controlPlanes, token: "new" });
  assert.equal(restore.engine, "etcd");
  await machine.run(restore.prepare(init, "/var/lib/slipway/kubeadm/arrived-data/data.snapshot"));
  const prepared = take(machine);
  assert.ok(prepared.some((line) => /images mount registry.k8s.io\/etcd:3.6.8-0 /.test(line)));
  assert.equal(
    prepared.at(-1),
    "etcdutl snapshot restore /var/lib/slipway/kubeadm/arrived-data/data.snapshot --data-dir /var/lib/etcd/slipway-restored " +
      "--name demo-control-plane-1 --initial-cluster demo-control-plane-1=https://10.0.0.1:2380,demo-control-plane-2=https://10.0.0.2:2380 " +
      "--initial-cluster-token new --initial-advertise-peer-urls https://10.0.0.1:2380",
  );
  const running: string[] = [];
  for (const phase of restore.phases) {
    assert.ok(!phase.inTurn);
    await machine.run(phase.commands(init));
    running.push(machine.list("/etc/kubernetes/manifests").join(" "));
  }
  const everything = manifests.join(" ");
  assert.deepEqual(running, ["etcd.yaml", "", "", "etcd.yaml", everything, everything]);
  assert.equal(take(machine).at(-1), ready);
  assert.equal(readFileSync(join(machine.root, "var/lib/etcd/member/db"), "utf8"), "new\n");
  assert.deepEqual(machine.list("/var/lib/etcd"), ["member"]);
});

test("kubeadm, store restore: cut off after any phase it goes on from the first, and keeps what there was until the end", async (t) => {
  const restore = kubeadmDistribution.describeRestore(config, { controlPlanes, token: "new" });
  for (const cut of restore.phases.keys()) {
    const machine = startControlPlane(t);
    await runPhases(machine, restore, cut);
    if (cut > 2) assert.equal(readFileSync(join(machine.root, "var/lib/etcd/slipway-replaced/db"), "utf8"), "old");
    await runPhases(machine, restore, restore.phases.length - 1);
    assert.equal(readFileSync(join(machine.root, "var/lib/etcd/slipway-replaced/db"), "utf8"), "old");
    await runPhases(machine, restore);
    assert.deepEqual(machine.list("/etc/kubernetes/manifests"), manifests);
    assert.ok(!existsSync(join(machine.root, "var/lib/etcd/slipway-replaced")));
  }
});

test("kubeadm, store restore: without a tool that restores, it says so before anything stops", async (t) => {
  const machine = startControlPlane(t);
  machine.program("etcdutl-in-image", "");
  const restore = kubeadmDistribution.describeRestore(config, { controlPlanes, token: "new" });
  await assert.rejects(machine.run(restore.prepare(init, "/file")), (error: Error & { stderr?: string }) => {
    assert.match(error.stderr ?? "", /neither etcd's image nor this machine has an etcdutl/);
    return true;
  });
  assert.deepEqual(machine.list("/etc/kubernetes/manifests"), manifests);
});
