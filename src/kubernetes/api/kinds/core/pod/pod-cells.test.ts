// The STATUS column and its neighbours: what a real server shows for pods in all kinds of trouble.

import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeKind, definitionOf, testTime } from "../../testing/kind-rows.ts";
import type { DecodedPod } from "./decoded-pod.ts";
import { podRow } from "./pod-cells.ts";

type Row = readonly [name: string, pod: { spec?: object; status?: object; metadata?: object }, cells: string[]];

const running = { running: { startedAt: "2026-01-02T03:00:00Z" } };
const waiting = (reason: string): object => ({ waiting: { reason } });
const ended = (exitCode: number, more: object = {}): object => ({ terminated: { exitCode, ...more } });
const container = (state: object, more: object = {}): object => ({
  name: "c",
  image: "i",
  imageID: "x",
  ready: false,
  restartCount: 0,
  state,
  ...more,
});
const ready = { type: "Ready", status: "True" };
const sidecar = { initContainers: [{ name: "s", image: "i", restartPolicy: "Always" }] };
const twoInits = {
  initContainers: [
    { name: "a", image: "i" },
    { name: "b", image: "i" },
  ],
};

/** READY, STATUS, RESTARTS. */
const rows: readonly Row[] = [
  ["a new pod", { status: { phase: "Pending" } }, ["0/1", "Pending", "0"]],
  ["a reason says more than the phase", { status: { phase: "Failed", reason: "Evicted" } }, ["0/1", "Evicted", "0"]],
  [
    "a gated pod",
    {
      status: { phase: "Pending", conditions: [{ type: "PodScheduled", status: "False", reason: "SchedulingGated" }] },
    },
    ["0/1", "SchedulingGated", "0"],
  ],
  [
    "it runs",
    { status: { phase: "Running", containerStatuses: [container(running, { ready: true })] } },
    ["1/1", "Running", "0"],
  ],
  [
    "it starts",
    { status: { phase: "Pending", containerStatuses: [container(waiting("ContainerCreating"))] } },
    ["0/1", "ContainerCreating", "0"],
  ],
  [
    "it crashes",
    {
      status: {
        phase: "Running",
        containerStatuses: [
          container(waiting("CrashLoopBackOff"), {
            restartCount: 3,
            lastState: ended(1, { finishedAt: "2026-01-02T02:59:05Z" }),
          }),
        ],
      },
    },
    ["0/1", "CrashLoopBackOff", "3 (5m ago)"],
  ],
  ["it ended", { status: { phase: "Running", containerStatuses: [container(ended(1))] } }, ["0/1", "ExitCode:1", "0"]],
  [
    "a signal ended it",
    { status: { phase: "Running", containerStatuses: [container(ended(137, { signal: 9 }))] } },
    ["0/1", "Signal:9", "0"],
  ],
  [
    "one container is done, the other runs",
    {
      status: {
        phase: "Running",
        conditions: [ready],
        containerStatuses: [
          container(ended(0, { reason: "Completed" })),
          container(running, { name: "d", ready: true }),
        ],
      },
    },
    ["1/1", "Running", "0"],
  ],
  [
    "one is done, the other runs, and the pod is not ready",
    {
      status: {
        phase: "Running",
        containerStatuses: [
          container(ended(0, { reason: "Completed" })),
          container(running, { name: "d", ready: true }),
        ],
      },
    },
    ["1/1", "NotReady", "0"],
  ],
  [
    "one is done, the other failed",
    {
      status: {
        phase: "Failed",
        containerStatuses: [container(ended(0, { reason: "Completed" })), container(ended(1, { reason: "Error" }))],
      },
    },
    ["0/1", "Error", "0"],
  ],
  [
    "the first of two inits is done",
    {
      spec: twoInits,
      status: {
        phase: "Pending",
        initContainerStatuses: [container(ended(0), { name: "a" }), container(running, { name: "b" })],
        containerStatuses: [container(waiting("PodInitializing"))],
      },
    },
    ["0/1", "Init:1/2", "0"],
  ],
  [
    "an init fails, and its restarts count",
    {
      spec: twoInits,
      status: {
        phase: "Pending",
        initContainerStatuses: [container(ended(2), { name: "a", restartCount: 4 })],
        containerStatuses: [container(waiting("PodInitializing"))],
      },
    },
    ["0/1", "Init:ExitCode:2", "4"],
  ],
  [
    "an init waits to be tried again",
    {
      spec: twoInits,
      status: { phase: "Pending", initContainerStatuses: [container(waiting("CrashLoopBackOff"), { name: "a" })] },
    },
    ["0/1", "Init:CrashLoopBackOff", "0"],
  ],
  [
    "a sidecar counts among the containers once it has started",
    {
      spec: sidecar,
      status: {
        phase: "Running",
        initContainerStatuses: [container(running, { name: "s", started: true, ready: true, restartCount: 1 })],
        containerStatuses: [container(running, { ready: true, restartCount: 2 })],
      },
    },
    ["2/2", "Running", "3"],
  ],
  [
    "a sidecar that starts holds up the rest",
    { spec: sidecar, status: { phase: "Pending", initContainerStatuses: [container(running, { name: "s" })] } },
    ["0/2", "Init:0/1", "0"],
  ],
  [
    "it is being deleted",
    { metadata: { deletionTimestamp: "2026-01-02T03:04:05Z" }, status: { phase: "Running" } },
    ["0/1", "Terminating", "0"],
  ],
  [
    "it is being deleted and its node is lost",
    { metadata: { deletionTimestamp: "2026-01-02T03:04:05Z" }, status: { phase: "Running", reason: "NodeLost" } },
    ["0/1", "Unknown", "0"],
  ],
  [
    "it is being deleted and done",
    { metadata: { deletionTimestamp: "2026-01-02T03:04:05Z" }, status: { phase: "Succeeded" } },
    ["0/1", "Succeeded", "0"],
  ],
];

