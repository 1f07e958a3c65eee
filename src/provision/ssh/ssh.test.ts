import assert from "node:assert/strict";
import { test } from "node:test";
import { resolveConfig, type SshInfrastructure } from "#config";
import type { MachineSpec } from "../provider.ts";
import { type Assignment, assignHost, givenKeys, type Inventory, releaseHost } from "./assignment.ts";
import { renderClientConfig, type SshAccess } from "./client-config.ts";
import { explainFailure } from "./explain-failure.ts";
import { quoteArguments } from "./quote.ts";
import { parseSurvey, refuseHost } from "./survey.ts";

const access: SshAccess = { kind: "ssh", host: "10.0.0.5" };

test("quoteArguments: plain words stay readable, others are quoted whole", () => {
  assert.equal(quoteArguments(["ls", "-l", "/a/b"]), "ls -l /a/b");
  assert.equal(quoteArguments(["it's", "", "a b", "$x"]), "'it'\\''s' '' 'a b' '$x'");
});

test("renderClientConfig: what is set comes before the person's own, for jump hosts as well", () => {
  const full = {
    ...access,
    port: 2222,
    user: "admin",
    identityFile: "/keys/100%",
    jumpHosts: ["a@gate:22", "inner"],
    knownHostsFile: "/c/known_hosts",
  };
  const text = renderClientConfig(full, ["/home/me/.ssh/config"]);
  assert.match(
    text,
    /^Host 10\.0\.0\.5\n {2}User "admin"\n {2}Port 2222\n {2}ProxyJump a@gate:22,inner\nHost \*\n {2}BatchMode yes\n/,
  );
  assert.match(text, /\n {2}IdentityFile "\/keys\/100%%"\n/);
  assert.match(text, /\n {2}UserKnownHostsFile "\/c\/known_hosts"\n.*\n {2}StrictHostKeyChecking accept-new\n/);
  assert.match(text, /\nHost \*\n {2}Include "\/home\/me\/\.ssh\/config"\n$/);
  const bare = renderClientConfig(access, []);
  assert.match(bare, /StrictHostKeyChecking yes/);
  assert.doesNotMatch(bare, /User |Port |IdentityFile|ProxyJump|KnownHosts/);
});

test("explainFailure: says what is the matter, and what to do", () => {
  const cases: Readonly<Record<string, string>> = {
    "ssh: connect to host h port 22: Connection refused": "nothing listens there",
    "ssh: connect to host h port 22: Connection timed out": "it does not answer",
    "ssh: connect to host h port 22: No route to host": "it does not answer",
    "root@h: Permission denied (publickey,password).": "it does not let us in",
    "No ED25519 host key is known for h and you have requested strict checking.\nHost key verification failed.":
      "its host key is not known",
    "ssh: Could not resolve hostname h: Name or service not known": "its name is not known",
    "something else": "something else",
    "": "ssh ended without a word",
  };
  for (const [said, state] of Object.entries(cases)) {
    const error = explainFailure("w", { ...access, user: "u", port: 23 }, said);
    assert.equal(error.message, `Cannot reach machine w (-p 23 u@10.0.0.5): ${state}`);
    assert.ok(error.hints.length > 0);
  }
  const changed =
    "@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\nAdd correct host key in /k to get rid of this message.\nOffending ED25519 key in /k:3\nHost key verification failed.";
  const error = explainFailure("w", access, changed);
  assert.match(error.message, /its host key is not the one that is known$/);
  assert.match(error.hints.at(-1)!, /ssh-keygen -R 10\.0\.0\.5 -f \/k$/);
});

function inventory(hosts: readonly object[]): Inventory {
  const infrastructure = { provider: "ssh", jumpHosts: [], sudo: false, hostKeys: "accept-new", hosts };
  return { infrastructure: infrastructure as unknown as SshInfrastructure, clusterFolder: "/c", cluster: "demo" };
}

const empty: Assignment = { owner: "me", machines: {}, released: [] };
const worker = (number: number): MachineSpec => ({ name: `demo-worker-${number}`, role: "worker", pool: "worker" });

function hostsOf({ machines }: Assignment): Record<string, string> {
  return Object.fromEntries(Object.entries(machines).map(([name, host]) => [name, host.access.host]));
}

test("assignHost: by name, then by number, then whatever is free; what is assigned stays", () => {
  const all = inventory([
    { address: "a", role: "control-plane" },
    { address: "b", role: "worker", pool: "worker" },
    { address: "c", role: "worker", name: "worker-3" },
    { address: "d", role: "worker" },
  ]);
  const control: MachineSpec = { name: "demo-control-plane-1", role: "control-plane", pool: "" };
  const specs = [control, worker(1), worker(2), worker(3)];
  const assigned = specs.reduce((before, spec) => assignHost(before, all, spec), empty);
  assert.deepEqual(hostsOf(assigned), {
    "demo-control-plane-1": "a",
    "demo-worker-1": "b",
    "demo-worker-2": "d",
    "demo-worker-3": "c",
  });
  assert.equal(assignHost(assigned, inventory([]), worker(1)), assigned, "also where the inventory has changed");
  assert.throws(() => assignHost(assigned, all, worker(4)), /no host is free for pool worker/);
  const after = releaseHost(assigned, "demo-worker-1");
  assert.equal(after.released[0]!.access.host, "b");
  assert.deepEqual(hostsOf(assignHost(after, all, worker(4)))["demo-worker-4"], "b");
  assert.deepEqual(assignHost(after, all, worker(4)).released, []);
});

test("givenKeys: as known_hosts wants them", () => {
  const { infrastructure } = inventory([
    { address: "a", hostKey: "ssh-ed25519 AAAA" },
    { address: "b", port: 2222, hostKey: "ssh-ed25519 BBBB" },
    { address: "c" },
  ]);
  assert.deepEqual(givenKeys(infrastructure), ["a ssh-ed25519 AAAA", "[b]:2222 ssh-ed25519 BBBB"]);
});

test("parseSurvey, refuseHost: what a host is, and why it cannot be a node", () => {
  const said =
    "machine=x86_64\nhostname=one\nsystemd=yes\nsystem=Debian GNU/Linux 12 (bookworm)\naddresses=10.0.0.5 192.168.1.2 \nmain=10.0.0.5\n";
  const survey = parseSurvey(said);
  assert.deepEqual(survey, {
    architecture: "amd64",
    system: "Debian GNU/Linux 12 (bookworm)",
    hostname: "one",
    addresses: ["10.0.0.5", "192.168.1.2"],
    mainAddress: "10.0.0.5",
    hasSystemd: true,
  });
  refuseHost("h", survey);
  assert.throws(() => refuseHost("h", parseSurvey(said.replace("systemd=yes\n", ""))), /systemd does not run there/);
  assert.throws(() => refuseHost("h", parseSurvey(said.replace("x86_64", "riscv64"))), /its processor is riscv64/);
});

test("resolveConfig: an inventory of hosts", () => {
  const hosts = [{ address: "a", role: "control-plane" as const }, { address: "b" }, { address: "c" }];
  const { infrastructure } = resolveConfig({ infrastructure: { provider: "ssh", hosts } });
  assert.deepEqual(infrastructure, {
    provider: "ssh",
    jumpHosts: [],
    sudo: false,
    hostKeys: "accept-new",
    hosts: [hosts[0], { address: "b", role: "worker" }, { address: "c", role: "worker" }],
  });
});
