import assert from "node:assert/strict";
import { test } from "node:test";
import type { DaemonSet, Node, Pod, RollingUpdateDaemonSet, Taint } from "#kubernetes/api";
import { createPlacement, daemonTemplate, targetNode } from "./daemon-pods.ts";
import { type DaemonView, groupByNode, planPods, planStatus } from "./plan.ts";
import { planRollingUpdate } from "./rolling-update.ts";

const now = Date.UTC(2026, 0, 1, 1);
const time = (secondsAgo: number) => new Date(now - secondsAgo * 1000).toISOString();

function daemonSet(rollingUpdate?: RollingUpdateDaemonSet): DaemonSet {
  return {
    metadata: {
      name: "agent",
      namespace: "a",
      uid: "d",
      generation: 3,
      annotations: { "deprecated.daemonset.template.generation": "2" },
    },
    spec: {
      selector: { matchLabels: { app: "agent" } },
      template: { metadata: { labels: { app: "agent" } }, spec: { containers: [], nodeSelector: { os: "linux" } } },
      updateStrategy: { type: "RollingUpdate", rollingUpdate: rollingUpdate ?? { maxUnavailable: 1, maxSurge: 0 } },
    },
  };
}
const node = (name: string, taints: Taint[] = [], labels: Record<string, string> = { os: "linux" }): Node => ({
  metadata: { name, labels },
  spec: { taints },
});
interface Traits {
  readonly hash?: string;
  readonly ready?: boolean;
  readonly phase?: string;
  readonly deleted?: boolean;
  readonly age?: number;
  readonly nodeName?: string;
}
function pod(name: string, on: string, traits: Traits = {}): Pod {
  const { hash = "new", ready = true, phase = "Running", deleted, age = 60, nodeName = on } = traits;
  const matchFields = [{ key: "metadata.name", operator: "In", values: [on] }];
  return {
    metadata: {
      name,
      namespace: "a",
      labels: { "controller-revision-hash": hash },
      creationTimestamp: time(age),
      ...(deleted && { deletionTimestamp: time(0) }),
    },
    spec: {
      containers: [],
      ...(nodeName && { nodeName }),
      affinity: {
        nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchFields }] } },
      },
    },
    status: {
      phase,
      ...(ready && { conditions: [{ type: "Ready", status: "True", lastTransitionTime: time(30) }] }),
    },
  };
}
function view(set: DaemonSet, nodes: readonly Node[], pods: readonly Pod[]): DaemonView {
  return {
    daemonSet: set,
    nodes,
    placementOf: createPlacement(set),
    podsByNode: groupByNode(pods),
    hash: "new",
    nowMs: now,
  };
}
const names = (pods: readonly Pod[]) => pods.map(({ metadata }) => metadata.name).sort();

test("createPlacement: by node selector, name and taints", () => {
  const placementOf = createPlacement(daemonSet());
  const taint = (effect: string): Taint => ({ key: "x", value: "y", effect });
  assert.deepEqual(placementOf(node("n")), { shouldRun: true, shouldContinue: true });
  assert.deepEqual(placementOf(node("n", [], {})), { shouldRun: false, shouldContinue: false });
  assert.deepEqual(placementOf(node("n", [taint("NoSchedule")])), { shouldRun: false, shouldContinue: true });
  assert.deepEqual(placementOf(node("n", [taint("NoExecute")])), { shouldRun: false, shouldContinue: false });
  assert.deepEqual(placementOf(node("n", [taint("PreferNoSchedule")])).shouldRun, true);
  const unready = { key: "node.kubernetes.io/not-ready", effect: "NoExecute" };
  assert.deepEqual(placementOf(node("n", [unready])).shouldRun, true);
});

test("daemonTemplate: labels, tolerations, and the node", () => {
  const template = daemonTemplate(daemonSet(), "new", "n1");
  assert.deepEqual(template.metadata?.labels, {
    app: "agent",
    "pod-template-generation": "2",
    "controller-revision-hash": "new",
  });
  assert.equal(template.spec?.tolerations?.length, 6);
  assert.equal(targetNode({ metadata: {}, spec: template.spec! }), "n1");
});

test("planPods: a pod where one lacks, none where none should be", () => {
  const bad = node("tainted", [{ key: "x", effect: "NoExecute" }]);
  const plan = planPods(
    view(daemonSet(), [node("a"), node("b"), bad], [pod("p", "a"), pod("q", "tainted")]),
    () => true,
  );
  assert.deepEqual(plan.createOn, ["b"]);
  assert.deepEqual(names(plan.remove), ["q"]);
});

