import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { writeAtomically } from "./atomic-writer.ts";
import { checkSubPath, resolveInside } from "./subpath.ts";

function folderFor(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "atomic-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const payload = (files: Readonly<Record<string, string>>, mode = 0o640) =>
  new Map(Object.entries(files).map(([path, text]) => [path, { data: Buffer.from(text), mode }]));

test("writeAtomically: files through one link, which changes all of them at once", async (t) => {
  const folder = folderFor(t);
  assert.equal(await writeAtomically(folder, payload({ a: "1", "deep/er/b": "2" })), true);
  assert.equal(readFileSync(join(folder, "deep/er/b"), "utf8"), "2");
  assert.equal(readlinkSync(join(folder, "a")), "..data/a");
  assert.equal(readlinkSync(join(folder, "deep")), "..data/deep");
  assert.equal(statSync(join(folder, "a")).mode & 0o777, 0o640);
  const before = readlinkSync(join(folder, "..data"));
  assert.equal(await writeAtomically(folder, payload({ a: "1", "deep/er/b": "2" })), false);
  assert.equal(readlinkSync(join(folder, "..data")), before);
  assert.equal(await writeAtomically(folder, payload({ a: "new", c: "3" })), true);
  assert.deepEqual(
    readdirSync(folder).filter((name) => !name.startsWith("..2")),
    ["..data", "a", "c"],
  );
  assert.equal(readFileSync(join(folder, "a"), "utf8"), "new");
  // Of the old set nothing is left.
  assert.equal(readdirSync(folder).filter((name) => name.startsWith("..2")).length, 1);
});

test("writeAtomically: a path that leaves the volume is refused, and nothing is written", async (t) => {
  const folder = folderFor(t);
  for (const path of ["", "/etc/passwd", "../x", "a/../../x", "..", "."]) {
    await assert.rejects(writeAtomically(folder, payload({ ok: "1", [path]: "2" })), /must be relative path/, path);
  }
  assert.deepEqual(readdirSync(folder), []);
});

test("subPath: neither words nor links lead out of the volume", async (t) => {
  const folder = folderFor(t);
  assert.throws(() => checkSubPath("/abs"), /must not be an absolute path/);
  assert.throws(() => checkSubPath("a/../../b"), /must not contain '\.\.'/);
  checkSubPath("..a/b..");
  symlinkSync("/etc", join(folder, "out"));
  symlinkSync(".", join(folder, "in"));
  await assert.rejects(resolveInside(folder, "out"), /not within volume path/);
  await assert.rejects(resolveInside(folder, "in/out/hostname"), /not within volume path/);
  assert.equal(await resolveInside(folder, "in"), folder);
});
