import assert from "node:assert/strict";
import { test } from "node:test";
import type { Pod } from "#kubernetes/api";
import { FakeClock, silentLogger } from "#shared";
import { type ClusterEvent, clusterEvent, type EventInterest, events } from "../events.ts";
import type { Plugin } from "../framework.ts";
import { noMetrics } from "../metrics.ts";
import { createPrioritySort } from "../plugins/priority-sort.ts";
import { createSchedulingGates } from "../plugins/scheduling-gates.ts";
import { makePod } from "../testing/objects.ts";
import { HintTable } from "./hint-table.ts";
import { PodNominator } from "./pod-nominator.ts";
import type { QueuedPod } from "./queued-pod.ts";
import { SchedulingQueue } from "./scheduling-queue.ts";

const fits = clusterEvent("Node", "Add");
const other = clusterEvent("Node", "UpdateNodeLabel");

interface Scene {
  readonly queue: SchedulingQueue;
  readonly clock: FakeClock;
  /** How often it said that there is something to take. */
  readonly ready: () => number;
}

/** A plug-in "Fit" wants to hear of added nodes; `hint` says what it makes of them. */
function makeScene({ hint, gate }: { hint?: EventInterest["isWorthTrying"]; gate?: Plugin } = {}): Scene {
  const clock = new FakeClock();
  const interests: EventInterest[] = [{ resource: "Node", actions: ["Add"], ...(hint && { isWorthTrying: hint }) }];
  const gates = [createSchedulingGates(), ...(gate ? [gate] : [])];
  const profiles = [
    { plugin: "Fit", interests },
    ...gates.map((plugin) => ({ plugin: plugin.name, interests: plugin.events ?? [] })),
  ];
  let ready = 0;
  const queue = new SchedulingQueue({
    clock,
    logger: silentLogger,
    hints: new HintTable(new Map([["default-scheduler", profiles]]), silentLogger),
    nominator: new PodNominator(() => true),
    isBefore: (a, b) => createPrioritySort().isBefore!(a, b),
    gates: new Map([["default-scheduler", gates]]),
    backoff: { initialMs: 1000, mostMs: 10_000 },
    mostUnschedulableMs: 300_000,
    metrics: noMetrics,
    onReady: () => ready++,
  });
  return { queue, clock, ready: () => ready };
}

const pod = (name: string, priority = 0, spec: Partial<Pod["spec"]> = {}) =>
  makePod(name, { spec: { priority, ...spec } });

function take({ queue }: Scene): string | undefined {
  const queued = queue.pop();
  if (queued) queue.done(queued.info.uid);
  return queued?.info.name;
}

/** The pod is tried, and "Fit" rejects it. */
function reject({ queue }: Scene, by: "Fit" | "error" | "Pending" = "Fit", during?: () => void): QueuedPod {
  const queued = queue.pop()!;
  during?.();
  queued.unschedulablePlugins = new Set(by === "error" ? [] : ["Fit"]);
  queued.pendingPlugins = new Set(by === "Pending" ? ["Fit"] : []);
  queue.addUnschedulable(queued);
  return queued;
}

const happen = ({ queue }: Scene, event: ClusterEvent) => queue.moveAll(event, undefined, undefined);

test("SchedulingQueue: higher priority first; of the same, who came first", async () => {
  const scene = makeScene();
  scene.queue.add(pod("low"));
  await scene.clock.advance(1);
  scene.queue.add(pod("first", 5));
  await scene.clock.advance(1);
  scene.queue.add(pod("second", 5));
  scene.queue.add(pod("third", 5));
  assert.deepEqual(
    [1, 2, 3, 4, 5].map(() => take(scene)),
    ["first", "second", "third", "low", undefined],
  );
});

test("SchedulingQueue: an unschedulable pod waits for an event its plug-in asks for, then for its back-off", async () => {
  const scene = makeScene();
  scene.queue.add(pod("p"));
  reject(scene);
  assert.deepEqual(scene.queue.sizes, { active: 0, backoff: 0, unschedulable: 1, gated: 0 });
  happen(scene, other);
  assert.equal(scene.queue.sizes.unschedulable, 1);
  happen(scene, fits);
  assert.equal(scene.queue.sizes.backoff, 1);
  await scene.clock.advance(2000);
  assert.deepEqual(scene.queue.sizes, { active: 1, backoff: 0, unschedulable: 0, gated: 0 });
});

test("SchedulingQueue: where nothing else is to be done, back-off ends early; not after errors", async () => {
  const scene = makeScene();
  scene.queue.add(pod("p"));
  reject(scene);
  happen(scene, fits);
  assert.equal(take(scene), "p");
  scene.queue.add(pod("q"));
  reject(scene, "error");
  assert.equal(take(scene), undefined);
  await scene.clock.advance(2000);
  assert.equal(take(scene), "q");
});

