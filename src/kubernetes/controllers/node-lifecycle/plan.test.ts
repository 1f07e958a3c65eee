import assert from "node:assert/strict";
import { test } from "node:test";
import type { Node, NodeCondition, Taint } from "#kubernetes/api";
import { FakeClock } from "#shared";
import { defaultNodeLifecycle } from "../controller-settings.ts";
import { evictionRate, planDisruption, type Zone } from "./disruption.ts";
import { NodeHealth } from "./health.ts";
import { planNode, planSilence, withEvictingTaint } from "./plan.ts";
import { ZoneQueues } from "./zone-queues.ts";

const nowMs = Date.parse("2026-01-01T00:00:00Z");
const now = "2026-01-01T00:00:00Z";

function node(ready: string | undefined, taints: Taint[] = [], more: Partial<Node["metadata"]> = {}): Node {
  const conditions: NodeCondition[] = ready === undefined ? [] : [{ type: "Ready", status: ready }];
  return {
    metadata: { name: "n1", creationTimestamp: "2025-12-31T00:00:00Z", ...more },
    spec: { taints },
    status: { conditions },
  };
}

const taint = (key: string, effect: string): Taint => ({ key: `node.kubernetes.io/${key}`, effect });

test("conditions and cordons become taints nothing is scheduled with", () => {
  const unready: Node = {
    ...node("False", [{ key: "mine", effect: "NoSchedule" }, taint("disk-pressure", "NoSchedule")]),
    spec: {
      unschedulable: true,
      taints: [{ key: "mine", effect: "NoSchedule" }, taint("disk-pressure", "NoSchedule")],
    },
  };
  const plan = planNode(unready, nowMs);
  assert.deepEqual(plan.taints, [
    { key: "mine", effect: "NoSchedule" },
    { ...taint("not-ready", "NoSchedule"), timeAdded: now },
    { ...taint("unschedulable", "NoSchedule"), timeAdded: now },
  ]);
  assert.equal(plan.evictingTaint, "node.kubernetes.io/not-ready");
});

test("a ready node loses what was wrong with it", () => {
  const healed = node("True", [taint("not-ready", "NoSchedule"), taint("unreachable", "NoExecute")]);
  const plan = planNode(healed, nowMs);
  assert.deepEqual([plan.taints, plan.evictingTaint], [[], undefined]);
});

test("a node that goes from one evicting taint to the other does not wait for its turn", () => {
  const silent = node("Unknown", [taint("not-ready", "NoExecute"), taint("unreachable", "NoSchedule")]);
  const plan = planNode(silent, nowMs);
  assert.deepEqual(plan.taints, [
    taint("unreachable", "NoSchedule"),
    { ...taint("unreachable", "NoExecute"), timeAdded: now },
  ]);
  assert.equal(plan.evictingTaint, undefined);
  const settled = node("Unknown", plan.taints);
  assert.equal(planNode(settled, nowMs).taints, undefined);
});

test("the evicting taint replaces the other one", () => {
  const taints = withEvictingTaint(
    node("Unknown", [taint("not-ready", "NoExecute")]),
    "node.kubernetes.io/unreachable",
    nowMs,
  );
  assert.deepEqual(taints, [{ ...taint("unreachable", "NoExecute"), timeAdded: now }]);
});

test("older labels follow the newer ones", () => {
  const labels = { "kubernetes.io/os": "linux", "kubernetes.io/arch": "arm64", "beta.kubernetes.io/arch": "amd64" };
  assert.deepEqual(planNode(node("True", [], { labels }), nowMs).labels, {
    "beta.kubernetes.io/os": "linux",
    "beta.kubernetes.io/arch": "arm64",
  });
});

test("silence makes the kubelet's conditions unknown", () => {
  const conditions = planSilence(node("True"), nowMs);
  assert.deepEqual(
    conditions?.map(({ type, status, reason }) => [type, status, reason]),
    [
      ["Ready", "Unknown", "NodeStatusUnknown"],
      ["MemoryPressure", "Unknown", "NodeStatusNeverUpdated"],
      ["DiskPressure", "Unknown", "NodeStatusNeverUpdated"],
      ["PIDPressure", "Unknown", "NodeStatusNeverUpdated"],
    ],
  );
  assert.equal(planSilence(node("Unknown"), nowMs), undefined);
});

