import assert from "node:assert/strict";
import { test } from "node:test";
import { kubeadmDistribution } from "#bootstrap";
import { resolveConfig } from "#config";
import { FakeClock, UserError } from "#shared";
import { clusterPaths } from "../cluster-folder.ts";
import type { PlanInput } from "../plan-input.ts";
import { renewCertificatesOf } from "./machine-care.ts";
import type { RecordedMachine } from "./machines-file.ts";

function startScene(t: { readonly signal: AbortSignal }, fails?: RegExp) {
  const config = resolveConfig({
    name: "demo",
    infrastructure: { provider: "nspawn" },
    distribution: { type: "kubeadm" },
  });
  const titles: string[] = [];
  const events: string[] = [];
  const connect = async () => {
    events.push("open");
    return {
      exec: async (argv: readonly string[]) => {
        if (fails?.test(argv.join(" "))) throw new Error("it is broken");
        return { code: 0, stdout: "", stderr: "" };
      },
      close: async () => void events.push("close"),
    };
  };
  // No API server answers: nothing here may ask one.
  const paths = clusterPaths("/nowhere", "demo");
  const input = { config, paths, remote: { distribution: kubeadmDistribution, connect } } as unknown as PlanInput;
  const renew = (role: RecordedMachine["role"], names: readonly string[]) => {
    const access = { kind: "ssh", host: "m" } as const;
    const machine: RecordedMachine = { name: "demo-1", role, pool: "", address: "10.0.0.1", access, handle: {} };
    const report = (title: string) => void titles.push(title);
    return renewCertificatesOf(input, machine, names, { signal: t.signal, clock: new FakeClock(), report });
  };
  return { renew, titles, events };
}

test("renewCertificatesOf, kubeadm: issued anew before anything is started anew, by one connection; the cluster is not asked", async (t) => {
  const { renew, titles, events } = startScene(t);
  await renew("control-plane", ["apiserver", "kubelet"]);
  assert.deepEqual(titles, [
    "See that all static Pods run",
    "Issue certificates anew: kubeadm certs renew apiserver",
    "Start the static Pods anew",
    "Start the kubelet with a new certificate",
  ]);
  await renew("worker", ["kubelet"]);
  assert.equal(titles.length, 5);
  assert.deepEqual(events, ["open", "close", "open", "close"]);
});

test("renewCertificatesOf: a machine that leaves them all alone is not even connected to", async (t) => {
  const { renew, events } = startScene(t);
  await renew("worker", ["kubelet-client-current"]);
  assert.deepEqual(events, []);
});

test("renewCertificatesOf: what fails says where, and nothing after it is begun", async (t) => {
  const { renew, titles, events } = startScene(t, /kubeadm certs renew/);
  await assert.rejects(renew("control-plane", ["apiserver"]), (error) => {
    assert.ok(error instanceof UserError);
    assert.match(error.message, /^demo-1: cannot issue certificates anew: kubeadm certs renew apiserver: it is broken/);
    return true;
  });
  assert.equal(titles.length, 2);
  assert.deepEqual(events, ["open", "close"]);
});
