import assert from "node:assert/strict";
import { test } from "node:test";
import { makeNode, makePod, zoneLabel } from "../testing/objects.ts";
import { ClusterCache } from "./cluster-cache.ts";
import { makePodInfo, placeOn } from "./pod-info.ts";

const on = (name: string, node: string, cpu = "1") =>
  makePod(name, {
    requests: { cpu },
    spec: { nodeName: node, containers: [{ name: "c", image: "i", resources: { requests: { cpu } } }] },
  });
const names = (cache: ClusterCache) => cache.nodes.map(({ name }) => name);

test("ClusterCache: nodes are looked at zone by zone in turn", () => {
  const cache = new ClusterCache();
  for (const [name, zone] of [
    ["a1", "a"],
    ["a2", "a"],
    ["a3", "a"],
    ["b1", "b"],
    ["c1", "c"],
  ] as const) {
    cache.putNode(makeNode(name, { labels: { [zoneLabel]: zone } }));
  }
  assert.deepEqual(names(cache), ["a1", "b1", "c1", "a2", "a3"]);
  cache.removeNode("b1");
  assert.deepEqual(names(cache), ["a1", "c1", "a2", "a3"]);
});

test("ClusterCache: a placed pod takes its share, is confirmed or corrected, and lets go", () => {
  const cache = new ClusterCache();
  cache.putNode(makeNode("a"));
  cache.putNode(makeNode("b"));
  const taken = (name: string) => cache.node(name)!.requested.milliCPU;
  const info = makePodInfo(on("p", ""));
  cache.assume(placeOn(info, "a"), "a");
  assert.throws(() => cache.assume(placeOn(info, "b"), "b"), /is in the cache, so can't be assumed/);
  assert.deepEqual([taken("a"), cache.isAssumed("p")], [1000, true]);
  cache.putPod(on("p", "b"));
  assert.deepEqual([taken("a"), taken("b"), cache.isAssumed("p")], [0, 1000, false]);
  cache.forget("p");
  assert.equal(taken("b"), 1000, "what was seen bound is not forgotten");
  cache.putPod(on("p", "b", "500m"));
  assert.equal(taken("b"), 500);
  cache.removePod("p");
  assert.deepEqual([taken("b"), cache.podCount], [0, 0]);
});

test("ClusterCache: pods may be seen before their node, and outlive it", () => {
  const cache = new ClusterCache();
  cache.putPod(on("p", "n"));
  assert.deepEqual(names(cache), []);
  cache.putNode(makeNode("n"));
  assert.equal(cache.node("n")!.requested.milliCPU, 1000);
  cache.removeNode("n");
  assert.deepEqual([cache.node("n"), cache.podCount], [undefined, 1]);
  cache.putNode(makeNode("n"));
  assert.equal(cache.node("n")!.requested.milliCPU, 1000);
});

test("ClusterCache: a heartbeat is no change; what a filter could look at is", () => {
  const cache = new ClusterCache();
  cache.putNode(makeNode("n"));
  const { generation } = cache;
  const node = makeNode("n");
  cache.putNode({ ...node, status: { ...node.status, conditions: [{ type: "Ready", status: "True" }] } });
  assert.equal(cache.generation, generation);
  cache.putNode(makeNode("n", { labels: { a: "b" } }));
  assert.notEqual(cache.generation, generation);
});

test("TopologyCounters: counts follow pods and nodes, however these come and go", () => {
  const cache = new ClusterCache();
  const count = { key: "all", amountOf: () => 1 };
  const sums = () => {
    const counter = cache.counters.byTopology(count, zoneLabel);
    return Object.fromEntries(cache.nodes.map(({ name, slot }) => [name, counter.sumAt(slot)]));
  };
  const add = (name: string, zone: string) => cache.putNode(makeNode(name, { labels: { [zoneLabel]: zone } }));
  add("a1", "a");
  add("a2", "a");
  add("b1", "b");
  cache.putPod(on("x", "a1"));
  cache.putPod(on("y", "b1"));
  assert.deepEqual(sums(), { a1: 1, b1: 1, a2: 1 });
  cache.putPod(on("z", "a2"));
  cache.removePod("y");
  assert.deepEqual(sums(), { a1: 2, b1: 0, a2: 2 });
  add("a2", "b");
  assert.deepEqual(sums(), { a1: 1, b1: 1, a2: 1 });
  cache.removePod("x");
  cache.removeNode("a1");
  add("c1", "c");
  assert.deepEqual(sums(), { b1: 1, a2: 1, c1: 0 });
  assert.equal(cache.counters.byTopology(count, zoneLabel).least.sum, 0);
});
