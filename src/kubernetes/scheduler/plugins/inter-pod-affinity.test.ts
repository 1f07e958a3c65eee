import assert from "node:assert/strict";
import { test } from "node:test";
import { type Affinity, type Pod, resources } from "#kubernetes/api";
import { makePodInfo } from "../cluster/pod-info.ts";
import { filter, isRetried, on, score, snapshotOf } from "../testing/ask-plugin.ts";
import { FakeInformers } from "../testing/fake-informers.ts";
import {
  hostnameLabel,
  makeNode,
  makePod,
  requiredAffinity,
  requiredAntiAffinity,
  termOf,
  zoneLabel,
} from "../testing/objects.ts";
import { createInterPodAffinity } from "./inter-pod-affinity.ts";

const noAffinity = "!node(s) didn't match pod affinity rules";
const ownAnti = "node(s) didn't match pod anti-affinity rules";
const othersAnti = "node(s) didn't satisfy existing pods anti-affinity rules";
const createPlugin = (informers = new FakeInformers(), args = {}) => createInterPodAffinity(args, { informers });

const nodes = [
  makeNode("a1", { labels: { [zoneLabel]: "a" } }),
  makeNode("a2", { labels: { [zoneLabel]: "a" } }),
  makeNode("b1", { labels: { [zoneLabel]: "b" } }),
];
const wanting = (affinity: Affinity, app = "p", namespace = "default") =>
  makePod("p", { labels: { app }, spec: { affinity }, namespace });
const running = (app: string, node: string, more: { namespace?: string; affinity?: Affinity } = {}): Pod =>
  on(
    node,
    makePod(`${app}-${node}`, {
      labels: { app },
      namespace: more.namespace ?? "default",
      spec: { affinity: more.affinity ?? {} },
    }),
  );

test("InterPodAffinity: near and far, by topology", () => {
  const cases: readonly [string, Pod, Pod[], Record<string, string>][] = [
    [
      "near, by zone",
      wanting(requiredAffinity(termOf("db"))),
      [running("db", "a1")],
      { a1: "", a2: "", b1: noAffinity },
    ],
    [
      "near, by host",
      wanting(requiredAffinity(termOf("db", hostnameLabel))),
      [running("db", "a1")],
      { a1: "", a2: noAffinity, b1: noAffinity },
    ],
    ["near nobody", wanting(requiredAffinity(termOf("db"))), [], { a1: noAffinity, a2: noAffinity, b1: noAffinity }],
    ["the first of its group", wanting(requiredAffinity(termOf("p"))), [], { a1: "", a2: "", b1: "" }],
    [
      "not the first of its group",
      wanting(requiredAffinity(termOf("p"))),
      [running("p", "b1")],
      { a1: noAffinity, a2: noAffinity, b1: "" },
    ],
    [
      "two terms: one pod must match both",
      wanting(requiredAffinity(termOf("db"), termOf("cache"))),
      [running("db", "a1"), running("cache", "a2")],
      { a1: noAffinity, a2: noAffinity, b1: noAffinity },
    ],
    [
      "far, by zone",
      wanting(requiredAntiAffinity(termOf("db"))),
      [running("db", "a1")],
      { a1: ownAnti, a2: ownAnti, b1: "" },
    ],
    [
      "far, by host",
      wanting(requiredAntiAffinity(termOf("db", hostnameLabel))),
      [running("db", "a1")],
      { a1: ownAnti, a2: "", b1: "" },
    ],
    [
      "others keep away",
      makePod("p", { labels: { app: "p" } }),
      [running("hermit", "a1", { affinity: requiredAntiAffinity(termOf("p")) })],
      { a1: othersAnti, a2: othersAnti, b1: "" },
    ],
    [
      "another namespace",
      wanting(requiredAntiAffinity(termOf("db"))),
      [running("db", "a1", { namespace: "x" })],
      { a1: "", a2: "", b1: "" },
    ],
    [
      "a named namespace",
      wanting(requiredAntiAffinity(termOf("db", zoneLabel, { namespaces: ["x"] }))),
      [running("db", "a1", { namespace: "x" })],
      { a1: ownAnti, a2: ownAnti, b1: "" },
    ],
    [
      "every namespace",
      wanting(requiredAntiAffinity(termOf("db", zoneLabel, { namespaceSelector: {} }))),
      [running("db", "a1", { namespace: "x" })],
      { a1: ownAnti, a2: ownAnti, b1: "" },
    ],
  ];
  for (const [what, pod, pods, answers] of cases) {
    assert.deepEqual(filter(createPlugin(), pod, { nodes, pods }), answers, what);
  }
});

