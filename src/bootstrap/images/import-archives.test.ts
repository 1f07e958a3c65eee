import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { Exec } from "#shared";
import { importArchives } from "./import-archives.ts";

test("importArchives: each archive once, also those that come later; without a folder none", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "slipway-archives-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const imported: string[] = [];
  const exec: Exec = async (argv) => {
    imported.push(argv.at(-1)!.slice(folder.length + 1));
    return { code: 0, stdout: "", stderr: "" };
  };
  const target = { ctr: "ctr", criSocket: "/s", snapshotter: "native", exec, signal: t.signal } as const;
  await importArchives(join(folder, "none"), target);
  for (const name of ["b.tar", "a.tar"]) writeFileSync(join(folder, name), "");
  await importArchives(folder, target);
  writeFileSync(join(folder, "c.tar"), "");
  await importArchives(folder, target);
  assert.deepEqual(imported, ["a.tar", "b.tar", "c.tar"]);
});
