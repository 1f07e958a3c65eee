import assert from "node:assert/strict";
import { test } from "node:test";
import { type Pod, resources, type TopologySpreadConstraint } from "#kubernetes/api";
import { makePodInfo } from "../cluster/pod-info.ts";
import { filter, isRetried, on, score, snapshotOf } from "../testing/ask-plugin.ts";
import { FakeInformers } from "../testing/fake-informers.ts";
import { hostnameLabel, makeNode, makePod, zoneLabel } from "../testing/objects.ts";
import { createPodTopologySpread } from "./pod-topology-spread.ts";

const uneven = "node(s) didn't match pod topology spread constraints";
const unlabelled = `!${uneven} (missing required label)`;
const createPlugin = (informers = new FakeInformers()) => createPodTopologySpread({}, { informers });

const constraint = (more: Partial<TopologySpreadConstraint> = {}): TopologySpreadConstraint => ({
  maxSkew: 1,
  topologyKey: zoneLabel,
  whenUnsatisfiable: "DoNotSchedule",
  labelSelector: { matchLabels: { app: "web" } },
  ...more,
});
const spreading = (...topologySpreadConstraints: TopologySpreadConstraint[]) =>
  makePod("p", { labels: { app: "web" }, spec: { topologySpreadConstraints } });
const web = (name: string, node: string, more = {}): Pod =>
  on(node, makePod(name, { labels: { app: "web" }, ...more }));
const inZone = (name: string, zone: string, more = {}) => makeNode(name, { labels: { [zoneLabel]: zone }, ...more });

const nodes = [inZone("a1", "a"), inZone("a2", "a"), inZone("b1", "b")];

test("PodTopologySpread: no zone may have more than maxSkew pods more than the one with the fewest", () => {
  const cases: readonly [string, Pod, Pod[], Record<string, string>][] = [
    ["none there", spreading(constraint()), [], { a1: "", a2: "", b1: "" }],
    ["one in a", spreading(constraint()), [web("x", "a1")], { a1: uneven, a2: uneven, b1: "" }],
    ["a larger skew", spreading(constraint({ maxSkew: 2 })), [web("x", "a1")], { a1: "", a2: "", b1: "" }],
    ["both the same", spreading(constraint()), [web("x", "a1"), web("y", "b1")], { a1: "", a2: "", b1: "" }],
    ["other pods", spreading(constraint()), [on("a1", makePod("x"))], { a1: "", a2: "", b1: "" }],
    ["other namespaces", spreading(constraint()), [web("x", "a1", { namespace: "other" })], { a1: "", a2: "", b1: "" }],
    [
      "over hosts",
      spreading(constraint({ topologyKey: hostnameLabel })),
      [web("x", "a1")],
      { a1: uneven, a2: "", b1: "" },
    ],
    [
      "both at once",
      spreading(constraint(), constraint({ topologyKey: hostnameLabel })),
      [web("x", "a1"), web("y", "b1")],
      { a1: uneven, a2: "", b1: uneven },
    ],
    [
      "a soft one says nothing here",
      spreading(constraint({ whenUnsatisfiable: "ScheduleAnyway" })),
      [web("x", "a1")],
      { a1: "", a2: "", b1: "" },
    ],
  ];
  for (const [what, pod, pods, answers] of cases) {
    assert.deepEqual(filter(createPlugin(), pod, { nodes, pods }), answers, what);
  }
});

test("PodTopologySpread: a pod that its own selector leaves out adds nothing", () => {
  const pod = makePod("p", { spec: { topologySpreadConstraints: [constraint()] } });
  assert.deepEqual(filter(createPlugin(), pod, { nodes, pods: [web("x", "a1")] }), { a1: "", a2: "", b1: "" });
});

test("PodTopologySpread: nodes without the label are none for the pod", () => {
  assert.deepEqual(filter(createPlugin(), spreading(constraint()), { nodes: [...nodes, makeNode("c")] }), {
    a1: "",
    a2: "",
    b1: "",
    c: unlabelled,
  });
});

test("PodTopologySpread: fewer domains than minDomains: the least is taken to be none", () => {
  const pod = spreading(constraint({ minDomains: 3 }));
  const pods = [web("x", "a1"), web("y", "b1")];
  assert.deepEqual(filter(createPlugin(), pod, { nodes, pods }), { a1: uneven, a2: uneven, b1: uneven });
});