test("a node is heard of through its status and its lease, by our clock", async () => {
  const clock = new FakeClock(nowMs);
  const health = new NodeHealth(clock);
  const beat = (lastHeartbeatTime: string): Node => ({
    ...node("True"),
    status: { conditions: [{ type: "Ready", status: "True", lastHeartbeatTime }] },
  });
  const lease = (renewTime: string) => ({ metadata: { name: "n1" }, spec: { renewTime } });
  health.observe(beat("2020-01-01T00:00:00Z"));
  assert.equal(health.lastHeardMs("n1"), nowMs);
  await clock.advance(10_000);
  health.observe(beat("2020-01-01T00:00:00Z"));
  assert.equal(health.lastHeardMs("n1"), nowMs);
  health.observe(beat("2020-01-01T00:00:10Z"));
  assert.equal(health.lastHeardMs("n1"), nowMs + 10_000);
  await clock.advance(10_000);
  health.renew(lease("2020-01-01T00:00:20.000000Z"));
  await clock.advance(10_000);
  health.renew(lease("2020-01-01T00:00:20.000000Z"));
  assert.equal(health.lastHeardMs("n1"), nowMs + 20_000);
});

function zoned(zone: string, count: number, ready: number): Node[] {
  return Array.from({ length: count }, (_, position) =>
    node(position < ready ? "True" : "Unknown", [], {
      name: `${zone}${position}`,
      labels: { "topology.kubernetes.io/zone": zone },
    }),
  );
}

test("zones are judged by the share of nodes that are not ready", () => {
  const nodes = [...zoned("a", 10, 4), ...zoned("b", 4, 2), ...zoned("c", 2, 0)];
  const { change, zones } = planDisruption(nodes, new Map(), defaultNodeLifecycle);
  assert.equal(change, "none");
  assert.deepEqual(
    [...zones.values()],
    [
      { size: 10, state: "partial" },
      { size: 4, state: "normal" },
      { size: 2, state: "full" },
    ],
  );
  const rates = [...zones.values()].map((zone) => evictionRate(zone, defaultNodeLifecycle));
  assert.deepEqual(rates, [0, 0.1, 0.1]);
  assert.equal(evictionRate({ size: 51, state: "partial" }, defaultNodeLifecycle), 0.01);
});

test("when everything is down, evictions end; when something comes back, they begin anew", () => {
  let before: ReadonlyMap<string, Zone> = new Map();
  const step = (nodes: Node[]) => {
    const plan = planDisruption(nodes, before, defaultNodeLifecycle);
    before = plan.zones;
    return plan.change;
  };
  const down = [...zoned("a", 2, 0), ...zoned("b", 1, 0)];
  assert.equal(step(down), "enter");
  assert.equal(step(down), "stay");
  assert.equal(step([...down, ...zoned("c", 1, 0)]), "enter");
  assert.equal(step(zoned("a", 2, 1)), "leave");
  assert.equal(step(zoned("a", 2, 1)), "none");
});

test("nodes of a zone take turns at its rate", async () => {
  const clock = new FakeClock(nowMs);
  const queues = new ZoneQueues(clock, 0.1);
  for (const name of ["n1", "n2", "n3"]) queues.add("a", name);
  assert.deepEqual([queues.take("a"), queues.take("a")], ["n1", undefined]);
  assert.equal(queues.msUntilTurn("a"), 10_000);
  await clock.advance(10_000);
  queues.remove("n2");
  assert.equal(queues.take("a"), "n3");
  queues.add("a", "n4");
  queues.setRate("a", 0);
  await clock.advance(100_000);
  assert.deepEqual([queues.take("a"), queues.msUntilTurn("a")], [undefined, undefined]);
});
