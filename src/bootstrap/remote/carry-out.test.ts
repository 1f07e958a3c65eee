import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock, UserError } from "#shared";
import type { ArtifactSource } from "../artifacts/artifact.ts";
import type { MachineDescription } from "../machine-description.ts";
import { reportPath } from "../report.ts";
import { carryOut, findRemoteDifference, type RemoteTarget } from "./carry-out.ts";
import { createFakeMachine, type FakeAnswer, type FakeMachine } from "./fake-connection.ts";
import { takeOff } from "./take-off.ts";

const noArtifacts: ArtifactSource = {
  title: "nothing",
  isOnline: false,
  locate: async (name) => Promise.reject(new UserError(`${name} is missing`)),
  read: async () => new Uint8Array(),
  packageRepository: async () => undefined,
  imageArchives: async () => [],
};

const description: MachineDescription = {
  packages: ["runc", "nftables"],
  files: [
    { path: "/etc/app.json", content: '{"a":1}' },
    { path: "/etc/app.key", content: "-----BEGIN-----\nMIGHAgEAMBMGByqG123\n", mode: 0o600, secret: true },
  ],
  commands: [
    { argv: ["modprobe", "overlay"], title: "Load modules" },
    { argv: ["app", "init"], creates: "/var/lib/app" },
  ],
  units: [{ name: "app", argv: ["/opt/app", "serve it"], after: [], ready: { kind: "notify" } }],
};

const usual = (command: string): FakeAnswer | undefined => {
  if (command.startsWith("sh -c command -v")) return { stdout: "/usr/bin/apt-get\n" };
  if (command.startsWith("dpkg-query")) return { code: 1, stdout: "installed runc\n", stderr: "no nftables" };
  return undefined;
};

function targetOf(connection: FakeMachine, more: Partial<RemoteTarget> = {}): RemoteTarget {
  const signal = new AbortController().signal;
  return { machine: "demo-1", connection, artifacts: noArtifacts, signal, clock: new FakeClock(), ...more };
}

test("carryOut: packages that are missing, files, commands that were not run, units; then nothing differs", async () => {
  const machine = createFakeMachine(usual);
  machine.files.set("/var/lib/app", { content: Buffer.alloc(0), mode: 0o755 });
  const target = targetOf(machine);
  assert.equal(await findRemoteDifference(description, target), "was never set up");
  const report = await carryOut(description, target);
  assert.equal(report.state, "done");
  assert.equal(machine.files.get("/etc/app.key")?.mode, 0o600);
  assert.match(
    machine.files.get("/etc/systemd/system/app.service")!.content.toString(),
    /ExecStart=\/opt\/app "serve it"/,
  );
  const installs = machine.ran.filter((command) => command.includes("apt-get") && command.includes("install"));
  assert.deepEqual(
    installs.map((command) => command.split(" ").at(-1)),
    ["nftables"],
  );
  assert.ok(machine.ran.includes("modprobe overlay"));
  assert.ok(!machine.ran.includes("app init"));
  assert.ok(machine.ran.includes("systemctl restart app"));
  assert.deepEqual(
    report.commands.filter(({ skipped }) => skipped).map(({ title }) => title),
    ["app init"],
  );

  const active = createFakeMachine((command) => (command.includes("is-active") ? { stdout: "active\n" } : undefined));
  for (const [path, file] of machine.files) active.files.set(path, file);
  assert.equal(await findRemoteDifference(description, targetOf(active)), undefined);
  const idle = createFakeMachine(() => ({ code: 3, stdout: "inactive\n" }));
  for (const [path, file] of machine.files) idle.files.set(path, file);
  assert.equal(await findRemoteDifference(description, targetOf(idle)), "app does not run");
  const changed = { ...description, files: [{ path: "/etc/app.json", content: "{}" }, description.files[1]!] };
  assert.equal(await findRemoteDifference(changed, targetOf(active)), "settings changed (app.json)");
});

