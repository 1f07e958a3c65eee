import assert from "node:assert/strict";
import { test } from "node:test";
import { type Pod, type PodDisruptionBudget, resources } from "#kubernetes/api";
import { makePodInfo } from "../cluster/pod-info.ts";
import { on } from "../testing/ask-plugin.ts";
import { FakeInformers } from "../testing/fake-informers.ts";
import { makeNode, makePod, requiredAntiAffinity, termOf } from "../testing/objects.ts";
import { makeSmallScheduler } from "../testing/small-scheduler.ts";

interface Victim {
  readonly cpu?: string;
  readonly priority?: number;
  readonly startTime?: string;
  readonly labels?: Record<string, string>;
}

function running(name: string, node: string, { cpu = "1", priority = 0, startTime, labels }: Victim = {}): Pod {
  const { spec } = makePod(name, { requests: { cpu } });
  return on(
    node,
    makePod(name, {
      ...(labels && { labels }),
      spec: { ...spec, priority },
      status: { ...(startTime && { startTime }) },
    }),
  );
}

function important(cpu: string, more: Partial<Pod["spec"]> = {}, status?: Pod["status"]): Pod {
  const { spec } = makePod("vip", { requests: { cpu } });
  return makePod("vip", { spec: { ...spec, priority: 100, ...more }, ...(status && { status }) });
}

function budget(allowed: number, app: string): PodDisruptionBudget {
  return {
    metadata: { namespace: "default", name: app },
    spec: { selector: { matchLabels: { app } } },
    status: { currentHealthy: 1, desiredHealthy: 1, expectedPods: 1, disruptionsAllowed: allowed },
  };
}

/** Which node is nominated, and who must go. */
async function preempt(pods: readonly Pod[], pod = important("4"), budgets: readonly PodDisruptionBudget[] = []) {
  const names = new Set(pods.map(({ spec }) => spec!.nodeName!));
  const informers = new FakeInformers();
  informers.put(resources.podDisruptionBudgets, ...budgets);
  informers.put(resources.pods, ...pods, pod);
  const scheduler = makeSmallScheduler({ nodes: [...names].map((name) => makeNode(name)), pods, informers });
  const outcome = scheduler.schedule(pod);
  await scheduler.stop();
  assert.ok(outcome.kind === "unschedulable");
  return { node: outcome.nominatedNodeName, victims: scheduler.deleted.toSorted(), message: outcome.message };
}

test("preemption: as few go as it takes, the least important first", async () => {
  const pods = [
    running("low", "n", { priority: 1 }),
    running("lower", "n", { priority: 0 }),
    running("high", "n", { priority: 50 }),
    running("higher", "n", { priority: 200 }),
  ];
  assert.deepEqual(await preempt(pods, important("2")), {
    node: "n",
    victims: ["low", "lower"],
    message: "0/1 nodes are available: 1 Insufficient cpu.",
  });
  const large = [running("small", "n", { cpu: "1" }), running("large", "n", { cpu: "3", priority: 1 })];
  assert.deepEqual((await preempt(large, important("1"))).victims, ["small"]);
  assert.deepEqual((await preempt(large, important("3"))).victims, ["large"]);
});

test("preemption: of several nodes the one where it costs least", async () => {
  const cases: readonly [string, Pod[], PodDisruptionBudget[], string][] = [
    [
      "no budget broken",
      [running("a", "a", { cpu: "4", labels: { app: "kept" } }), running("b", "b", { cpu: "4", priority: 9 })],
      [budget(0, "kept")],
      "b",
    ],
    [
      "the most important victim is less important",
      [running("a", "a", { cpu: "4", priority: 5 }), running("b", "b", { cpu: "4", priority: 4 })],
      [],
      "b",
    ],
    [
      "the sum of priorities is lower",
      [
        running("a1", "a", { cpu: "2", priority: 5 }),
        running("a2", "a", { cpu: "2", priority: 5 }),
        running("b1", "b", { cpu: "2", priority: 5 }),
        running("b2", "b", { cpu: "2", priority: 1 }),
      ],
      [],
      "b",
    ],
    [
      "fewer victims",
      [running("a1", "a", { cpu: "2" }), running("a2", "a", { cpu: "2" }), running("b", "b", { cpu: "4" })],
      [],
      "b",
    ],
    [
      "started later",
      [
        running("a", "a", { cpu: "4", startTime: "2025-01-01T00:00:00Z" }),
        running("b", "b", { cpu: "4", startTime: "2025-06-01T00:00:00Z" }),
      ],
      [],
      "b",
    ],
  ];
  for (const [what, pods, budgets, node] of cases) {
    for (const order of [pods, pods.toReversed()]) {
      assert.equal((await preempt(order, important("4"), budgets)).node, node, what);
    }
  }
});

