import assert from "node:assert/strict";
import { test } from "node:test";
import { checkConfig } from "./check-config.ts";
import { formatPath } from "./config-problem.ts";

function problemsOf(hosts: readonly object[], rest: object = {}): string[] {
  const infrastructure = { provider: "ssh", hosts };
  const raw = { apiVersion: "slipway.dev/v1alpha1", kind: "Cluster", infrastructure, ...rest };
  const checked = checkConfig(raw);
  return checked.config ? [] : checked.problems.map(({ path, message }) => `${formatPath(path)}: ${message}`);
}

const controlPlane = { address: "a", role: "control-plane" };

test("ssh: a control plane and a host for each worker are enough", () => {
  assert.deepEqual(problemsOf([controlPlane, { address: "b" }, { address: "c" }]), []);
});

test("ssh: too few hosts for the control plane and the pools", () => {
  assert.deepEqual(
    problemsOf([{ address: "b" }]),
    [
      "workers[0].count: wants 2 hosts for pool worker, and infrastructure.hosts has 1",
      "infrastructure.hosts: must hold 1 with role control-plane (controlPlane.replicas), and none has it",
    ].toReversed(),
  );
  const workers = [
    { name: "one", count: 1 },
    { name: "two", count: 2 },
  ];
  const hosts = [controlPlane, { address: "b", pool: "one" }, { address: "c" }, { address: "d", pool: "two" }];
  assert.deepEqual(problemsOf(hosts, { workers }), []);
  assert.deepEqual(problemsOf(hosts.slice(0, 3), { workers }), [
    "workers[1].count: wants 2 hosts for pool two, and infrastructure.hosts has 1",
  ]);
});

test("ssh: the same host twice, pools that are not there, addresses that are none", () => {
  const same = { ...controlPlane, internalAddress: "10.0.0.1" };
  assert.deepEqual(
    problemsOf([
      same,
      { ...same, role: "worker" },
      { address: "c", pool: "wroker" },
      { ...controlPlane, address: "d", pool: "worker" },
    ]),
    [
      'infrastructure.hosts[1].address: "a" is that of hosts[0] already',
      'infrastructure.hosts[1].internalAddress: "10.0.0.1" is that of hosts[0] already',
      'infrastructure.hosts[2].pool: "wroker" is not the name of a pool in workers, did you mean "worker"?',
      "infrastructure.hosts[3].pool: must not be given for a control plane",
    ],
  );
  assert.match(
    problemsOf([{ address: "-oProxyCommand=evil" }])[0]!,
    /^infrastructure\.hosts\[0\]\.address: must be an address/,
  );
  assert.match(problemsOf([{ address: "a", internalAddress: "here" }])[0]!, /must be an IPv4 address/);
});
