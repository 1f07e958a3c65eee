import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { ArtifactSource } from "../artifacts/artifact.ts";
import { createFakeMachine, type FakeAnswer } from "./fake-connection.ts";
import { findLackedPackages, installLacked, type PackageTarget } from "./remote-packages.ts";

/** A machine with runc, which says of apt's files what is given. */
function machineOf({ manager = "/usr/bin/apt-get", release = "bookworm" } = {}) {
  return createFakeMachine((command): FakeAnswer | undefined => {
    if (command.startsWith("sh -c command -v")) return { stdout: `${manager}\n` };
    if (command.startsWith("dpkg-query") || command.startsWith("rpm")) return { code: 1, stdout: "installed runc\n" };
    if (command === "cat /etc/os-release") return { stdout: `VERSION_CODENAME=${release}\n` };
    if (!command.includes("--print-uris")) return undefined;
    return { stdout: "'file:/var/lib/slipway/packages/./nftables_1%2bb1.deb' nftables_1_amd64.deb 3 \n" };
  });
}

function targetOf(t: TestContext, connection: PackageTarget["connection"], packages = ["runc", "nftables"]) {
  const folder = mkdtempSync(join(tmpdir(), "slipway-packages-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const files = packages.map((name) => `${name}_1+b1.deb`);
  for (const file of [...files, "Packages"]) writeFileSync(join(folder, file), file);
  const repository = { folder, release: "bookworm", packages, files, indexDigest: "sha256:0" };
  const artifacts = { packageRepository: async () => repository } as unknown as ArtifactSource;
  return { machine: "demo-1", connection, artifacts, signal: t.signal };
}

test("installLacked: of a bundle just what apt wants is brought, and no other repository is in sight", async (t) => {
  const machine = machineOf();
  const target = targetOf(t, machine);
  const lacked = await findLackedPackages(["runc", "nftables"], target);
  assert.deepEqual(lacked.names, ["nftables"]);
  assert.deepEqual([...machine.files], []);
  await installLacked(lacked, target);
  const brought = [...machine.files.keys()].map((path) => path.replace("/var/lib/slipway/packages/", ""));
  assert.deepEqual(brought.toSorted(), ["Packages", "lists/partial/.keep", "nftables_1+b1.deb", "sources.list"]);
  const apt = machine.ran.filter((command) => command.includes("apt-get -y"));
  assert.equal(apt.length, 3);
  for (const command of apt)
    assert.match(command, /SourceList=\/var\/lib\/slipway\/packages\/sources\.list .*SourceParts=-/);
  assert.match(apt[2]!, / install nftables$/);
  assert.equal(machine.ran.at(-1), "rm -rf /var/lib/slipway/packages");
});

test("findLackedPackages: what a bundle cannot bring to the machine is said before it is touched", async (t) => {
  const find = async (machine: ReturnType<typeof machineOf>, packages?: string[]) =>
    findLackedPackages(["runc", "nftables"], targetOf(t, machine, packages));
  await assert.rejects(find(machineOf({ release: "trixie" })), {
    message: "demo-1: cannot install packages from the bundle: they are of bookworm, and the machine is trixie",
  });
  await assert.rejects(find(machineOf(), ["runc"]), /nftables is not in it$/);
  await assert.rejects(find(machineOf({ manager: "/usr/bin/dnf" })), /they are Debian's, and the machine has dnf$/);
  await assert.rejects(find(machineOf({ manager: "" })), /no package manager is known there/);
});

test("findLackedPackages: a machine that has them all needs nothing of a bundle", async (t) => {
  const machine = machineOf({ manager: "/usr/bin/dnf" });
  assert.deepEqual((await findLackedPackages(["runc"], targetOf(t, machine))).names, []);
});
