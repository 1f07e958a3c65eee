// The life of pods on a node: started in order, kept as their policy says, ended with grace.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Pod } from "#kubernetes/api";
import {
  conditionOf,
  container,
  hasPhase,
  isRunning,
  isWaiting,
  noKubelet,
  startTestNode,
  statusOf,
} from "../../support/kubelet/test-node.ts";

const skip = noKubelet;

test("a pod: sandbox, container, status, and all of it gone when deleted", { skip }, async (t) => {
  const node = await startTestNode(t);
  await node.createPod("web", {});
  const pod = await node.untilPod("web", hasPhase("Running"));
  const { status } = pod;
  assert.equal(status?.podIP, "10.1.0.1");
  assert.equal(status?.hostIP, "10.0.0.1");
  assert.equal(statusOf(pod, "main")?.ready, true);
  assert.equal(statusOf(pod, "main")?.started, true);
  assert.match(statusOf(pod, "main")?.containerID ?? "", /^containerd:\/\/container-/);
  for (const type of ["PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"]) {
    assert.equal(conditionOf(pod, type)?.status, "True", type);
  }
  await node.deletePod("web");
  await node.untilGone("web");
  await node.untilRuntimeEmpty();
  assert.deepEqual(
    (await node.eventsOf("web")).map((event) => event.split(":")[0]),
    ["Normal Pulled", "Normal Created", "Normal Started", "Normal Killing"],
  );
});

test("init containers run one after the other, then the others together", { skip }, async (t) => {
  const node = await startTestNode(t);
  await node.createPod("app", {
    initContainers: [container("first"), container("second")],
    containers: [container("a"), container("b")],
  });
  const waiting = await node.untilPod("app", isRunning("first"));
  assert.equal(statusOf(waiting, "a")?.state?.waiting?.reason, "PodInitializing");
  assert.equal(conditionOf(waiting, "Initialized")?.reason, "ContainersNotInitialized");
  assert.equal(conditionOf(waiting, "Initialized")?.message, "containers with incomplete status: [first second]");
  node.runtime.exit(node.runtime.find("first"), 0);
  await node.untilPod("app", isRunning("second"));
  assert.equal(
    node.runtime.containers.some(({ name }) => name === "a"),
    false,
  );
  node.runtime.exit(node.runtime.find("second"), 0);
  const pod = await node.untilPod("app", hasPhase("Running"));
  assert.equal(statusOf(pod, "second")?.state?.terminated?.reason, "Completed");
  assert.equal(conditionOf(pod, "Initialized")?.status, "True");
  await node.untilPod("app", (each) => isRunning("a")(each) && isRunning("b")(each));
});

test("a failed init container ends a pod that never restarts", { skip }, async (t) => {
  const node = await startTestNode(t);
  await node.createPod("app", { restartPolicy: "Never", initContainers: [container("first")] });
  await node.untilPod("app", isRunning("first"));
  node.runtime.exit(node.runtime.find("first"), 3);
  const pod = await node.untilPod("app", hasPhase("Failed"));
  assert.equal(statusOf(pod, "first")?.state?.terminated?.exitCode, 3);
  assert.equal(statusOf(pod, "main")?.state?.waiting?.reason, "PodInitializing");
  assert.equal(node.runtime.callsOf("CreateContainer").length, 1);
});

test("a sidecar starts before, runs beside, and is stopped when all else has ended", { skip }, async (t) => {
  const node = await startTestNode(t);
  await node.createPod("job", {
    restartPolicy: "Never",
    initContainers: [container("side", { restartPolicy: "Always" }), container("setup")],
  });
  await node.untilPod("job", isRunning("setup"));
  assert.equal(node.runtime.find("side").state, "CONTAINER_RUNNING");
  node.runtime.exit(node.runtime.find("setup"), 0);
  await node.untilPod("job", hasPhase("Running"));
  node.runtime.exit(node.runtime.find("side"), 1);
  const restarted = await node.untilPod("job", (pod) => statusOf(pod, "side")?.restartCount === 1);
  assert.equal(statusOf(restarted, "side")?.lastState?.terminated?.exitCode, 1);
  node.runtime.exit(node.runtime.find("main"), 0);
  const pod = await node.untilPod("job", hasPhase("Succeeded"));
  assert.equal(statusOf(pod, "side")?.state?.terminated?.exitCode, 143);
});