function rowOf({ spec, status, metadata }: Row[1]): ReturnType<typeof podRow> {
  const pod = decodeKind<DecodedPod>("Pod", {
    metadata: { name: "p", creationTimestamp: "2026-01-01T03:04:05Z", ...metadata },
    spec: { containers: [{ name: "c", image: "i" }], ...spec },
    status,
  });
  return podRow(pod, testTime);
}

for (const [name, pod, cells] of rows) {
  test(`podRow: ${name}`, () => assert.deepEqual(rowOf(pod).cells.slice(1, 4), cells));
}

test("podRow: all columns", () => {
  const conditions = [{ type: "g", status: "True" }];
  const spec = { nodeName: "n", readinessGates: [{ conditionType: "g" }, { conditionType: "h" }] };
  const { cells } = rowOf({ spec, status: { phase: "Running", podIPs: [{ ip: "10.1.1.1" }], conditions } });
  assert.deepEqual(cells, ["p", "0/1", "Running", "0", "24h", "10.1.1.1", "n", "<none>", "1/2"]);
});

test("podRow: says when a pod is done", () => {
  const [condition] = rowOf({ status: { phase: "Failed" } }).conditions!;
  assert.deepEqual(condition, { type: "Completed", status: "True", reason: "Failed", message: "The pod failed." });
  assert.equal(rowOf({ status: { phase: "Running" } }).conditions, undefined);
});

const graceRows: readonly (readonly [
  name: string,
  spec: object,
  status: object,
  requested: number | undefined,
  seconds: number,
])[] = [
  ["as the pod says", { nodeName: "n", terminationGracePeriodSeconds: 5 }, {}, undefined, 5],
  ["as the request says", { nodeName: "n" }, {}, 7, 7],
  ["none before it is on a node", {}, {}, 7, 0],
  ["none after its end", { nodeName: "n" }, { phase: "Succeeded" }, 7, 0],
  ["at least a second for less than nothing", { nodeName: "n" }, {}, -1, 1],
];
for (const [name, spec, status, requested, seconds] of graceRows) {
  test(`gracePeriodSeconds: ${name}`, () => {
    const pod = decodeKind("Pod", { spec: { containers: [], ...spec }, status });
    assert.equal(definitionOf("Pod").gracePeriodSeconds!(pod, requested), seconds);
  });
}
