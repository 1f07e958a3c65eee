import assert from "node:assert/strict";
import { test } from "node:test";
import type { Pod } from "#kubernetes/api";
import { completedStatus, nextPodStep, runningStatus } from "./pod-life.ts";

const owner = (kind: string) => [{ apiVersion: "batch/v1", kind, name: "j", uid: "1", controller: true }];
const pod = (status: Pod["status"], metadata: Pod["metadata"] = {}): Pod => ({
  metadata: { name: "a", uid: "u", ...metadata },
  spec: {
    containers: [{ name: "main", image: "i:1" }],
    initContainers: [
      { name: "setup", image: "i:2" },
      { name: "side", image: "i:3", restartPolicy: "Always" },
    ],
    readinessGates: [{ conditionType: "example.com/gate" }],
  },
  status: status!,
});

test("nextPodStep: pods run, those of Jobs complete, deleted ones go, ended ones stay", () => {
  assert.equal(nextPodStep(pod({ phase: "Pending" })), "run");
  assert.equal(nextPodStep(pod({ phase: "Running" })), undefined);
  assert.equal(nextPodStep(pod({ phase: "Running" }, { ownerReferences: owner("Job") })), "complete");
  assert.equal(nextPodStep(pod({ phase: "Running" }, { ownerReferences: owner("ReplicaSet") })), undefined);
  assert.equal(nextPodStep(pod({ phase: "Succeeded" })), undefined);
  assert.equal(nextPodStep(pod({ phase: "Succeeded" }, { deletionTimestamp: "2026-01-01T00:00:00Z" })), "remove");
});

test("runningStatus: ready, with every container, gate and address; others' conditions stay", () => {
  const quota = { type: "DisruptionTarget", status: "False" };
  const place = { hostIPs: ["198.18.0.2"], podIPs: ["100.64.0.2", "fd00::2"], nowMs: 0 };
  const status = runningStatus(pod({ phase: "Pending", conditions: [quota] }), place);
  assert.equal(status.phase, "Running");
  assert.deepEqual(status.conditions?.[0], quota);
  assert.deepEqual(
    status.conditions?.slice(1).map(({ type, status: value }) => `${type}=${value}`),
    [
      "PodReadyToStartContainers=True",
      "Initialized=True",
      "Ready=True",
      "ContainersReady=True",
      "PodScheduled=True",
      "example.com/gate=True",
    ],
  );
  assert.deepEqual(status.containerStatuses?.[0]?.state, { running: { startedAt: "1970-01-01T00:00:00Z" } });
  assert.equal(status.initContainerStatuses?.[0]?.state?.terminated?.reason, "Completed");
  assert.ok(status.initContainerStatuses?.[1]?.state?.running);
  assert.deepEqual([status.hostIP, status.podIP], ["198.18.0.2", "100.64.0.2"]);
  assert.deepEqual(status.podIPs, [{ ip: "100.64.0.2" }, { ip: "fd00::2" }]);
  assert.equal(status.qosClass, "BestEffort");
});

test("completedStatus: every container has ended well, the pod is ready no more", () => {
  const before = runningStatus(pod({}), { hostIPs: [], podIPs: [], nowMs: 0 });
  const status = completedStatus(pod(before), 5000);
  assert.equal(status.phase, "Succeeded");
  const ready = status.conditions?.find(({ type }) => type === "Ready");
  assert.deepEqual([ready?.status, ready?.reason], ["False", "PodCompleted"]);
  const { terminated } = status.containerStatuses?.[0]?.state ?? {};
  assert.deepEqual(terminated, {
    exitCode: 0,
    reason: "Completed",
    startedAt: "1970-01-01T00:00:00Z",
    finishedAt: "1970-01-01T00:00:05Z",
  });
});

test("nextPodStep: a pod that others hold unready recovers, one whose container is not ready does not", () => {
  const held = (isContainerReady: boolean): Pod => ({
    metadata: { name: "a" },
    spec: { containers: [{ name: "c" }] },
    status: {
      phase: "Running",
      conditions: [{ type: "Ready", status: "False" }],
      containerStatuses: [{ name: "c", ready: isContainerReady, restartCount: 0, image: "", imageID: "" }],
    },
  });
  assert.equal(nextPodStep(held(true)), "recover");
  assert.equal(nextPodStep(held(false)), undefined);
});
