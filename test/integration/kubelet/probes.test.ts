// Probes and what follows from them: ready or not, restarted or left alone.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import {
  conditionOf,
  container,
  hasPhase,
  isRunning,
  noKubelet,
  startTestNode,
  statusOf,
} from "../../support/kubelet/test-node.ts";

const skip = noKubelet;
const exec = { exec: { command: ["check"] } };

test("readiness: not ready until the probe says so, and not any more when it fails", { skip }, async (t) => {
  const node = await startTestNode(t);
  let exitCode = 1;
  node.runtime.onExec = () => ({ exitCode, stdout: "not yet" });
  const readinessProbe = { ...exec, periodSeconds: 1, failureThreshold: 2 };
  await node.createPod("web", { containers: [container("main", { readinessProbe })] });
  const unready = await node.untilPod("web", isRunning("main"));
  assert.equal(statusOf(unready, "main")?.ready, false);
  assert.equal(conditionOf(unready, "Ready")?.message, "containers with unready status: [main]");
  await node.advanceUntilCalled("ExecSync", 3, 500);
  await node.untilEvent("web", "Warning Unhealthy: Readiness probe failed: not yet");
  exitCode = 0;
  await node.advanceUntil("web", 500, (pod) => conditionOf(pod, "Ready")?.status === "True");
  exitCode = 1;
  await node.advanceUntil("web", 500, (pod) => conditionOf(pod, "Ready")?.status === "False");
  assert.equal(node.runtime.callsOf("StopContainer").length, 0);
});

test("liveness: a container that fails is killed with its grace period, and started again", { skip }, async (t) => {
  const node = await startTestNode(t);
  let isSick = false;
  node.runtime.onExec = ({ id }) => ({ exitCode: isSick && id === node.runtime.containers[0]?.id ? 1 : 0 });
  const livenessProbe = { ...exec, periodSeconds: 1, failureThreshold: 3, terminationGracePeriodSeconds: 7 };
  await node.createPod("web", { containers: [container("main", { livenessProbe })] });
  await node.untilPod("web", isRunning("main"));
  await node.advanceUntilCalled("ExecSync", 2, 500);
  isSick = true;
  const pod = await node.advanceUntil("web", 500, (each) => statusOf(each, "main")?.restartCount === 1);
  assert.equal(statusOf(pod, "main")?.lastState?.terminated?.exitCode, 143);
  await node.untilEvent("web", "Normal Killing: Container main failed liveness probe, will be restarted");
  await node.untilEvent("web", /^Warning Unhealthy: Liveness probe failed: /);
  assert.equal(node.runtime.callsOf("StopContainer")[0]?.timeout, 7);
});

test("startup: other probes wait for it; when it never succeeds the container is killed", { skip }, async (t) => {
  const node = await startTestNode(t);
  let isUp = false;
  node.runtime.onExec = (_container, [command]) => ({ exitCode: command === "up" && !isUp ? 1 : 0 });
  const startupProbe = { exec: { command: ["up"] }, periodSeconds: 1, failureThreshold: 5 };
  const livenessProbe = { exec: { command: ["live"] }, periodSeconds: 1 };
  await node.createPod("web", { containers: [container("main", { startupProbe, livenessProbe })] });
  const starting = await node.untilPod("web", isRunning("main"));
  assert.equal(statusOf(starting, "main")?.started, false);
  await node.advanceUntil("web", 500, (pod) => statusOf(pod, "main")?.restartCount === 1);
  await node.untilEvent("web", "Normal Killing: Container main failed startup probe, will be restarted");
  const asked = () => node.runtime.callsOf("ExecSync").map(({ cmd }) => cmd[0]);
  assert.equal(asked().includes("live"), false);
  isUp = true;
  await node.advanceUntil("web", 500, (pod) => statusOf(pod, "main")?.started);
  await node.advanceUntilCalled("ExecSync", asked().length + 1, 500);
  assert.equal(asked().at(-1), "live");
});

test("an HTTP probe of the pod's own network; what it answers is in the event", { skip }, async (t) => {
  const node = await startTestNode(t);
  let status = 200;
  const server = createServer((_request, answer) => answer.writeHead(status).end("sick")).listen(0, "127.0.0.1");
  t.after(() => server.close());
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  const readinessProbe = { httpGet: { path: "/healthz", port: "web", host: "127.0.0.1" }, periodSeconds: 1 };
  const ports = [{ name: "web", containerPort: port }];
  await node.createPod("web", { containers: [container("main", { readinessProbe, ports })] });
  await node.advanceUntil("web", 500, (pod) => conditionOf(pod, "Ready")?.status === "True");
  status = 503;
  await node.advanceUntil("web", 500, (pod) => conditionOf(pod, "Ready")?.status === "False");
  await node.untilEvent("web", "Warning Unhealthy: Readiness probe failed: HTTP probe failed with statuscode: 503");
});

test("a readiness gate keeps a pod unready until somebody sets its condition", { skip }, async (t) => {
  const node = await startTestNode(t);
  await node.createPod("web", { readinessGates: [{ conditionType: "example.com/ready" }] });
  const pod = await node.untilPod("web", hasPhase("Running"));
  assert.equal(conditionOf(pod, "ContainersReady")?.status, "True");
  assert.equal(conditionOf(pod, "Ready")?.reason, "ReadinessGatesNotReady");
  await node.setCondition("web", { type: "example.com/ready", status: "True" });
  await node.untilPod("web", (each) => conditionOf(each, "Ready")?.status === "True");
});