test("planPods: a pod on its way out is waited for, the youngest of two goes, a lost one is fetched", () => {
  const pods = [
    pod("p", "a", { deleted: true }),
    pod("old", "b", { age: 90 }),
    pod("young", "b"),
    pod("lost", "gone", { nodeName: "" }),
  ];
  const plan = planPods(view(daemonSet(), [node("a"), node("b")], pods), () => true);
  assert.deepEqual(plan.createOn, []);
  assert.deepEqual(names(plan.remove), ["lost", "young"]);
});

test("planPods: ended pods are replaced, failed ones not too fast", () => {
  const pods = [pod("f", "a", { phase: "Failed" }), pod("s", "b", { phase: "Succeeded" })];
  const eager = planPods(view(daemonSet(), [node("a"), node("b")], pods), () => true);
  assert.deepEqual(names(eager.remove), ["f", "s"]);
  assert.deepEqual(
    eager.ended.map(({ node: name }) => name),
    ["a", "b"],
  );
  const patient = planPods(view(daemonSet(), [node("a"), node("b")], pods), () => false);
  assert.deepEqual(names(patient.remove), ["s"]);
});

test("planPods: with surge, an old and a new pod are together until the new is available", () => {
  const surging = daemonSet({ maxSurge: 1, maxUnavailable: 0 });
  const old = pod("old", "a", { hash: "old", age: 90 });
  const removed = (...pods: Pod[]) => names(planPods(view(surging, [node("a")], pods), () => true).remove);
  assert.deepEqual(removed(old, pod("new", "a", { ready: false })), []);
  assert.deepEqual(removed(old, pod("new", "a")), ["old"]);
  assert.deepEqual(removed({ ...old, status: {} }, pod("new", "a", { ready: false })), ["old"]);
  const leaving = pod("old", "a", { hash: "old", deleted: true });
  assert.deepEqual(planPods(view(surging, [node("a")], [leaving]), () => true).createOn, ["a"]);
});

test("planRollingUpdate: as many old pods go as may be unavailable, those that do not work first", () => {
  const nodes = ["a", "b", "c", "d"].map((name) => node(name));
  const old = (name: string, on: string, ready = true) => pod(name, on, { hash: "old", ready });
  const removed = (...pods: Pod[]) => names(planRollingUpdate(view(daemonSet(), nodes, pods)).remove);
  assert.equal(removed(old("p", "a"), old("q", "b"), old("r", "c"), old("s", "d")).length, 1);
  assert.deepEqual(removed(old("p", "a", false), old("q", "b"), old("r", "c"), old("s", "d")), ["p"]);
  assert.deepEqual(removed(pod("p", "a", { ready: false }), old("q", "b"), old("r", "c"), old("s", "d")), []);
  assert.deepEqual(removed(pod("p", "a"), old("q", "b"), old("r", "c")), [], "a node without a pod counts");
});

test("planRollingUpdate: with surge, new pods come first and old ones go when they are available", () => {
  const surging = daemonSet({ maxSurge: 1, maxUnavailable: 0 });
  const nodes = ["a", "b", "c"].map((name) => node(name));
  const old = (name: string, on: string, ready = true) => pod(name, on, { hash: "old", ready });
  const plan = (...pods: Pod[]) => planRollingUpdate(view(surging, nodes, pods));
  assert.equal(plan(old("p", "a"), old("q", "b"), old("r", "c")).createOn.length, 1);
  assert.deepEqual(plan(old("p", "a"), pod("n", "a", { ready: false }), old("q", "b"), old("r", "c")).createOn, []);
  const next = plan(old("p", "a"), pod("n", "a"), old("q", "b"), old("r", "c"));
  assert.deepEqual([names(next.remove), next.createOn.length], [["p"], 1]);
  assert.deepEqual(plan(old("p", "a", false), old("q", "b"), old("r", "c")).createOn.length, 2);
});

test("planStatus: counts nodes, not pods", () => {
  const bad = node("tainted", [{ key: "x", effect: "NoSchedule" }]);
  const pods = [pod("p", "a"), pod("q", "b", { hash: "old", ready: false }), pod("r", "tainted")];
  assert.deepEqual(planStatus(view(daemonSet(), [node("a"), node("b"), node("c"), bad], pods)), {
    desiredNumberScheduled: 3,
    currentNumberScheduled: 2,
    numberMisscheduled: 1,
    numberReady: 1,
    numberAvailable: 1,
    numberUnavailable: 2,
    updatedNumberScheduled: 1,
    observedGeneration: 3,
  });
});