test("PodTopologySpread: nodes the pod cannot use count only as the policies say", () => {
  const [taint] = [{ key: "x", effect: "NoSchedule" }];
  const cluster = { nodes: [inZone("a1", "a"), inZone("b1", "b", { taints: [taint] })], pods: [web("x", "a1")] };
  assert.equal(filter(createPlugin(), spreading(constraint()), cluster)["a1"], uneven);
  assert.equal(filter(createPlugin(), spreading(constraint({ nodeTaintsPolicy: "Honor" })), cluster)["a1"], "");
  const choosy = (policy?: string) => {
    const pod = spreading(constraint(policy ? { nodeAffinityPolicy: policy } : {}));
    return { ...pod, spec: { containers: [], ...pod.spec, nodeSelector: { [zoneLabel]: "a" } } };
  };
  assert.equal(filter(createPlugin(), choosy(), cluster)["a1"], "");
  assert.equal(filter(createPlugin(), choosy("Ignore"), cluster)["a1"], uneven);
});

test("PodTopologySpread: matchLabelKeys counts pods of the same revision only", () => {
  const pod = makePod("p", {
    labels: { app: "web", revision: "2" },
    spec: { topologySpreadConstraints: [constraint({ matchLabelKeys: ["revision"] })] },
  });
  const old = web("x", "a1", { labels: { app: "web", revision: "1" } });
  const current = web("y", "a1", { labels: { app: "web", revision: "2" } });
  assert.equal(filter(createPlugin(), pod, { nodes, pods: [old] })["a1"], "");
  assert.equal(filter(createPlugin(), pod, { nodes, pods: [current] })["a1"], uneven);
});

test("PodTopologySpread: pods on their way out do not count", () => {
  const leaving = web("x", "a1", { metadata: { deletionTimestamp: "2026-01-01T00:00:00Z" } });
  assert.deepEqual(filter(createPlugin(), spreading(constraint()), { nodes, pods: [leaving] }), {
    a1: "",
    a2: "",
    b1: "",
  });
});

test("PodTopologySpread: supposing that a pod goes or comes changes the answer", () => {
  const plugin = createPlugin();
  const there = makePodInfo(web("x", "a1"));
  const snapshot = snapshotOf({ nodes, pods: [there.pod] });
  const pod = makePodInfo(spreading(constraint()));
  const status = plugin.preFilter!(pod, snapshot);
  assert.ok(status.code === "Success");
  const node = snapshot.node("a1")!;
  const supposed = plugin.copyState!(status.state);
  plugin.removePod!(supposed, pod, there, node);
  assert.equal(plugin.filter!(supposed, pod, node).code, "Success");
  assert.equal(plugin.filter!(status.state, pod, node).code, "Unschedulable");
  plugin.addPod!(supposed, pod, there, node);
  assert.equal(plugin.filter!(supposed, pod, node).code, "Unschedulable");
});

test("PodTopologySpread: soft constraints: the fewer pods where the node lies, the better", () => {
  const pod = spreading(constraint({ whenUnsatisfiable: "ScheduleAnyway" }));
  const scores = score(createPlugin(), pod, { nodes, pods: [web("x", "a1"), web("y", "a2")] });
  assert.deepEqual(scores, { a1: 0, a2: 0, b1: 100 });
  assert.equal(score(createPlugin(), spreading(constraint()), { nodes }), "skip");
});

test("PodTopologySpread: by default pods of a service are spread over hosts and zones", () => {
  const informers = new FakeInformers();
  const plugin = createPlugin(informers);
  const pod = makePod("p", { labels: { app: "web" } });
  const cluster = { nodes, pods: [web("x", "a1")] };
  assert.equal(score(plugin, pod, cluster), "skip");
  informers.put(resources.services, {
    metadata: { namespace: "default", name: "web" },
    spec: { selector: { app: "web" } },
  });
  const scores = score(plugin, pod, cluster) as Record<string, number>;
  assert.ok(scores["b1"]! > scores["a2"]! && scores["a2"]! > scores["a1"]!, JSON.stringify(scores));
});

test("PodTopologySpread: retried when a pod it counts goes, when a node comes with the label", () => {
  const plugin = createPlugin();
  const pod = spreading(constraint());
  const gone = { resource: "AssignedPod", action: "Delete" } as const;
  assert.equal(isRetried(plugin, pod, gone, { old: web("x", "a1") }), true);
  assert.equal(isRetried(plugin, pod, gone, { old: on("a1", makePod("x")) }), false);
  assert.equal(isRetried(plugin, pod, gone, { old: web("x", "a1", { namespace: "other" }) }), false);
  const added = { resource: "Node", action: "Add" } as const;
  assert.equal(isRetried(plugin, pod, added, { now: inZone("c1", "c") }), true);
  assert.equal(isRetried(plugin, pod, added, { now: makeNode("c") }), false);
});