test("preemption: a budget is broken where there is no other way", async () => {
  const pods = [running("kept", "n", { cpu: "4", labels: { app: "kept" } })];
  assert.deepEqual((await preempt(pods, important("4"), [budget(0, "kept")])).victims, ["kept"]);
  const both = [
    running("kept", "n", { cpu: "2", labels: { app: "kept" } }),
    running("free", "n", { cpu: "2", priority: 9 }),
  ];
  assert.deepEqual((await preempt(both, important("2"), [budget(0, "kept")])).victims, ["free"]);
});

test("preemption: equally important pods stay, and nothing helps against what no pod is to blame for", async () => {
  const equal = await preempt([running("equal", "n", { cpu: "4", priority: 100 })]);
  assert.deepEqual(equal, {
    node: "",
    victims: [],
    message:
      "0/1 nodes are available: 1 Insufficient cpu. " +
      "no new claims to deallocate, preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.",
  });
  const selective = await preempt([running("x", "n")], important("1", { nodeSelector: { none: "" } }));
  assert.equal(
    selective.message,
    "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector. " +
      "no new claims to deallocate, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.",
  );
});

test("preemption: a pod that never preempts says so", async () => {
  const { node, message, victims } = await preempt(
    [running("x", "n", { cpu: "4" })],
    important("4", { preemptionPolicy: "Never" }),
  );
  assert.deepEqual([node, victims], [undefined, []]);
  assert.match(message, /preemption: not eligible due to preemptionPolicy=Never\.$/);
});

test("preemption: a pod whose victims are still going waits for them", async () => {
  const going: Pod = {
    ...running("x", "n", { cpu: "4" }),
    status: { conditions: [{ type: "DisruptionTarget", status: "True", reason: "PreemptionByScheduler" }] },
  };
  going.metadata.deletionTimestamp = "2026-01-01T00:00:00Z";
  const { message, victims } = await preempt([going], important("4", {}, { nominatedNodeName: "n" }));
  assert.deepEqual(victims, []);
  assert.match(message, /preemption: not eligible due to a terminating pod on the nominated node\.$/);
});

test("preemption: who keeps the pod away must go, also where there is room", async () => {
  const pods = [running("db", "n", { labels: { app: "db" } }), running("other", "n")];
  const affinity = requiredAntiAffinity(termOf("db", "kubernetes.io/hostname"));
  assert.deepEqual((await preempt(pods, important("1", { affinity }))).victims, ["db"]);
});

test("preemption: the same pod again, after other nominations and placements, gets what is right now", async () => {
  const nodes = ["a", "b", "c"].map((name) => makeNode(name));
  const pods = ["a", "b", "c"].map((name) => running(`on-${name}`, name, { cpu: "4" }));
  const scheduler = makeSmallScheduler({ nodes, pods });
  const nominated = new Set<string | undefined>();
  for (const name of ["1", "2", "3"]) {
    const pod = { ...important("4"), metadata: { namespace: "default", name, uid: name } };
    const outcome = scheduler.schedule(pod);
    assert.ok(outcome.kind === "unschedulable");
    nominated.add(outcome.nominatedNodeName);
    scheduler.nominator.add(makePodInfo(pod), outcome.nominatedNodeName ?? "");
  }
  assert.deepEqual([...nominated].sort(), ["a", "b", "c"]);
  await scheduler.stop();
});
