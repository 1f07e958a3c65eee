import assert from "node:assert/strict";
import { test } from "node:test";
import type { Pod } from "#kubernetes/api";
import { ObjectIndex } from "./object-index.ts";

const pod = (namespace: string, name: string, nodeName = ""): Pod => ({
  metadata: { namespace, name },
  spec: { nodeName, containers: [] },
});
const byNode = (object: Pod) => (object.spec?.nodeName ? [object.spec.nodeName] : []);

test("ObjectIndex: set answers what it replaced, delete what it took out", () => {
  const index = new ObjectIndex<Pod>();
  const first = pod("a", "x");
  const second = pod("a", "x");
  assert.equal(index.set(first), undefined);
  assert.equal(index.set(second), first);
  assert.equal(index.size, 1);
  assert.equal(index.delete({ namespace: "a", name: "x" }), second);
  assert.equal(index.delete({ namespace: "a", name: "x" }), undefined);
  assert.equal(index.size, 0);
});

test("ObjectIndex: lists one namespace or all", () => {
  const index = new ObjectIndex<Pod>();
  for (const object of [pod("a", "x"), pod("a", "y"), pod("b", "x")]) index.set(object);
  assert.equal(index.list("a").length, 2);
  assert.equal(index.list().length, 3);
  assert.deepEqual(index.list("none"), []);
});

test("ObjectIndex: follows objects that move from one value to another", () => {
  const index = new ObjectIndex<Pod>();
  index.addIndex("node", byNode);
  for (const name of ["x", "y", "z"]) index.set(pod("a", name, "n1"));
  index.set(pod("a", "y", "n2"));
  assert.deepEqual(
    index.byIndex("node", "n1").map((p) => p.metadata.name),
    ["x", "z"],
  );
  assert.deepEqual(
    index.byIndex("node", "n2").map((p) => p.metadata.name),
    ["y"],
  );
  index.delete({ namespace: "a", name: "y" });
  assert.deepEqual(index.byIndex("node", "n2"), []);
});

test("ObjectIndex: an index added late knows what is there already", () => {
  const index = new ObjectIndex<Pod>();
  index.set(pod("a", "x", "n1"));
  index.addIndex("node", byNode);
  assert.equal(index.byIndex("node", "n1").length, 1);
});

test("ObjectIndex: one name, one function", () => {
  const index = new ObjectIndex<Pod>();
  index.addIndex("node", byNode);
  index.addIndex("node", byNode);
  assert.throws(() => index.addIndex("node", () => []), /another function has that name/);
  assert.throws(() => index.byIndex("other", "x"), /there is no index "other"/);
});
