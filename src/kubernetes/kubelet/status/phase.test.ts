import assert from "node:assert/strict";
import { test } from "node:test";
import type { ContainerState, ContainerStatus, PodSpec } from "#kubernetes/api";
import { toBoundPod } from "../pod/bound-pod.ts";
import { podPhase } from "./phase.ts";

type Short = "running" | "waiting" | "backoff" | number | undefined;

function statusOf(name: string, short: Short, started = true): ContainerStatus[] {
  if (short === undefined) return [];
  const ended: ContainerState = { terminated: { exitCode: typeof short === "number" ? short : 1 } };
  const state: ContainerState =
    short === "running" ? { running: {} } : typeof short === "number" ? ended : { waiting: {} };
  const lastState = short === "backoff" ? ended : {};
  return [{ name, state, lastState, started, ready: false, restartCount: 0, image: "", imageID: "" }];
}

interface Given {
  readonly restartPolicy?: PodSpec["restartPolicy"] & string;
  readonly init?: Short;
  readonly side?: Short;
  readonly sideStarted?: boolean;
  readonly a?: Short;
  readonly b?: Short;
  readonly isTerminal?: boolean;
}

function phaseOf({ restartPolicy = "Always", init, side, sideStarted, a, b, isTerminal = false }: Given): string {
  const initContainers = [
    ...(side === undefined ? [] : [{ name: "side", restartPolicy: "Always" }]),
    ...(init === undefined ? [] : [{ name: "init" }]),
  ];
  const spec = {
    restartPolicy,
    initContainers,
    containers: [{ name: "a" }, ...(b === undefined ? [] : [{ name: "b" }])],
  };
  const statuses = [
    ...statusOf("side", side, sideStarted),
    ...statusOf("init", init),
    ...statusOf("a", a),
    ...statusOf("b", b),
  ];
  return podPhase({ pod: toBoundPod({ metadata: {}, spec, status: {} }), statuses, isTerminal, hasInitialized: false });
}

const cases: readonly [Given, string][] = [
  [{}, "Pending"],
  [{ a: "waiting" }, "Pending"],
  [{ a: "running" }, "Running"],
  [{ a: "running", b: "waiting" }, "Pending"],
  [{ a: "running", b: 1, restartPolicy: "Never" }, "Running"],
  [{ a: 0 }, "Running"],
  [{ a: "backoff" }, "Running"],
  [{ a: 0, restartPolicy: "OnFailure" }, "Succeeded"],
  [{ a: 1, restartPolicy: "OnFailure" }, "Running"],
  [{ a: 0, b: 0, restartPolicy: "Never" }, "Succeeded"],
  [{ a: 0, b: 1, restartPolicy: "Never" }, "Failed"],
  [{ a: 0, isTerminal: true }, "Succeeded"],
  [{ a: 143, isTerminal: true }, "Failed"],
  [{ init: "running", a: "waiting" }, "Pending"],
  [{ init: 1, a: "waiting" }, "Pending"],
  [{ init: 1, a: "waiting", restartPolicy: "Never" }, "Failed"],
  [{ init: 0, a: "running" }, "Running"],
  [{ side: "running", sideStarted: false, a: "waiting" }, "Pending"],
  [{ side: "running", a: "running" }, "Running"],
  [{ side: 1, a: "running" }, "Running"],
  [{ side: 143, a: 0, restartPolicy: "Never", isTerminal: true }, "Succeeded"],
];

for (const [given, phase] of cases) {
  test(`podPhase: ${JSON.stringify(given)} is ${phase}`, () => assert.equal(phaseOf(given), phase));
}
