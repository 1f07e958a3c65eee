import assert from "node:assert/strict";
import { test } from "node:test";
import type { Container, PodSpec } from "#kubernetes/api";
import { toBoundPod } from "../pod/bound-pod.ts";
import { hashContainer } from "../runtime/container-annotations.ts";
import type { ObservedContainer, ObservedPod } from "../runtime/observed.ts";
import { planPod } from "./plan-pod.ts";
import type { PodView, ProbeVerdict } from "./pod-plan.ts";

type State = "running" | "created" | "unknown" | { readonly exitCode: number };

interface Given {
  readonly spec?: Partial<PodSpec>;
  /** By container name; the newest first where there are several. */
  readonly runs?: Readonly<Record<string, State>>;
  readonly sandbox?: "ready" | "dead" | "none";
  readonly liveness?: Readonly<Record<string, ProbeVerdict>>;
  readonly startup?: Readonly<Record<string, ProbeVerdict>>;
  readonly deleted?: boolean;
  readonly image?: string;
}

const container = (name: string, more: Partial<Container> = {}): Container => ({ name, image: "app:1", ...more });

function plan(given: Given) {
  const { spec = {}, runs = {}, sandbox = "ready", liveness = {}, startup = {}, deleted, image = "app:1" } = given;
  const pod = toBoundPod({
    metadata: { name: "p", namespace: "d", uid: "u", ...(deleted && { deletionTimestamp: "2026-01-01T00:00:00Z" }) },
    spec: { containers: [container("main")], ...spec },
    status: {},
  });
  const observed: ObservedPod = {
    ...{ uid: "u", name: "p", namespace: "d", ips: ["10.0.0.1"] },
    sandboxes:
      sandbox === "none"
        ? []
        : [
            {
              ...{ id: "s", attempt: 0, createdAt: 0, hostNetwork: false, ip: "10.0.0.1", additionalIps: [] },
              ready: sandbox === "ready",
            },
          ],
    containers: Object.entries(runs).map(([name, state]) => observe(name, state, image)),
  };
  const view: PodView = {
    ...{ pod, observed, restartAll: false, given: () => undefined },
    probes: { liveness: (id) => liveness[id], startup: (id) => startup[id] },
  };
  const result = planPod(view);
  return {
    start: result.start.map(({ name }) => name),
    init: result.startInit.map(({ name }) => name),
    kill: result.kill.map(({ message }) => message),
    ...(result.killPod && { killPod: true }),
    ...(result.createSandbox && { createSandbox: true }),
  };
}

function observe(name: string, state: State, image: string): ObservedContainer {
  const isExited = typeof state === "object";
  return {
    ...{ id: name, containerID: `x://${name}`, name, sandboxId: "s", image: "app:1", imageRef: "", restartCount: 0 },
    ...{ state: isExited ? "exited" : state, exitCode: isExited ? state.exitCode : 0, createdAt: 0 },
    ...{ reason: "", message: "", logPath: "", hash: hashContainer({ name, image }) },
  };
}

const idle = { start: [], init: [], kill: [] };
const fresh = { killPod: true, createSandbox: true };
const init = { initContainers: [container("i1"), container("i2")] };
const side = { initContainers: [container("side", { restartPolicy: "Always" }), container("i2")] };

