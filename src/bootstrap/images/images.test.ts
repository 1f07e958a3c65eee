import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { thisArchitecture } from "./image-archive.ts";
import { assemblePauseProgram } from "./pause-program.ts";
import { createSandboxImage, sandboxImageName } from "./sandbox-image.ts";

const turn = () => new Promise((resolve) => setImmediate(resolve));
const canRun = process.platform === "linux" && (process.arch === "x64" || process.arch === "arm64");

test("assemblePauseProgram: waits, lets SIGCHLD pass, and ends well on SIGTERM", {
  skip: canRun ? false : "the program is for Linux on x64 and arm64",
}, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "slipway-pause-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "pause");
  writeFileSync(path, assemblePauseProgram(thisArchitecture()), { mode: 0o755 });
  const child = spawn(path);
  await once(child, "spawn");
  // A signal sent before it has blocked them would end it by default, so wait until it sleeps.
  while (!/^State:\tS/m.test(readFileSync(`/proc/${child.pid}/status`, "utf8"))) await turn();
  child.kill("SIGCHLD");
  child.kill("SIGTERM");
  assert.deepEqual(await once(child, "exit"), [0, null]);
});

test("assemblePauseProgram: the code for both architectures, as checked with their disassemblers", () => {
  const hash = (architecture: "amd64" | "arm64") =>
    createHash("sha256").update(assemblePauseProgram(architecture)).digest("hex").slice(0, 16);
  assert.deepEqual([hash("amd64"), hash("arm64")], ["df23fb0a3adf58d2", "3406f02de055190b"]);
});

test("createSandboxImage: an OCI archive whose digests fit, the same every time", (t) => {
  const image = createSandboxImage("amd64");
  assert.deepEqual(createSandboxImage("amd64"), image);
  const listed = spawnSync("tar", ["-t"], { input: image, encoding: "utf8" });
  if (listed.error) return t.skip("tar is not installed");
  const names = listed.stdout.trim().split("\n");
  assert.deepEqual(names.slice(0, 2), ["oci-layout", "index.json"]);
  const extract = (name: string) => spawnSync("tar", ["-xO", name], { input: image }).stdout;
  for (const name of names.slice(2)) {
    assert.equal(createHash("sha256").update(extract(name)).digest("hex"), name.replace("blobs/sha256/", ""));
  }
  const index = JSON.parse(extract("index.json").toString());
  assert.equal(index.manifests[0].annotations["io.containerd.image.name"], sandboxImageName);
});