test("carryOut: what fails names machine, task, exit code and last words, without secrets; the report says the same", async () => {
  const machine = createFakeMachine((command) =>
    command === "modprobe overlay"
      ? { code: 7, stderr: "no module here, key MIGHAgEAMBMGByqG123, token abcdef.0123456789abcdef\n" }
      : usual(command),
  );
  const target = targetOf(machine, { secrets: ["abcdef.0123456789abcdef"] });
  const failure = await carryOut(description, target).then(
    () => assert.fail("it must fail"),
    (error: unknown) => error as UserError,
  );
  assert.equal(failure.message, "demo-1: cannot load modules: exit code 7");
  assert.deepEqual(failure.hints, ["It ended with:", "  no module here, key ***, token ***"]);
  const report = machine.files.get(reportPath)!.content.toString();
  assert.equal(JSON.parse(report).state, "failed");
  assert.equal(JSON.parse(report).commands.at(-1).exitCode, 7);
  assert.ok(!report.includes("MIGHAgEAMBMGByqG123"));
  assert.equal(await findRemoteDifference(description, target), "setting it up failed");
});

test("carryOut: a unit that does not start shows the end of its journal", async () => {
  const machine = createFakeMachine((command) => {
    if (/^systemctl (re)?start app$/.test(command)) return { code: 1, stderr: "Job for app.service failed.\n" };
    if (command.startsWith("journalctl")) return { stdout: "app: port 80 is taken\n" };
    return usual(command);
  });
  await assert.rejects(carryOut(description, targetOf(machine)), (error: UserError) => {
    assert.equal(error.message, "demo-1: cannot start app: exit code 1");
    assert.ok(error.hints.includes("  app: port 80 is taken"));
    return true;
  });
});

test("carryOut: an artifact that is not to be had says which", async () => {
  const machine = createFakeMachine(usual);
  const wanted = { ...description, artifacts: [{ name: "kubelet-1.36.2-linux-amd64", path: "/usr/bin/kubelet" }] };
  await assert.rejects(
    carryOut(wanted, targetOf(machine)),
    /demo-1: cannot find its programs in the bundle: kubelet-1\.36\.2-linux-amd64 is missing/,
  );
});

test("carryOut: a unit that was written and not started anew by the run before is started anew", async () => {
  const machine = createFakeMachine(usual);
  await carryOut(description, targetOf(machine));
  const [unit] = description.units;
  const changed = { ...description, units: [{ ...unit!, argv: ["/opt/app", "other"] }] };
  const broken = createFakeMachine((command) => (command.includes("daemon-reload") ? { code: 1 } : usual(command)));
  for (const [path, file] of machine.files) broken.files.set(path, file);
  await assert.rejects(carryOut(changed, targetOf(broken)));
  const again = createFakeMachine(usual);
  for (const [path, file] of broken.files) again.files.set(path, file);
  await carryOut(changed, targetOf(again));
  assert.ok(again.ran.includes("systemctl restart app"));
});

test("carryOut: where a check fails nothing is changed, nor held to be ours when the machine is cleared", async () => {
  const foreign = createFakeMachine((command) =>
    command === "see" ? { code: 1, stderr: "of another cluster\n" } : usual(command),
  );
  const guarded = { ...description, checks: [{ argv: ["see"], title: "See that the machine is free" }] };
  await assert.rejects(carryOut(guarded, targetOf(foreign)), /cannot see that the machine is free: exit code 1/);
  assert.equal(foreign.files.get("/etc/app.json"), undefined);
  foreign.ran.length = 0;
  await takeOff({ files: [], commands: [], units: [] }, targetOf(foreign));
  assert.deepEqual(foreign.ran, ["rm -rf -- /var/lib/slipway/bootstrap", "rmdir -- /var/lib/slipway"]);
});

test("takeOff: units stopped, the removal's commands run whatever they answer, all files gone", async () => {
  const machine = createFakeMachine((command) => (command === "app reset" ? { code: 1 } : usual(command)));
  await carryOut(description, targetOf(machine));
  machine.ran.length = 0;
  await takeOff({ files: [], commands: [{ argv: ["app", "reset"] }], units: [] }, targetOf(machine));
  assert.deepEqual(machine.ran, [
    "systemctl disable --now --quiet app",
    "app reset",
    "rm -rf -- /etc/systemd/system/app.service /etc/app.json /etc/app.key /var/lib/slipway/bootstrap",
    "rmdir -- /var/lib/slipway",
    "systemctl daemon-reload",
  ]);
});