test("InterPodAffinity: namespaces by their labels, as they are at the moment", () => {
  const informers = new FakeInformers();
  const plugin = createPlugin(informers);
  const pod = wanting(
    requiredAntiAffinity(termOf("db", zoneLabel, { namespaceSelector: { matchLabels: { team: "x" } } })),
  );
  const pods = [running("db", "a1", { namespace: "other" })];
  assert.equal(filter(plugin, pod, { nodes, pods })["a1"], "");
  informers.put(resources.namespaces, { metadata: { name: "other", labels: { team: "x" } } });
  assert.equal(filter(plugin, pod, { nodes, pods })["a1"], ownAnti);
  informers.put(resources.namespaces, { metadata: { name: "other" } });
  assert.equal(filter(plugin, pod, { nodes, pods })["a1"], "");
});

test("InterPodAffinity: nodes without the topology label are near nobody and far from all", () => {
  const bare = { metadata: { name: "bare" }, status: nodes[0]!.status! };
  const all = [...nodes, bare];
  const pods = [running("db", "a1")];
  assert.equal(
    filter(createPlugin(), wanting(requiredAffinity(termOf("db"))), { nodes: all, pods })["bare"],
    noAffinity,
  );
  assert.equal(filter(createPlugin(), wanting(requiredAntiAffinity(termOf("db"))), { nodes: all, pods })["bare"], "");
});

test("InterPodAffinity: supposing that a pod goes makes room beside it", () => {
  const plugin = createPlugin();
  const there = makePodInfo(running("db", "a1"));
  const snapshot = snapshotOf({ nodes, pods: [there.pod] });
  const pod = makePodInfo(wanting(requiredAntiAffinity(termOf("db"))));
  const status = plugin.preFilter!(pod, snapshot);
  assert.ok(status.code === "Success");
  const node = snapshot.node("a1")!;
  const supposed = plugin.copyState!(status.state);
  plugin.removePod!(supposed, pod, there, node);
  assert.equal(plugin.filter!(supposed, pod, snapshot.node("a2")!).code, "Success");
  assert.equal(plugin.filter!(status.state, pod, snapshot.node("a2")!).code, "Unschedulable");
});

test("InterPodAffinity: preferences count by weight, both ways; required terms of others a little", () => {
  const preferred = (app: string, weight: number, side: "podAffinity" | "podAntiAffinity"): Affinity => ({
    [side]: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight, podAffinityTerm: termOf(app) }] },
  });
  const cases: readonly [string, Pod, Pod[], object | "skip"][] = [
    ["nobody prefers anything", makePod("p"), [running("db", "a1")], "skip"],
    ["near", wanting(preferred("db", 5, "podAffinity")), [running("db", "a1")], { a1: 100, a2: 100, b1: 0 }],
    ["far", wanting(preferred("db", 5, "podAntiAffinity")), [running("db", "a1")], { a1: 0, a2: 0, b1: 100 }],
    [
      "others want it near",
      makePod("p", { labels: { app: "p" } }),
      [running("db", "b1", { affinity: preferred("p", 1, "podAffinity") })],
      { a1: 0, a2: 0, b1: 100 },
    ],
    [
      "others require it near",
      makePod("p", { labels: { app: "p" } }),
      [running("db", "b1", { affinity: requiredAffinity(termOf("p")) })],
      { a1: 0, a2: 0, b1: 100 },
    ],
  ];
  for (const [what, pod, pods, answers] of cases) {
    assert.deepEqual(score(createPlugin(), pod, { nodes, pods }), answers, what);
  }
});

test("InterPodAffinity: pods without preferences may be passed over", () => {
  const plugin = createPlugin(new FakeInformers(), { ignorePreferredTermsOfExistingPods: true });
  const pods = [running("db", "b1", { affinity: requiredAffinity(termOf("p")) })];
  assert.equal(score(plugin, makePod("p", { labels: { app: "p" } }), { nodes, pods }), "skip");
});

test("InterPodAffinity: retried when a pod comes that is wanted, or goes that was not", () => {
  const plugin = createPlugin();
  const near = wanting(requiredAffinity(termOf("db")));
  const far = wanting(requiredAntiAffinity(termOf("db")));
  const added = { resource: "AssignedPod", action: "Add" } as const;
  const gone = { resource: "AssignedPod", action: "Delete" } as const;
  assert.equal(isRetried(plugin, near, added, { now: running("db", "a1") }), true);
  assert.equal(isRetried(plugin, near, added, { now: running("web", "a1") }), false);
  assert.equal(isRetried(plugin, far, gone, { old: running("db", "a1") }), true);
  assert.equal(isRetried(plugin, far, gone, { old: running("web", "a1") }), false);
  const hermit = running("web", "a1", { affinity: requiredAntiAffinity(termOf("p")) });
  assert.equal(isRetried(plugin, makePod("p", { labels: { app: "p" } }), gone, { old: hermit }), true);
});
