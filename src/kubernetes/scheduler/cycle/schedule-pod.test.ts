import assert from "node:assert/strict";
import { test } from "node:test";
import type { Node, Pod } from "#kubernetes/api";
import { makePodInfo } from "../cluster/pod-info.ts";
import { on } from "../testing/ask-plugin.ts";
import {
  hostnameLabel,
  makeNode,
  makePod,
  requiredAffinity,
  requiredAntiAffinity,
  termOf,
  zoneLabel,
} from "../testing/objects.ts";
import { makeSmallScheduler } from "../testing/small-scheduler.ts";
import { nodesToFind } from "./schedule-pod.ts";

const asking = (name: string, cpu: string, more = {}) => makePod(name, { requests: { cpu }, ...more });

test("nodesToFind: all of few nodes, ever fewer of many, never less than 100", () => {
  const cases = [
    [99, 0, 99],
    [100, 0, 100],
    [1000, 0, 420],
    [5000, 0, 500],
    [20_000, 0, 1000],
    [1000, 50, 500],
    [1000, 1, 100],
  ] as const;
  for (const [nodes, percentage, wanted] of cases) assert.equal(nodesToFind(nodes, percentage), wanted, `${nodes}`);
});

test("PodScheduler: says of every node why the pod does not fit, each reason counted", () => {
  const nodes = [
    makeNode("small", { allocatable: { cpu: "1" } }),
    makeNode("full"),
    makeNode("cordoned", { unschedulable: true }),
    makeNode("tainted", { taints: [{ key: "a", effect: "NoSchedule" }] }),
  ];
  const { schedule } = makeSmallScheduler({ nodes, pods: [on("full", asking("x", "3"))] });
  const outcome = schedule(asking("p", "2"));
  assert.ok(outcome.kind === "unschedulable");
  assert.equal(
    outcome.message,
    "0/4 nodes are available: 1 node(s) had untolerated taint(s), 1 node(s) were unschedulable, 2 Insufficient cpu. " +
      "no new claims to deallocate, preemption: 0/4 nodes are available: 1 No preemption victims found for incoming pod, " +
      "3 Preemption is not helpful for scheduling.",
  );
  assert.deepEqual([...outcome.diagnosis.unschedulablePlugins].sort(), [
    "NodeResourcesFit",
    "NodeUnschedulable",
    "TaintToleration",
  ]);
});

test("PodScheduler: where a plug-in rejects the pod as such, no node is looked at", () => {
  const { place } = makeSmallScheduler({ nodes: [makeNode("a"), makeNode("b")] });
  const volumes = [{ name: "v", persistentVolumeClaim: { claimName: "none" } }];
  assert.equal(
    place(makePod("p", { spec: { volumes } })),
    '0/2 nodes are available: persistentvolumeclaim "none" not found. not found',
  );
});

test("PodScheduler: without nodes there is nothing to say", () => {
  assert.equal(makeSmallScheduler({ nodes: [] }).place(makePod("p")), "no-nodes");
});

test("PodScheduler: pods spread over nodes by what is taken", () => {
  const { place } = makeSmallScheduler({ nodes: [makeNode("a"), makeNode("b")] });
  const placed = ["1", "2", "3", "4"].map((name) => place(asking(name, "1")));
  assert.deepEqual(placed.toSorted(), ["a", "a", "b", "b"]);
});

test("PodScheduler: a nominated pod's room is kept from less important ones, and it goes there itself", () => {
  const { schedule, place, nominator } = makeSmallScheduler({ nodes: [makeNode("n")] });
  const status = { nominatedNodeName: "n" };
  const nominated = asking("vip", "3", {
    status,
    spec: { priority: 10, containers: asking("vip", "3").spec!.containers },
  });
  nominator.add(makePodInfo(nominated));
  assert.equal(schedule(asking("p", "2")).kind, "unschedulable");
  assert.equal(schedule(asking("small", "1")).kind, "placed");
  assert.equal(place(nominated), "n");
});

/** The same sequence of numbers for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
}

test("PodScheduler: what it keeps of nodes never changes an answer", () => {
  const zones = ["a", "b", "c"];
  for (let seed = 1; seed <= 8; seed++) {
    const nodes: Node[] = Array.from({ length: 12 }, (_, at) =>
      makeNode(`n${at}`, {
        labels: { [zoneLabel]: zones[at % 3]! },
        ...(at % 5 === 0 && { taints: [{ key: "t", effect: at % 2 ? "NoSchedule" : "PreferNoSchedule" }] }),
      }),
    );
    const [keeping, forgetting] = [true, false].map((keepsResults) => makeSmallScheduler({ nodes, keepsResults }));
    const random = randomOf(seed);
    for (let step = 0; step < 80; step++) {
      const pod = randomPod(`p${step}`, random);
      const place = random() < 0.1 ? `p${Math.floor(random() * step)}` : undefined;
      for (const { cache } of [keeping!, forgetting!]) if (place) cache.removePod(place);
      assert.equal(keeping!.place(pod), forgetting!.place(pod), `seed ${seed}, step ${step}`);
    }
  }
});

function randomPod(name: string, random: () => number): Pod {
  const pick = <T>(...values: T[]) => values[Math.floor(random() * values.length)]!;
  const app = pick("web", "db");
  const affinity = pick(
    {},
    {},
    requiredAntiAffinity(termOf("db", hostnameLabel)),
    requiredAffinity(termOf("web", zoneLabel)),
  );
  const constraint = {
    maxSkew: 2,
    topologyKey: zoneLabel,
    whenUnsatisfiable: pick("DoNotSchedule", "ScheduleAnyway"),
    labelSelector: { matchLabels: { app } },
  };
  const base = makePod(name, { requests: { cpu: pick("250m", "500m", "1") } });
  return makePod(name, {
    labels: { app },
    spec: {
      containers: base.spec!.containers,
      affinity,
      preemptionPolicy: "Never",
      ...(random() < 0.3 && { topologySpreadConstraints: [constraint] }),
      ...(random() < 0.2 && { nodeSelector: { [zoneLabel]: pick("a", "b") } }),
    },
  });
}