const cases: readonly [string, Given, ReturnType<typeof plan>][] = [
  ["a new pod", { sandbox: "none" }, { ...idle, ...fresh, start: ["main"] }],
  ["a new pod with init containers", { sandbox: "none", spec: init }, { ...idle, ...fresh, init: ["i1"] }],
  ["all runs", { runs: { main: "running" } }, idle],
  ["a container that ended, Always", { runs: { main: { exitCode: 0 } } }, { ...idle, start: ["main"] }],
  [
    "ended well, OnFailure",
    { runs: { main: { exitCode: 0 } }, spec: { restartPolicy: "OnFailure" } },
    { ...idle, killPod: true },
  ],
  [
    "ended badly, OnFailure",
    { runs: { main: { exitCode: 1 } }, spec: { restartPolicy: "OnFailure" } },
    { ...idle, start: ["main"] },
  ],
  ["ended, Never", { runs: { main: { exitCode: 1 } }, spec: { restartPolicy: "Never" } }, { ...idle, killPod: true }],
  ["made but not started", { runs: { main: "created" } }, { ...idle, start: ["main"] }],
  ["deleted: nothing starts", { runs: { main: { exitCode: 1 } }, deleted: true }, { ...idle, killPod: true }],
  ["init: the first has ended well", { spec: init, runs: { i1: { exitCode: 0 } } }, { ...idle, init: ["i2"] }],
  [
    "init: all have ended well",
    { spec: init, runs: { i1: { exitCode: 0 }, i2: { exitCode: 0 } } },
    { ...idle, start: ["main"] },
  ],
  ["init: the first was removed since", { spec: init, runs: { i2: { exitCode: 0 } } }, { ...idle, start: ["main"] }],
  ["init: failed, Always", { spec: init, runs: { i1: { exitCode: 1 } } }, { ...idle, init: ["i1"] }],
  [
    "init: failed, Never",
    { spec: { ...init, restartPolicy: "Never" }, runs: { i1: { exitCode: 1 } } },
    { ...idle, killPod: true },
  ],
  ["a sidecar runs: on with the next", { spec: side, runs: { side: "running" } }, { ...idle, init: ["i2"] }],
  [
    "a sidecar ended meanwhile",
    { spec: side, runs: { side: { exitCode: 1 }, i2: "running" } },
    { ...idle, init: ["side"] },
  ],
  [
    "sidecars alone keep no pod alive",
    {
      spec: { ...side, restartPolicy: "Never" },
      runs: { side: "running", i2: { exitCode: 0 }, main: { exitCode: 0 } },
    },
    { ...idle, killPod: true },
  ],
  [
    "a dead sandbox: all again",
    { sandbox: "dead", runs: { main: { exitCode: 137 } } },
    { ...idle, ...fresh, start: ["main"] },
  ],
  [
    "a dead sandbox, Never",
    { sandbox: "dead", spec: { restartPolicy: "Never" }, runs: { main: { exitCode: 137 } } },
    { ...idle, killPod: true },
  ],
  [
    "a dead sandbox, Never, between init containers",
    { sandbox: "dead", spec: { ...init, restartPolicy: "Never" }, runs: { i1: { exitCode: 0 } } },
    { ...idle, ...fresh, init: ["i2"] },
  ],
  [
    "a dead sandbox, OnFailure, all done",
    { sandbox: "dead", spec: { restartPolicy: "OnFailure" }, runs: { main: { exitCode: 0 } } },
    { ...idle, killPod: true },
  ],
];

for (const [title, given, wanted] of cases) {
  test(`planPod: ${title}`, () => assert.deepEqual(plan(given), wanted));
}

test("planPod: what makes a running container go", () => {
  const runs = { main: "running" } as const;
  assert.deepEqual(plan({ runs, liveness: { main: "failure" } }), {
    ...idle,
    start: ["main"],
    kill: ["Container main failed liveness probe, will be restarted"],
  });
  assert.deepEqual(plan({ runs, startup: { main: "failure" }, spec: { restartPolicy: "Never" } }), {
    ...{ ...idle, killPod: true },
  });
  assert.deepEqual(plan({ runs, image: "app:0" }), {
    ...idle,
    start: ["main"],
    kill: ["Container main definition changed, will be restarted"],
  });
});

test("planPod: one whose state nobody knows is killed before it starts again", () => {
  assert.deepEqual(plan({ runs: { main: "unknown" } }), {
    ...idle,
    start: ["main"],
    kill: ['Container is in "unknown" state, try killing it before restart'],
  });
});
