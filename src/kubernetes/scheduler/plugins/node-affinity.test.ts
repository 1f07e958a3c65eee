import assert from "node:assert/strict";
import { test } from "node:test";
import type { NodeSelectorRequirement, NodeSelectorTerm, PodSpec } from "#kubernetes/api";
import { filter, isRetried, score } from "../testing/ask-plugin.ts";
import { makeNode, makePod } from "../testing/objects.ts";
import { createNodeAffinity } from "./node-affinity.ts";

const noMatch = "!node(s) didn't match Pod's node affinity/selector";
const node = makeNode("n", { labels: { disk: "ssd", rank: "5" } });

const requiring = (...nodeSelectorTerms: NodeSelectorTerm[]): Partial<PodSpec> => ({
  affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } },
});
const expression = (key: string, operator: string, ...values: string[]): NodeSelectorRequirement => ({
  key,
  operator,
  ...(values.length > 0 && { values }),
});
const matching = (...matchExpressions: NodeSelectorRequirement[]): NodeSelectorTerm => ({ matchExpressions });
const named = (operator: string, name: string): NodeSelectorTerm => ({
  matchFields: [expression("metadata.name", operator, name)],
});

test("NodeAffinity: selector and every operator", () => {
  const cases: readonly [string, Partial<PodSpec>, string][] = [
    ["nothing", {}, ""],
    ["selector", { nodeSelector: { disk: "ssd" } }, ""],
    ["selector, wrong", { nodeSelector: { disk: "hdd" } }, noMatch],
    ["In", requiring(matching(expression("disk", "In", "hdd", "ssd"))), ""],
    ["NotIn", requiring(matching(expression("disk", "NotIn", "ssd"))), noMatch],
    ["NotIn of what is not there", requiring(matching(expression("none", "NotIn", "x"))), ""],
    ["Exists", requiring(matching(expression("disk", "Exists"))), ""],
    ["DoesNotExist", requiring(matching(expression("disk", "DoesNotExist"))), noMatch],
    ["Gt", requiring(matching(expression("rank", "Gt", "4"))), ""],
    ["Lt", requiring(matching(expression("rank", "Lt", "5"))), noMatch],
    [
      "all expressions of a term",
      requiring(matching(expression("disk", "Exists"), expression("rank", "Lt", "5"))),
      noMatch,
    ],
    ["one of the terms", requiring(matching(expression("x", "Exists")), matching(expression("disk", "Exists"))), ""],
    ["a term of nothing", requiring({}), noMatch],
    ["no terms", requiring(), noMatch],
    [
      "selector and affinity",
      { nodeSelector: { disk: "hdd" }, ...requiring(matching(expression("disk", "Exists"))) },
      noMatch,
    ],
    ["by name", requiring(named("In", "n")), ""],
    ["by another name", requiring(named("NotIn", "n")), noMatch],
    ["Gt of what is no number", requiring(matching(expression("disk", "Gt", "4"))), noMatch],
  ];
  for (const [what, spec, answer] of cases) {
    assert.deepEqual(filter(createNodeAffinity(), makePod("p", { spec }), { nodes: [node] }), { n: answer }, what);
  }
});

test("NodeAffinity: a pod for nodes by name looks at these alone; contradicting names fit nowhere", () => {
  const nodes = [makeNode("a"), makeNode("b"), makeNode("c")];
  const spec = requiring(named("In", "b"));
  assert.deepEqual(filter(createNodeAffinity(), makePod("p", { spec }), { nodes }), { b: "" });
  const both = { matchFields: [expression("metadata.name", "In", "a"), expression("metadata.name", "In", "b")] };
  assert.deepEqual(filter(createNodeAffinity(), makePod("p", { spec: requiring(both) }), { nodes }), {
    "*": "!pod affinity terms conflict",
  });
});

test("NodeAffinity: preferences are summed by weight", () => {
  const nodes = [
    makeNode("ssd", { labels: { disk: "ssd" } }),
    makeNode("both", { labels: { disk: "ssd", fast: "" } }),
    makeNode("none"),
  ];
  const preferred = [
    { weight: 2, preference: matching(expression("disk", "In", "ssd")) },
    { weight: 6, preference: matching(expression("fast", "Exists")) },
  ];
  const spec = { affinity: { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: preferred } } };
  assert.deepEqual(score(createNodeAffinity(), makePod("p", { spec }), { nodes }), { ssd: 25, both: 100, none: 0 });
  assert.equal(score(createNodeAffinity(), makePod("p"), { nodes }), "skip");
});

test("NodeAffinity: what the profile adds counts for every pod", () => {
  const addedAffinity = {
    requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [matching(expression("disk", "In", "ssd"))] },
  };
  const plugin = createNodeAffinity({ addedAffinity });
  const nodes = [node, makeNode("plain")];
  assert.deepEqual(filter(plugin, makePod("p"), { nodes }), {
    n: "",
    plain: "!node(s) didn't match scheduler-enforced node affinity",
  });
});

test("NodeAffinity: retried only for a node that has come to match", () => {
  const pod = makePod("p", { spec: { nodeSelector: { disk: "ssd" } } });
  const plain = makeNode("n");
  const relabelled = { resource: "Node", action: "UpdateNodeLabel" } as const;
  assert.equal(isRetried(createNodeAffinity(), pod, relabelled, { old: plain, now: node }), true);
  assert.equal(isRetried(createNodeAffinity(), pod, relabelled, { old: node, now: plain }), false);
  assert.equal(isRetried(createNodeAffinity(), pod, relabelled, { old: node, now: node }), false);
  assert.equal(isRetried(createNodeAffinity(), pod, { resource: "Node", action: "Add" }, { now: plain }), false);
});
