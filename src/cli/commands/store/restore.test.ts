import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { exitCodes } from "#shared";
import { startSession } from "../../test-session.ts";

test("store restore, compact, defragment: refused where others keep the data; restored where etcd runs on control planes", async (t) => {
  const { run, pretendCluster, folder } = startSession(t);
  writeFileSync(join(folder, "data"), "");
  await pretendCluster("upstream", { infrastructure: { provider: "nspawn" }, distribution: { type: "kubeadm" } });
  await pretendCluster("light", { infrastructure: { provider: "nspawn" }, distribution: { type: "k3s" } });
  await pretendCluster("managed", { infrastructure: { provider: "eks", region: "eu-central-1" } });
  const refuse = async (words: readonly string[], refusal: RegExp) => {
    const { code, err } = await run("store", ...words);
    assert.equal(code, exitCodes.config);
    assert.match(err, refusal);
  };
  for (const words of ["compact", "defragment"]) {
    await refuse([words, "--name", "upstream"], /slipway does not do that for distribution kubeadm\n/);
    await refuse([words, "--name", "light"], /slipway does not do that for distribution k3s\n/);
    await refuse([words, "--name", "managed"], /it is the cloud's \(provider eks\)/);
  }
  await refuse(["restore", "data", "--name", "managed"], /it is the cloud's \(provider eks\)/);
  for (const name of ["upstream", "light"]) {
    assert.match((await run("store", "restore", "data", "--name", name)).err, /no control plane is left/);
  }
});

test("store restore: an etcd of one's own is restored with its own tools, whatever the distribution", async (t) => {
  const { run, pretendCluster, folder } = startSession(t);
  writeFileSync(join(folder, "data"), "");
  const etcd = { endpoints: ["https://192.0.2.9:2379"], caFile: "/ca", certFile: "/crt", keyFile: "/key" };
  for (const type of ["kubeadm", "k3s"] as const) {
    await pretendCluster(type, {
      infrastructure: { provider: "nspawn" },
      distribution: { type },
      controlPlane: { etcd },
    });
    const { err } = await run("store", "restore", "data", "--name", type);
    assert.match(err, /its data is in etcd\n.*`etcdutl snapshot restore` on each of its members/);
  }
});

test("store restore: a cluster elsewhere needs a control plane, and data of its engine", async (t) => {
  const { run, pretendCluster, folder, home } = startSession(t);
  writeFileSync(join(folder, "data"), "no snapshot");
  await pretendCluster("remote", {
    infrastructure: { provider: "nspawn" },
    distribution: { type: "slipway", etcd: true },
  });
  const none = await run("store", "restore", "data");
  assert.match(none.err, /no control plane is left that could have the data/);
  const machine = { name: "remote-control-plane-1", role: "control-plane", address: "192.0.2.1", duty: "init" };
  const machines = [{ ...machine, access: { kind: "none" } }];
  writeFileSync(join(home, "clusters/remote/machines.json"), JSON.stringify(machines));
  const unknown = await run("store", "restore", "data", "--without", "other");
  assert.equal(unknown.code, exitCodes.notFound);
  assert.match(unknown.err, /without other: it is none of its control planes\n {2}There are: remote-control-plane-1/);
  assert.match((await run("store", "restore", "data")).err, /Cannot restore .*data: it is no snapshot of etcd/);
});

test("store restore: one that was cut off is to be gone on with before anything else", async (t) => {
  const { run, pretendCluster, home } = startSession(t);
  await pretendCluster("demo");
  writeFileSync(join(home, "clusters/demo/restoring.json"), JSON.stringify({ file: "/saved" }));
  for (const words of [["start"], ["certs", "renew"]]) {
    const { code, err } = await run(...words);
    assert.equal(code, exitCodes.conflict);
    assert.match(
      err,
      /a restore of its data was cut off\n {2}Go on with it: slipway store restore \/saved --name demo/,
    );
  }
});
