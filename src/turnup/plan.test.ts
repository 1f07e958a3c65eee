import assert from "node:assert/strict";
import { test } from "node:test";
import { withoutOutsideNeeds } from "./plan.ts";
import type { Step } from "./step.ts";

test("withoutOutsideNeeds: needs among the steps stay, all others go", () => {
  const step = (id: string, ...needs: string[]): Step => {
    return { id, phase: "bootstrap", title: id, needs, check: async () => ({ state: "done" }), apply: async () => {} };
  };
  const alone = withoutOutsideNeeds([step("a", "before"), step("b", "a", "before")]);
  assert.deepEqual(
    alone.map(({ id, needs }) => [id, needs]),
    [
      ["a", []],
      ["b", ["a"]],
    ],
  );
});
