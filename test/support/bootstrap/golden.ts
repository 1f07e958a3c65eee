// Golden files that a person can read: compared byte for byte, written anew with UPDATE_GOLDEN=1.

import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** `files` by name, in test/fixtures/<folder>. */
export function assertGolden(folder: string, files: Readonly<Record<string, string>>): void {
  const place = join(import.meta.dirname, "../../fixtures", folder);
  if (process.env["UPDATE_GOLDEN"]) {
    rmSync(place, { recursive: true, force: true });
    mkdirSync(place, { recursive: true });
    for (const [name, text] of Object.entries(files)) writeFileSync(join(place, name), text);
  }
  assert.deepEqual(readdirSync(place).toSorted(), Object.keys(files).toSorted());
  for (const [name, text] of Object.entries(files)) {
    assert.equal(text, readFileSync(join(place, name), "utf8"), `${folder}/${name}`);
  }
}
