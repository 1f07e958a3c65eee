import assert from "node:assert/strict";
import { test } from "node:test";
import type { ObjectMeta, OwnerReference } from "#kubernetes/api";
import { blockingDependents, DependencyGraph } from "./dependency-graph.ts";
import { foregroundFinalizer, orphanFinalizer } from "./finalizers.ts";
import type { Identity } from "./identity.ts";

const deletionTimestamp = "2026-01-01T00:00:00Z";

function setUp() {
  let asked: string[] = [];
  const graph = new DependencyGraph({
    attemptToDelete: (uid) => asked.push(`delete ${uid}`),
    attemptToOrphan: (uid) => asked.push(`orphan ${uid}`),
    ownerAbsent: ({ namespace, name }) => asked.push(`absent ${namespace}/${name}`),
    ownerInOtherNamespace: (dependent, { uid }) => asked.push(`namespace ${dependent.identity.uid} ${uid}`),
  });
  const take = () => {
    const taken = asked;
    asked = [];
    return taken;
  };
  return { graph, take };
}

const pod = (uid: string, namespace = "a"): Identity => ({ apiVersion: "v1", kind: "Pod", namespace, name: uid, uid });
const set = (uid: string, namespace = "a"): Identity => ({
  apiVersion: "apps/v1",
  kind: "ReplicaSet",
  namespace,
  name: uid,
  uid,
});
const refer = ({ apiVersion, kind, name, uid }: Identity, blockOwnerDeletion?: boolean): OwnerReference => ({
  apiVersion,
  kind,
  name,
  uid,
  ...(blockOwnerDeletion !== undefined && { blockOwnerDeletion }),
});
const owned = (...ownerReferences: OwnerReference[]): ObjectMeta => ({ ownerReferences });

test("DependencyGraph: when an owner goes, its dependents are looked at and it is known absent", () => {
  const { graph, take } = setUp();
  graph.observe(set("r"), {});
  graph.observe(pod("p"), owned(refer(set("r"))));
  assert.deepEqual(take(), []);
  graph.remove(set("r"));
  assert.deepEqual(take(), ["absent a/r", "delete p"]);
  graph.remove(pod("p"));
  assert.equal(graph.size, 0);
});

test("DependencyGraph: an owner not seen yet is looked for, and trusted once seen", () => {
  const { graph, take } = setUp();
  graph.observe(pod("p"), owned(refer(set("r"))));
  assert.deepEqual(take(), ["delete r"]);
  assert.equal(graph.get("r")?.isVirtual, true);
  graph.observe(set("r"), {});
  assert.deepEqual(take(), []);
  assert.equal(graph.get("r")?.isVirtual, false);
});

test("DependencyGraph: a virtual owner that turns out absent takes its dependents with it", () => {
  const { graph, take } = setUp();
  graph.observe(pod("p"), owned(refer(set("r"))));
  take();
  graph.removeAbsent(set("r"));
  assert.deepEqual(take(), ["absent a/r", "delete p"]);
  assert.equal(graph.get("r"), undefined);
});

test("DependencyGraph: a virtual owner that others name differently is tried under that name", () => {
  const { graph, take } = setUp();
  graph.observe(pod("bad"), owned({ ...refer(set("r")), kind: "Wrong" }));
  graph.observe(pod("good"), owned(refer(set("r"))));
  assert.deepEqual(take(), ["delete r", "delete good"]);
  graph.removeAbsent({ ...set("r"), kind: "Wrong" });
  assert.deepEqual(take(), ["absent a/r", "delete bad", "delete r"]);
  assert.deepEqual(graph.get("r")?.identity, set("r"));
});

test("DependencyGraph: an observed owner is not removed because somebody misnamed it", () => {
  const { graph, take } = setUp();
  graph.observe(set("r"), {});
  graph.observe(pod("bad"), owned({ ...refer(set("r")), name: "other" }));
  assert.deepEqual(take(), ["delete bad"]);
  graph.removeAbsent({ ...set("r"), name: "other" });
  assert.deepEqual(take(), ["absent a/other", "delete bad"]);
  assert.ok(graph.get("r"));
});

test("DependencyGraph: an owner in another namespace is reported, whoever is seen first", () => {
  const first = setUp();
  first.graph.observe(set("r", "b"), {});
  first.graph.observe(pod("p", "a"), owned(refer(set("r"))));
  assert.deepEqual(first.take(), ["namespace p r", "delete p"]);

  const second = setUp();
  second.graph.observe(pod("p", "a"), owned(refer(set("r"))));
  second.take();
  second.graph.observe(set("r", "b"), {});
  assert.deepEqual(second.take(), ["namespace p r", "delete p"]);
});

test("DependencyGraph: a foreground deletion looks at the dependents and the object; the last one gone, at the object", () => {
  const { graph, take } = setUp();
  graph.observe(set("r"), {});
  graph.observe(pod("p"), owned(refer(set("r"), true)));
  graph.observe(pod("q"), owned(refer(set("r"), false)));
  graph.observe(set("r"), { deletionTimestamp, finalizers: [foregroundFinalizer] }, {});
  assert.deepEqual(take(), ["delete p", "delete q", "delete r"]);
  assert.deepEqual(
    blockingDependents(graph.get("r")!).map(({ identity }) => identity.uid),
    ["p"],
  );
  graph.remove(pod("p"));
  assert.deepEqual(take(), ["delete r"]);
});

test("DependencyGraph: a change of a deletion that has begun starts nothing again", () => {
  const { graph, take } = setUp();
  const leaving = { deletionTimestamp, finalizers: [foregroundFinalizer] };
  graph.observe(set("r"), leaving);
  assert.deepEqual(take(), ["delete r"]);
  graph.observe(set("r"), { ...leaving, labels: { a: "b" } }, leaving);
  assert.deepEqual(take(), []);
});

test("DependencyGraph: an orphaning deletion is handed on", () => {
  const { graph, take } = setUp();
  graph.observe(set("r"), {});
  graph.observe(set("r"), { deletionTimestamp, finalizers: [orphanFinalizer] }, {});
  assert.deepEqual(take(), ["orphan r"]);
});

test("DependencyGraph: references that change move the object between owners, and unblock the old one", () => {
  const { graph, take } = setUp();
  graph.observe(set("r"), {});
  graph.observe(set("s"), {});
  graph.observe(pod("p"), owned(refer(set("r"), true)));
  graph.observe(pod("p"), owned(refer(set("s"), true)));
  assert.deepEqual(take(), ["delete r"]);
  assert.equal(graph.get("r")?.dependents.size, 0);
  assert.equal(graph.get("s")?.dependents.size, 1);
  graph.observe(pod("p"), owned(refer(set("s"), false)));
  assert.deepEqual(take(), ["delete s"]);
});

test("DependencyGraph: cluster-scoped owners may be named from any namespace", () => {
  const { graph, take } = setUp();
  const node: Identity = { apiVersion: "v1", kind: "Node", namespace: "", name: "n", uid: "n" };
  graph.observe(node, {});
  graph.observe(pod("p", "a"), owned(refer(node)));
  graph.observe(pod("q", "b"), owned(refer(node)));
  assert.deepEqual(take(), []);
});