test("a container that fails again and again waits longer each time", { skip }, async (t) => {
  const node = await startTestNode(t);
  await node.createPod("crash", {});
  await node.untilPod("crash", isRunning("main"));
  node.runtime.exit(node.runtime.find("main"), 1);
  // The first restart comes at once.
  await node.untilPod("crash", (pod) => isRunning("main")(pod) && statusOf(pod, "main")?.restartCount === 1);
  node.runtime.exit(node.runtime.find("main"), 1);
  const waiting = await node.untilPod("crash", isWaiting("main", "CrashLoopBackOff"));
  assert.match(
    statusOf(waiting, "main")?.state?.waiting?.message ?? "",
    /^back-off 10s restarting failed container=main pod=crash_default\(.+\)$/,
  );
  assert.equal(statusOf(waiting, "main")?.lastState?.terminated?.exitCode, 1);
  assert.equal(waiting.status?.phase, "Running");
  await node.untilEvent("crash", /^Warning BackOff: Back-off restarting failed container main in pod crash_default\(/);
  await node.clock.advance(9000);
  assert.equal(node.runtime.callsOf("StartContainer").length, 2);
  await node.advanceUntil("crash", 500, (pod) => statusOf(pod, "main")?.restartCount === 2);
  node.runtime.exit(node.runtime.find("main"), 1);
  const longer = await node.untilPod("crash", (pod) =>
    statusOf(pod, "main")?.state?.waiting?.message?.startsWith("back-off 20s"),
  );
  // Only the last end is kept in the runtime.
  assert.equal(statusOf(longer, "main")?.restartCount, 2);
});

test("OnFailure: a failure restarts, a success ends the pod", { skip }, async (t) => {
  const node = await startTestNode(t);
  await node.createPod("task", { restartPolicy: "OnFailure" });
  await node.untilPod("task", isRunning("main"));
  node.runtime.exit(node.runtime.find("main"), 7);
  await node.untilPod("task", (pod) => isRunning("main")(pod) && statusOf(pod, "main")?.restartCount === 1);
  node.runtime.exit(node.runtime.find("main"), 0);
  const pod = await node.untilPod("task", hasPhase("Succeeded"));
  assert.equal(conditionOf(pod, "Ready")?.reason, "PodCompleted");
  assert.equal(conditionOf(pod, "Initialized")?.reason, "PodCompleted");
});

test("Never: the pod's phase comes from its containers' exit codes", { skip }, async (t) => {
  const node = await startTestNode(t);
  await node.createPod("task", { restartPolicy: "Never", containers: [container("good"), container("bad")] });
  await node.untilPod("task", (pod) => isRunning("good")(pod) && isRunning("bad")(pod));
  node.runtime.exit(node.runtime.find("bad"), 5, { reason: "OOMKilled" });
  const half = await node.untilPod("task", (pod) => statusOf(pod, "bad")?.state?.terminated);
  assert.equal(half.status?.phase, "Running");
  assert.equal(statusOf(half, "bad")?.state?.terminated?.reason, "OOMKilled");
  node.runtime.exit(node.runtime.find("good"), 0);
  await node.untilPod("task", hasPhase("Failed"));
});

test("deletion gives a container its grace period; a shorter one in between cuts it", { skip }, async (t) => {
  const node = await startTestNode(t);
  const release = Promise.withResolvers<void>();
  node.runtime.intercept("StopContainer", async ({ timeout }, signal) => {
    if (timeout < 5) return;
    signal.addEventListener("abort", () => release.resolve());
    await release.promise;
  });
  await node.createPod("slow", { terminationGracePeriodSeconds: 60 });
  await node.untilPod("slow", hasPhase("Running"));
  await node.deletePod("slow");
  await node.untilPod("slow", (pod) => pod.metadata.deletionGracePeriodSeconds === 60);
  await node.untilCalled("StopContainer", 1);
  assert.equal(node.runtime.callsOf("StopContainer")[0]?.timeout, 60);
  await node.deletePod("slow", 3);
  await node.untilGone("slow");
  assert.equal(node.runtime.callsOf("StopContainer")[1]?.timeout, 3);
});

test("a pod past its activeDeadlineSeconds is stopped and Failed", { skip }, async (t) => {
  const node = await startTestNode(t);
  await node.createPod("limited", { activeDeadlineSeconds: 30 });
  await node.untilPod("limited", hasPhase("Running"));
  const pod = await node.advanceUntil("limited", 5000, hasPhase("Failed"));
  assert.equal(pod.status?.reason, "DeadlineExceeded");
  assert.equal(pod.status?.message, "Pod was active on the node longer than the specified deadline");
  assert.equal(statusOf(pod, "main")?.state?.terminated?.exitCode, 143);
});

test("a pod past its activeDeadlineSeconds has Failed, even if its containers end well when stopped", {
  skip,
}, async (t) => {
  const node = await startTestNode(t);
  node.runtime.exitCodeOnStop = 0;
  await node.createPod("limited", { activeDeadlineSeconds: 30, restartPolicy: "OnFailure" });
  await node.untilPod("limited", hasPhase("Running"));
  const hasEnded = (pod: Pod) => hasPhase("Failed")(pod) || hasPhase("Succeeded")(pod);
  const pod = await node.advanceUntil("limited", 5000, hasEnded);
  assert.deepEqual([pod.status?.phase, pod.status?.reason], ["Failed", "DeadlineExceeded"]);
});

test("an ephemeral container starts in a running pod, and sees the processes of its target", { skip }, async (t) => {
  const node = await startTestNode(t);
  const pod = await node.createPod("web", {});
  await node.untilPod("web", hasPhase("Running"));
  await node.debug(pod, { name: "debug", image: "app:1", targetContainerName: "main" });
  await node.untilPod("web", isRunning("debug"));
  const options = node.runtime.find("debug").config.linux?.securityContext?.namespaceOptions;
  assert.equal(options?.pid, "TARGET");
  assert.equal(options?.targetId, node.runtime.find("main").id);
  node.runtime.exit(node.runtime.find("debug"), 0);
  await node.untilPod("web", (each) => statusOf(each, "debug")?.state?.terminated?.exitCode === 0);
  assert.equal(node.runtime.callsOf("CreateContainer").length, 2);
});
