import assert from "node:assert/strict";
import { test } from "node:test";
import type { Node } from "#kubernetes/api";
import { planSimulatedNodes, type SimulatedNodeSpec } from "./simulated-nodes.ts";

const spec = (name: string, labels = {}): SimulatedNodeSpec => ({
  name,
  pool: "worker",
  labels,
  taints: [],
  capacity: {},
});
const mark = (labels: object) => JSON.stringify({ labels, taints: [], capacity: {} });
const node = (name: string, own: boolean, applied?: string): Node => ({
  metadata: {
    name,
    labels: own ? { "slipway.dev/pool": "worker" } : {},
    annotations: applied === undefined ? {} : { "slipway.dev/simulated-node": applied },
  },
});

test("planSimulatedNodes: makes what is missing, changes what differs, takes away what is too many", () => {
  const present = [node("a", true, mark({})), node("b", true, mark({ zone: "old" })), node("d", true, mark({}))];
  const { apply, remove } = planSimulatedNodes(present, [spec("a"), spec("b", { zone: "new" }), spec("c")]);
  assert.deepEqual(
    apply.map(({ name }) => name),
    ["b", "c"],
  );
  assert.deepEqual(remove, ["d"]);
});

test("planSimulatedNodes: nodes that people have made stay", () => {
  assert.deepEqual(planSimulatedNodes([node("mine", false)], []), { apply: [], remove: [] });
});
