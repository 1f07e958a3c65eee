// A kubelet that ends and begins again: containers are not touched, nothing starts twice, what happened meanwhile is made up for.

import assert from "node:assert/strict";
import { test } from "node:test";
import { resources } from "#kubernetes/api";
import {
  container,
  hasPhase,
  isRunning,
  noKubelet,
  startTestNode,
  statusOf,
  type TestNode,
} from "../../support/kubelet/test-node.ts";

const skip = noKubelet;

async function startStopped(t: Parameters<typeof startTestNode>[0]) {
  const node = await startTestNode(t, { starts: false });
  const kubelet = await node.startKubelet();
  return { node, stop: () => kubelet.stop() };
}

/** The kubelet has looked at every pod once more. */
async function looked(node: TestNode, before: number): Promise<void> {
  await node.untilCalled("ContainerStatus", before + 1);
  await node.cluster.rest();
}

test("running pods go on as they were", { skip }, async (t) => {
  const { node, stop } = await startStopped(t);
  await node.createPod("web", { initContainers: [container("side", { restartPolicy: "Always" })] });
  const before = await node.untilPod("web", hasPhase("Running"));
  await node.untilPod("web", (pod) => statusOf(pod, "main")?.ready);
  await stop();
  const { length } = node.runtime.callsOf("ContainerStatus");
  await node.startKubelet();
  await looked(node, length);
  const after = await node.untilPod("web", hasPhase("Running"));
  assert.equal(node.runtime.callsOf("StartContainer").length, 2);
  assert.equal(node.runtime.callsOf("StopContainer").length, 0);
  assert.equal(statusOf(after, "main")?.containerID, statusOf(before, "main")?.containerID);
  assert.deepEqual(after.status?.startTime, before.status?.startTime);
});

test("a container that ended meanwhile is restarted, and counted", { skip }, async (t) => {
  const { node, stop } = await startStopped(t);
  await node.createPod("web", {});
  await node.untilPod("web", isRunning("main"));
  await stop();
  node.runtime.markEnded(node.runtime.find("main"), 2);
  await node.startKubelet();
  const pod = await node.untilPod(
    "web",
    (each) => isRunning("main")(each) && statusOf(each, "main")?.restartCount === 1,
  );
  assert.equal(statusOf(pod, "main")?.lastState?.terminated?.exitCode, 2);
});

test("a pod deleted meanwhile is stopped and removed; one removed by force, too", { skip }, async (t) => {
  const { node, stop } = await startStopped(t);
  await node.createPod("polite", {});
  await node.createPod("forced", {});
  await node.untilPod("polite", hasPhase("Running"));
  await node.untilPod("forced", hasPhase("Running"));
  await stop();
  await node.deletePod("polite");
  await node.deletePod("forced", 0);
  await node.startKubelet();
  await node.untilGone("polite");
  await node.untilRuntimeEmpty();
});

test("a pod created meanwhile starts", { skip }, async (t) => {
  const { node, stop } = await startStopped(t);
  await stop();
  await node.createPod("web", {});
  await node.startKubelet();
  await node.untilPod("web", hasPhase("Running"));
});

test("a reboot: pods that may restart do, others end", { skip }, async (t) => {
  const { node, stop } = await startStopped(t);
  await node.createPod("always", {});
  await node.createPod("never", { restartPolicy: "Never" });
  await node.untilPod("always", hasPhase("Running"));
  await node.untilPod("never", hasPhase("Running"));
  await stop();
  node.runtime.reboot();
  await node.startKubelet();
  const again = await node.untilPod(
    "always",
    (pod) => isRunning("main")(pod) && statusOf(pod, "main")?.restartCount === 1,
  );
  assert.equal(statusOf(again, "main")?.lastState?.terminated?.exitCode, 255);
  const ended = await node.untilPod("never", hasPhase("Failed"));
  assert.equal(statusOf(ended, "main")?.state?.terminated?.reason, "Unknown");
});

test("a reboot between init containers that run once: the pod goes on with the next", { skip }, async (t) => {
  const { node, stop } = await startStopped(t);
  await node.createPod("never", { restartPolicy: "Never", initContainers: [container("first"), container("second")] });
  await node.untilPod("never", isRunning("first"));
  await stop();
  node.runtime.markEnded(node.runtime.find("first"), 0);
  node.runtime.reboot();
  await node.startKubelet();
  await node.untilPod("never", isRunning("second"));
  node.runtime.exit(node.runtime.find("second"), 0);
  await node.untilPod("never", isRunning("main"));
});

test("a pod that was refused keeps its status", { skip }, async (t) => {
  const { node, stop } = await startStopped(t);
  await node.createPod("large", { containers: [container("main", { resources: { requests: { cpu: "100" } } })] });
  const before = await node.untilPod("large", hasPhase("Failed"));
  assert.equal(before.status?.reason, "OutOfcpu");
  assert.equal(
    before.status?.message,
    "Pod was rejected: Node didn't have enough resource: cpu, requested: 100000, used: 0, capacity: 4000",
  );
  await stop();
  await node.startKubelet();
  await node.createPod("other", {});
  await node.untilPod("other", hasPhase("Running"));
  await node.cluster.rest();
  const after = await node.cluster.client.get(resources.pods, { namespace: "default", name: "large" });
  assert.equal(after.status?.reason, "OutOfcpu");
  assert.deepEqual(after.status?.containerStatuses ?? [], []);
});

for (const events of ["containerd", "none"] as const) {
  test(`an end is heard of with ${events === "none" ? "no events at all" : "containerd's events"}`, {
    skip,
  }, async (t) => {
    const node = await startTestNode(t, { events });
    await node.createPod("web", {});
    await node.untilPod("web", isRunning("main"));
    node.runtime.exit(node.runtime.find("main"), 1);
    await node.advanceUntil("web", 200, (pod) => statusOf(pod, "main")?.restartCount === 1);
  });
}

test("an end that containerd tells of before CRI knows is not missed", { skip }, async (t) => {
  const node = await startTestNode(t, { events: "containerd" });
  await node.createPod("task", { restartPolicy: "Never" });
  await node.untilPod("task", isRunning("main"));
  const main = node.runtime.find("main");
  // In the middle of being started, as far as CRI says.
  main.state = "CONTAINER_CREATED";
  node.runtime.tellEnd(main);
  await node.untilCalled("ListContainers", node.runtime.callsOf("ListContainers").length + 1);
  main.state = "CONTAINER_RUNNING";
  for (let second = 0; second < 10; second++) await node.clock.advance(1000);
  node.runtime.markEnded(main, 0);
  await node.advanceUntil("task", 500, hasPhase("Succeeded"));
});
