import assert from "node:assert/strict";
import { test } from "node:test";
import type { Pod, Taint, Toleration } from "#kubernetes/api";
import { makePodInfo } from "../cluster/pod-info.ts";
import { filter, isRetried, on, score } from "../testing/ask-plugin.ts";
import { makeNode, makePod } from "../testing/objects.ts";
import { createNodeName } from "./node-name.ts";
import { createNodePorts } from "./node-ports.ts";
import { createNodeUnschedulable } from "./node-unschedulable.ts";
import { createSchedulingGates } from "./scheduling-gates.ts";
import { createTaintToleration } from "./taint-toleration.ts";

const tolerating = (...tolerations: Toleration[]) => makePod("p", { spec: { tolerations } });
const taint = (effect: string, value = "gpu"): Taint => ({ key: "dedicated", value, effect });

test("NodeName: a pod that names a node fits there alone", () => {
  const nodes = [makeNode("a"), makeNode("b")];
  const wrong = "!node(s) didn't match the requested node name";
  assert.deepEqual(filter(createNodeName(), makePod("p"), { nodes }), { a: "", b: "" });
  assert.deepEqual(filter(createNodeName(), makePod("p", { spec: { nodeName: "b" } }), { nodes }), { a: wrong, b: "" });
});

test("NodeUnschedulable: a cordoned node takes only pods that tolerate it", () => {
  const plugin = createNodeUnschedulable();
  const nodes = [makeNode("open"), makeNode("cordoned", { unschedulable: true })];
  assert.deepEqual(filter(plugin, makePod("p"), { nodes }), { open: "", cordoned: "!node(s) were unschedulable" });
  const tolerant = tolerating({ key: "node.kubernetes.io/unschedulable", effect: "NoSchedule", operator: "Exists" });
  assert.deepEqual(filter(plugin, tolerant, { nodes }), { open: "", cordoned: "" });
  const change = { old: nodes[1]!, now: makeNode("cordoned") };
  assert.equal(isRetried(plugin, makePod("p"), { resource: "Node", action: "UpdateNodeTaint" }, change), true);
});

test("TaintToleration: a taint that keeps pods away must be tolerated, in effect, key and value", () => {
  const plugin = createTaintToleration();
  const rejected = "!node(s) had untolerated taint(s)";
  const cases: readonly [string, Toleration[], Taint[], string][] = [
    ["no taints", [], [], ""],
    ["no toleration", [], [taint("NoSchedule")], rejected],
    ["the mild kind keeps nobody away", [], [taint("PreferNoSchedule")], ""],
    ["equal", [{ key: "dedicated", operator: "Equal", value: "gpu", effect: "NoSchedule" }], [taint("NoSchedule")], ""],
    ["another value", [{ key: "dedicated", value: "x", effect: "NoSchedule" }], [taint("NoSchedule")], rejected],
    ["another effect", [{ key: "dedicated", value: "gpu", effect: "NoExecute" }], [taint("NoSchedule")], rejected],
    ["exists", [{ key: "dedicated", operator: "Exists" }], [taint("NoExecute")], ""],
    ["everything", [{ operator: "Exists" }], [taint("NoExecute"), taint("NoSchedule", "b")], ""],
    ["one of two", [{ key: "dedicated", value: "gpu" }], [taint("NoSchedule"), taint("NoSchedule", "b")], rejected],
  ];
  for (const [what, tolerations, taints, answer] of cases) {
    assert.deepEqual(
      filter(plugin, tolerating(...tolerations), { nodes: [makeNode("n", { taints })] }),
      { n: answer },
      what,
    );
  }
});

test("TaintToleration: of two nodes the one with fewer untolerated taints of the mild kind is better", () => {
  const nodes = [
    makeNode("none"),
    makeNode("tolerated", { taints: [taint("PreferNoSchedule")] }),
    makeNode("two", { taints: [taint("PreferNoSchedule", "b"), taint("PreferNoSchedule", "c")] }),
    makeNode("one", { taints: [taint("PreferNoSchedule", "b")] }),
  ];
  const pod = tolerating({ key: "dedicated", value: "gpu", effect: "PreferNoSchedule" });
  assert.deepEqual(score(createTaintToleration(), pod, { nodes }), { none: 100, tolerated: 100, two: 0, one: 50 });
});

