import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { renderBootstrapScript } from "./bootstrap-script.ts";
import { renderInstallPackages } from "./install-packages.ts";

const hashOf = (text: string) => createHash("sha256").update(text).digest("hex");
const deb = "the package";
const list = [
  "Package: runc\nFilename: ./runc_1+b1.deb\nSize: 11\nSHA256: ",
  hashOf(deb),
  "\n\nPackage: libc6\nFilename: ./libc6_1.deb\nSHA256: 0\n",
].join("");

/** Runs the script where apt wants runc, curl reads a folder here, and the system is Debian 12. */
function run(t: TestContext, { release = "bookworm", served = deb, indexDigest = hashOf(list) } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "slipway-install-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const write = (name: string, text: string) => {
    mkdirSync(join(folder, name, ".."), { recursive: true });
    writeFileSync(join(folder, name), text);
    chmodSync(join(folder, name), 0o755);
  };
  write("web/packages/Packages", list);
  write("web/packages/runc_1+b1.deb", served);
  write("os-release", "VERSION_CODENAME=bookworm\n");
  write("bin/curl", `#!/bin/sh\nfor url; do :; done\ncp "${folder}/web/\${url#http://files.test/}" "$6"\n`);
  const uri = `'file:${folder}/packages/./runc_1%2bb1.deb' runc_1%2bb1_amd64.deb 11 `;
  const apt = `echo "$@" >>${folder}/apt\ncase "$*" in *--print-uris*) echo "${uri}" ;; *" update") ls ${folder}/packages >&2 ;; esac`;
  write(
    "bin/apt-get",
    `#!/bin/sh\n${apt}\ncase "$*" in *" -q install runc") cat ${folder}/packages/runc_1+b1.deb ;; esac\n`,
  );
  const packages = { url: "http://files.test/packages", indexDigest: `sha256:${indexDigest}`, release };
  const description = { packages: ["runc"], files: [], commands: [], units: [] };
  const script = renderBootstrapScript(description, { bundled: { packages, images: [] } })
    .replaceAll("/var/lib/slipway", folder)
    .replaceAll("/etc/os-release", join(folder, "os-release"));
  const env = { ...process.env, PATH: `${join(folder, "bin")}:${process.env["PATH"]}` };
  const { status, stdout, stderr } = spawnSync("sh", ["-c", script], { encoding: "utf8", env });
  const calls = () => readFileSync(join(folder, "apt"), "utf8").trim().split("\n");
  return { status, output: `${stdout}${stderr}`, calls };
}

test("renderInstallPackages: of a bundle just what apt wants is fetched, held to its digest, and no other repository asked", (t) => {
  const { status, output, calls } = run(t);
  assert.equal(status, 0, output);
  assert.match(output, /the package/);
  assert.equal(calls().length, 3);
  for (const call of calls()) assert.match(call, /sources\.list .*SourceParts=-/);
});

test("renderInstallPackages: another package, another list, another release: refused", (t) => {
  const other = run(t, { served: "not the package" });
  assert.notEqual(other.status, 0);
  assert.equal(other.calls().length, 2, "nothing was installed");
  assert.notEqual(run(t, { indexDigest: "1".repeat(64) }).status, 0);
  const { status, output } = run(t, { release: "trixie" });
  assert.notEqual(status, 0);
  assert.match(output, /the packages are of trixie, and this machine is bookworm/);
});

test("renderInstallPackages: without a bundle by whichever manager is there", () => {
  const text = renderInstallPackages(["runc"]);
  for (const manager of ["apt-get", "dnf", "zypper", "apk"])
    assert.ok(text.includes(`command -v ${manager} `), manager);
});
