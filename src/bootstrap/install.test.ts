import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { findDifference } from "./install.ts";
import type { UnitSpec } from "./supervisor/unit.ts";

test("findDifference: what is not there, what changed, what does not run", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "slipway-install-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "agent.json");
  const files = [{ path, content: "{}" }];
  const unit: UnitSpec = { name: "agent", argv: ["/bin/true"], after: [], ready: { kind: "running" } };
  const description = { files, commands: [], units: [] };
  assert.equal(await findDifference(description, folder), "is not there");
  writeFileSync(path, "{ }");
  assert.equal(await findDifference(description, folder), "settings changed (agent.json)");
  assert.equal(await findDifference({ ...description, units: [unit] }, folder), "settings changed (agent.json)");
  writeFileSync(path, "{}");
  assert.equal(await findDifference(description, folder), undefined);
  const other = join(folder, "other.json");
  assert.equal(
    await findDifference({ ...description, files: [...files, { path: other, content: "" }] }, folder),
    "settings changed (other.json)",
  );
});
