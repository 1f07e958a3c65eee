import assert from "node:assert/strict";
import { test } from "node:test";
import { diffConfigs } from "./diff-config.ts";
import { resolveConfig } from "./read-config.ts";

test("diffConfigs: each field that differs, with both values; defaults are no difference", () => {
  assert.deepEqual(diffConfigs(resolveConfig({}), resolveConfig({ workers: [{ count: 2 }] })), []);
  const changes = diffConfigs(
    resolveConfig({ workers: [{ count: 2, labels: { old: "1" } }], addons: [{ name: "dns" }] }),
    resolveConfig({ workers: [{ count: 3 }, { name: "gpu" }], addons: [] }),
  );
  assert.deepEqual(
    changes.map(({ path, before, after }) => [path, before, typeof after === "object" ? "…" : after]),
    [
      ["workers[0].count", 2, 3],
      ["workers[0].labels.old", "1", undefined],
      ["workers[1]", undefined, "…"],
      ["addons[0]", { name: "dns" }, undefined],
    ],
  );
});
