import assert from "node:assert/strict";
import { test } from "node:test";
import { CommandFailedError, type Exec, UserError } from "#shared";
import { findHostTools, toolPath } from "./host-tools.ts";
import { installPackages } from "./install-packages.ts";

test("findHostTools: finds programs on the PATH and in the system's folders, and names the packages of the missing", () => {
  const files = new Set(["/opt/bin/containerd", "/opt/bin/ctr", "/usr/sbin/runc", "/usr/sbin/nft", "/usr/sbin/ip"]);
  for (const plugin of ["bridge", "host-local", "loopback", "portmap", "ptp"]) files.add(`/opt/cni/bin/${plugin}`);
  const { tools } = findHostTools((path) => files.has(path), "/opt/bin");
  assert.equal(tools?.containerd, "/opt/bin/containerd");
  assert.equal(tools?.cniPlugins, "/opt/cni/bin");
  assert.match(toolPath(tools!), /^\/opt\/bin:\/usr\/sbin:/);
  files.add("/usr/bin/apt-get");
  assert.deepEqual(
    findHostTools((path) => files.has(path), "/opt/bin"),
    { missing: ["conntrack"] },
  );
  files.add("/usr/sbin/conntrack");
  files.delete("/opt/bin/ctr");
  files.delete("/opt/cni/bin/ptp");
  assert.deepEqual(
    findHostTools((path) => files.has(path), "/opt/bin"),
    { missing: ["containerd", "containernetworking-plugins"] },
  );
});

/** Answers each command with the next of the given errors, or well. */
function recordedApt(...errors: (string | undefined)[]): { exec: Exec; commands: string[] } {
  const commands: string[] = [];
  const exec: Exec = async (argv) => {
    commands.push(argv.filter((word) => !/^(-[qyo]|--no|DPkg)/.test(word)).join(" "));
    const error = errors.shift();
    if (error === "ENOENT") throw new CommandFailedError(argv, undefined, "", "", "spawn apt-get ENOENT");
    if (error !== undefined) throw new CommandFailedError(argv, 100, "", error, "exit code 100");
    return { code: 0, stdout: "", stderr: "" };
  };
  return { exec, commands };
}

function install(exec: Exec): Promise<void> {
  return installPackages(["runc"], { exec, signal: new AbortController().signal, report: () => {} });
}

test("installPackages: refreshes the lists only where installing fails, and mends an interrupted dpkg", async () => {
  const fine = recordedApt();
  await install(fine.exec);
  assert.deepEqual(fine.commands, ["apt-get install runc"]);
  const stale = recordedApt("E: Unable to locate package runc");
  await install(stale.exec);
  assert.deepEqual(stale.commands, ["apt-get install runc", "apt-get update", "apt-get install runc"]);
  const interrupted = recordedApt("E: dpkg was interrupted, you must manually run 'dpkg --configure -a'");
  await install(interrupted.exec);
  assert.deepEqual(interrupted.commands, ["apt-get install runc", "dpkg --configure -a", "apt-get install runc"]);
});

test("installPackages: says what to do where apt cannot help or is not there", async () => {
  const failing = recordedApt("E: a", undefined, "W: x\nE: Unable to locate package runc\n");
  await assert.rejects(install(failing.exec), (error) => {
    assert.ok(error instanceof UserError);
    assert.equal(error.message, "apt-get could not install runc: Unable to locate package runc");
    assert.equal(error.hints.length, 2);
    return true;
  });
  await assert.rejects(install(recordedApt("ENOENT").exec), /runc missing, and there is no apt here/);
});
