import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { CommandFailedError, type Exec } from "#shared";
import { installPackages } from "../packages/install-packages.ts";
import { fetchPackages } from "./debian.ts";
import { findLicence } from "./licences.ts";
import { renderPackagesIndex } from "./package-repository.ts";

const { signal } = new AbortController();
const control = "Package: runc\nArchitecture: amd64\nVersion: 1.1.5+ds1-1\nDescription: a runtime\n for containers\n";

test("fetchPackages: apt brings the packages and all below them, and they say what they are", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "slipway-debs-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const calls: string[] = [];
  const exec: Exec = async (argv) => {
    calls.push(argv.join(" "));
    if (argv[0] === "apt-get") writeFileSync(join(folder, "archives/runc_1.deb"), "deb");
    const failed = argv[1] === "--extract" ? new CommandFailedError(argv, 2, "", "no", "exit code 2") : undefined;
    if (failed) throw failed;
    return { code: 0, stdout: control, stderr: "" };
  };
  const [runc, ...others] = await fetchPackages(["runc"], { folder, exec, signal });
  assert.deepEqual(others, []);
  assert.equal(runc?.version, "1.1.5+ds1-1");
  assert.equal(runc?.platform, "linux-amd64");
  assert.equal(runc?.licence, undefined);
  assert.match(calls[0]!, /Dir::State::status=.* --download-only install runc$/);
});

test("fetchPackages: for another system, from its own sources, after a look at what they have", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "slipway-debs-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const calls: string[] = [];
  const exec: Exec = async (argv) => {
    calls.push(argv.join(" "));
    return { code: 0, stdout: "", stderr: "" };
  };
  const sources = "deb http://mirror.test/debian trixie main\n";
  await fetchPackages(["runc"], { folder, exec, signal, system: { architecture: "arm64", sources } });
  assert.equal(readFileSync(join(folder, "sources.list"), "utf8"), sources);
  assert.equal(calls.length, 2);
  for (const call of calls) assert.match(call, /SourceParts=- .*APT::Architecture=arm64 -o APT::Architectures=arm64 /);
  assert.match(calls[0]!, / update$/);
});

test("fetchPackages: what apt cannot bring is said in its words", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "slipway-debs-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const fail = (code: number | undefined, stderr: string): Exec => {
    return async (argv) => Promise.reject(new CommandFailedError(argv, code, "", stderr, "it failed"));
  };
  const fetch = (exec: Exec) => fetchPackages(["rnc"], { folder, exec, signal });
  await assert.rejects(fetch(fail(100, "W: x\nE: Unable to locate package rnc\n")), {
    message: "Cannot fetch packages rnc: Unable to locate package rnc",
  });
  await assert.rejects(fetch(fail(undefined, "")), /there is no apt here/);
});

test("findLicence: that of all files, where SPDX knows it", () => {
  const copyright = (licence: string) =>
    `Format: x\n\nFiles: *\nCopyright: a\nLicense: ${licence}\n text\n\nFiles: debian/*\nLicense: GPL-3+\n`;
  assert.equal(findLicence(copyright("Apache-2.0")), "Apache-2.0");
  assert.equal(findLicence(copyright("GPL-2+")), "GPL-2.0-or-later");
  assert.equal(findLicence(copyright("constructor")), undefined);
  assert.equal(findLicence("This package was debianized by …"), undefined);
});

test("renderPackagesIndex: as apt reads it", () => {
  const digest = `sha256:${"a".repeat(64)}`;
  const file = "packages/runc_1.1.5_ds1-1.deb";
  const runc = {
    name: "runc",
    kind: "package",
    version: "1",
    file,
    size: 7,
    digest,
    control: control.trimEnd(),
  } as const;
  const other = { name: "k", kind: "program", version: "1", file: "programs/k", size: 1, digest } as const;
  const text = renderPackagesIndex([runc, other]);
  assert.equal(text, `${control}Filename: ./runc_1.1.5_ds1-1.deb\nSize: 7\nSHA256: ${"a".repeat(64)}\n`);
});

test("installPackages: from a bundle's repository, with no other in sight", async () => {
  const calls: string[] = [];
  const exec: Exec = async (argv) => {
    calls.push(argv.join(" "));
    return { code: 0, stdout: "", stderr: "" };
  };
  await installPackages(["runc"], { exec, signal, report() {}, repository: "/b/packages" });
  assert.equal(calls.length, 2);
  for (const call of calls) assert.match(call, /SourceList=\/b\/packages\/sources\.list .*SourceParts=-/);
  assert.match(calls[0]!, / update$/);
  assert.match(calls[1]!, / install runc$/);
});