test("SchedulingQueue: back-off doubles from 1 s to 10 s, and begins with the failure", async () => {
  const scene = makeScene();
  const waits: number[] = [];
  scene.queue.add(pod("p"));
  for (let attempt = 0; attempt < 6; attempt++) {
    reject(scene, "error");
    const start = scene.clock.now();
    while (scene.queue.sizes.active === 0) await scene.clock.advance(1000);
    waits.push((scene.clock.now() - start) / 1000);
  }
  // Rounded up to whole seconds, in which pods come back together.
  assert.deepEqual(waits, [2, 3, 5, 9, 11, 11]);
});

test("SchedulingQueue: a hint that says no leaves the pod where it is; one that throws says yes", () => {
  const refusing = makeScene({ hint: () => false });
  refusing.queue.add(pod("p"));
  reject(refusing);
  happen(refusing, fits);
  assert.equal(refusing.queue.sizes.unschedulable, 1);
  const broken = makeScene({
    hint() {
      throw new Error("broken");
    },
  });
  broken.queue.add(pod("p"));
  reject(broken);
  happen(broken, fits);
  assert.equal(broken.queue.sizes.unschedulable, 0);
});

test("SchedulingQueue: a plug-in that waits for something has its pod tried at once when it has come", () => {
  const scene = makeScene();
  scene.queue.add(pod("p"));
  reject(scene, "Pending");
  happen(scene, fits);
  assert.deepEqual(scene.queue.sizes, { active: 1, backoff: 0, unschedulable: 0, gated: 0 });
});

test("SchedulingQueue: what happens while a pod is being tried counts for it", () => {
  const scene = makeScene();
  scene.queue.add(pod("early"));
  scene.queue.add(pod("late"));
  reject(scene, "Fit", () => happen(scene, fits));
  assert.equal(scene.queue.sizes.backoff, 1);
  assert.equal(take(scene), "late");
  scene.queue.add(pod("next"));
  reject(scene, "Fit");
  assert.equal(scene.queue.sizes.unschedulable, 1, "not what happened before it was taken");
});

test("SchedulingQueue: after five minutes a pod is tried again, whatever has happened", async () => {
  const scene = makeScene();
  scene.queue.add(pod("p"));
  reject(scene);
  await scene.clock.advance(299_000);
  assert.equal(scene.queue.sizes.unschedulable, 1);
  await scene.clock.advance(2_000);
  assert.deepEqual(scene.queue.sizes, { active: 1, backoff: 0, unschedulable: 0, gated: 0 });
});

test("SchedulingQueue: a gated pod waits until its gates are gone, and no event lets it in", async () => {
  const scene = makeScene();
  const gated = pod("p", 0, { schedulingGates: [{ name: "g" }] });
  scene.queue.add(gated);
  assert.deepEqual(scene.queue.sizes, { active: 0, backoff: 0, unschedulable: 0, gated: 1 });
  happen(scene, fits);
  await scene.clock.advance(600_000);
  assert.equal(take(scene), undefined);
  scene.queue.update(gated, pod("p"));
  assert.equal(take(scene), "p");
});

test("SchedulingQueue: a plug-in's gate is asked again on the events it wants to hear of", () => {
  let isOpen = false;
  const gate: Plugin = {
    name: "Gate",
    events: [{ resource: "Node", actions: ["Add"] }],
    preEnqueue: () =>
      isOpen ? { code: "Success" } : { code: "UnschedulableAndUnresolvable", reasons: ["closed"], plugin: "Gate" },
  };
  const scene = makeScene({ gate });
  scene.queue.add(pod("p"));
  happen(scene, fits);
  assert.equal(scene.queue.sizes.gated, 1);
  isOpen = true;
  happen(scene, other);
  assert.equal(scene.queue.sizes.gated, 1);
  happen(scene, fits);
  assert.equal(take(scene), "p");
});

test("SchedulingQueue: a pod that changes is tried again only where the change helps it", () => {
  const scene = makeScene();
  scene.queue.add(pod("p"));
  reject(scene);
  scene.queue.update(pod("p"), makePod("p", { labels: { a: "b" } }));
  assert.equal(scene.queue.sizes.unschedulable, 1);
  scene.queue.delete("p");
  assert.deepEqual(scene.queue.sizes, { active: 0, backoff: 0, unschedulable: 0, gated: 0 });
});

test("SchedulingQueue: a change of priority moves a waiting pod", () => {
  const scene = makeScene();
  scene.queue.add(pod("a", 1));
  scene.queue.add(pod("b", 2));
  scene.queue.update(pod("a", 1), pod("a", 3));
  assert.deepEqual([take(scene), take(scene)], ["a", "b"]);
});

test("SchedulingQueue: activate tries a pod at once, whatever rejected it", () => {
  const scene = makeScene();
  scene.queue.add(pod("p"));
  const { info } = reject(scene);
  scene.queue.activate([info]);
  assert.equal(take(scene), "p");
});

test("SchedulingQueue: the cluster's own events wake it once there is something to take", () => {
  const scene = makeScene();
  scene.queue.add(pod("p"));
  assert.equal(scene.ready(), 1);
  reject(scene);
  assert.equal(scene.ready(), 1);
  happen(scene, fits);
  assert.equal(scene.ready(), 2);
  happen(scene, events.assignedPodDelete);
  assert.equal(scene.ready(), 2);
});