test("TaintToleration: a pod is tried again when a node loses what kept it away, or when it tolerates more itself", () => {
  const plugin = createTaintToleration();
  const tainted = makeNode("n", { taints: [taint("NoSchedule")] });
  const taintChange = { resource: "Node", action: "UpdateNodeTaint" } as const;
  assert.equal(isRetried(plugin, makePod("p"), taintChange, { old: tainted, now: makeNode("n") }), true);
  assert.equal(isRetried(plugin, makePod("p"), taintChange, { old: makeNode("n"), now: tainted }), false);
  assert.equal(isRetried(plugin, makePod("p"), { resource: "Node", action: "Add" }, { now: tainted }), false);
  const own = { resource: "UnschedulablePod", action: "UpdatePodToleration" } as const;
  assert.equal(isRetried(plugin, makePod("p"), own, { old: makePod("p"), now: tolerating() }), true);
  assert.equal(isRetried(plugin, makePod("p"), own, { old: makePod("q"), now: makePod("q") }), false);
});

function listening(name: string, ...ports: { hostPort: number; hostIP?: string; protocol?: string }[]): Pod {
  const containerPorts = ports.map((port) => ({ containerPort: 80, ...port }));
  return makePod(name, { spec: { containers: [{ name: "c", image: "i", ports: containerPorts }] } });
}

test("NodePorts: a host port is free for one pod, by address and protocol", () => {
  const plugin = createNodePorts();
  const taken = "node(s) didn't have free ports for the requested pod ports";
  const cases: readonly [string, Parameters<typeof listening>[1], Parameters<typeof listening>[1], string][] = [
    ["another port", { hostPort: 8080 }, { hostPort: 8081 }, ""],
    ["the same", { hostPort: 8080 }, { hostPort: 8080 }, taken],
    ["another protocol", { hostPort: 8080, protocol: "UDP" }, { hostPort: 8080 }, ""],
    ["another address", { hostPort: 8080, hostIP: "127.0.0.1" }, { hostPort: 8080, hostIP: "127.0.0.2" }, ""],
    ["every address wanted", { hostPort: 8080, hostIP: "127.0.0.1" }, { hostPort: 8080 }, taken],
    ["every address taken", { hostPort: 8080, hostIP: "0.0.0.0" }, { hostPort: 8080, hostIP: "127.0.0.1" }, taken],
  ];
  for (const [what, used, wanted, answer] of cases) {
    const cluster = { nodes: [makeNode("n")], pods: [on("n", listening("other", used))] };
    assert.deepEqual(filter(plugin, listening("p", wanted), cluster), { n: answer }, what);
  }
});

test("NodePorts: the sidecar's ports count, an init container's do not", () => {
  const withInit = (restartPolicy?: string) =>
    makePod("p", {
      spec: {
        initContainers: [
          {
            name: "i",
            image: "i",
            ports: [{ containerPort: 1, hostPort: 8080 }],
            ...(restartPolicy && { restartPolicy }),
          },
        ],
      },
    });
  const cluster = { nodes: [makeNode("n")], pods: [on("n", listening("other", { hostPort: 8080 }))] };
  assert.deepEqual(filter(createNodePorts(), withInit(), cluster), { n: "" });
  assert.notDeepEqual(filter(createNodePorts(), withInit("Always"), cluster), { n: "" });
});

test("NodePorts: a pod is tried again when one goes that had its port", () => {
  const gone = { resource: "AssignedPod", action: "Delete" } as const;
  const pod = listening("p", { hostPort: 8080 });
  const retried = (old: Pod) => isRetried(createNodePorts(), pod, gone, { old });
  assert.equal(retried(on("n", listening("other", { hostPort: 8080 }))), true);
  assert.equal(retried(on("n", listening("other", { hostPort: 8081 }))), false);
  assert.equal(retried(listening("other", { hostPort: 8080 })), false);
});

test("SchedulingGates: a pod waits until all its gates are gone", () => {
  const { preEnqueue } = createSchedulingGates();
  assert.deepEqual(preEnqueue!(makePodInfo(makePod("p"))), { code: "Success" });
  const gated = makePod("p", { spec: { schedulingGates: [{ name: "quota" }, { name: "review" }] } });
  assert.deepEqual(preEnqueue!(makePodInfo(gated)), {
    code: "UnschedulableAndUnresolvable",
    plugin: "SchedulingGates",
    reasons: ["waiting for scheduling gates: [quota review]"],
  });
});
