// What goes wrong with pods on a node, in the words and with the events people know, and how it mends.

import assert from "node:assert/strict";
import { test } from "node:test";
import { GrpcError, grpcCodes } from "#grpc";
import { resources } from "#kubernetes/api";
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

test("an image that is missing: ErrImagePull, ImagePullBackOff, and on as soon as it can be pulled", {
  skip,
}, async (t) => {
  const node = await startTestNode(t);
  node.runtime.intercept("PullImage", ({ image }) => {
    if (!node.runtime.registry.has(image?.image ?? "")) throw new GrpcError(grpcCodes.unknown, "no such image");
  });
  await node.createPod("web", { containers: [container("main", { image: "new:1" })] });
  const failed = await node.untilPod("web", isWaiting("main", "ErrImagePull"));
  assert.equal(statusOf(failed, "main")?.state?.waiting?.message, "no such image");
  assert.equal(failed.status?.phase, "Pending");
  assert.equal(failed.status?.podIP, "10.1.0.1");
  await node.untilEvent("web", 'Warning Failed: Failed to pull image "new:1": no such image');
  await node.untilEvent("web", "Warning Failed: Error: ErrImagePull");
  node.runtime.registry.add("new:1");
  await node.advanceUntil("web", 1000, isRunning("main"));
  await node.untilEvent("web", /^Normal Pulled: Successfully pulled image "new:1" in \S+ \(\S+ including waiting\)/);
});

test("image names that are none, and images that must be there and are not", { skip }, async (t) => {
  const node = await startTestNode(t);
  await node.createPod("invalid", { containers: [container("main", { image: "No::Image" })] });
  await node.createPod("never", { containers: [container("main", { image: "none:1", imagePullPolicy: "Never" })] });
  await node.untilPod("invalid", isWaiting("main", "InvalidImageName"));
  const never = await node.untilPod("never", isWaiting("main", "ErrImageNeverPull"));
  const message = 'Container image "none:1" is not present with pull policy of Never';
  assert.equal(statusOf(never, "main")?.state?.waiting?.message, message);
  await node.untilEvent("never", `Warning ErrImageNeverPull: ${message}`);
  await node.untilEvent("invalid", 'Warning InspectFailed: Failed to apply default image tag "No::Image"');
});

test("a pod that is deleted while its image is pulled goes at once", { skip }, async (t) => {
  const node = await startTestNode(t);
  const broken = Promise.withResolvers<void>();
  node.runtime.intercept("PullImage", async (_request, signal) => {
    signal.addEventListener("abort", () => broken.resolve());
    await broken.promise;
  });
  await node.createPod("web", { containers: [container("main", { image: "huge:1" })] });
  await node.untilCalled("PullImage", 1);
  await node.deletePod("web");
  await node.untilGone("web");
  assert.deepEqual(
    (await node.eventsOf("web")).filter((event) => event.startsWith("Warning")),
    [],
  );
});

test("a variable from a ConfigMap that is missing: CreateContainerConfigError, until it is made", {
  skip,
}, async (t) => {
  const node = await startTestNode(t);
  const env = [{ name: "A", valueFrom: { configMapKeyRef: { name: "settings", key: "a" } } }];
  await node.createPod("web", { containers: [container("main", { env })] });
  const pod = await node.untilPod("web", isWaiting("main", "CreateContainerConfigError"));
  assert.equal(statusOf(pod, "main")?.state?.waiting?.message, 'configmap "settings" not found');
  await node.untilEvent("web", 'Warning Failed: Error: configmap "settings" not found');
  await node.cluster.client.create(resources.configMaps, {
    metadata: { name: "settings", namespace: "default" },
    data: { a: "1" },
  });
  await node.untilPod("web", isRunning("main"));
  const variables = node.runtime.find("main").config.envs.map(({ key, value }) => `${key}=${value}`);
  assert.ok(variables.includes("A=1"));
});

test("a volume whose ConfigMap is missing: FailedMount and no sandbox, until it is made", { skip }, async (t) => {
  const node = await startTestNode(t);
  await node.createPod("web", {
    volumes: [{ name: "config", configMap: { name: "settings" } }],
    containers: [container("main", { volumeMounts: [{ name: "config", mountPath: "/config" }] })],
  });
  const message = 'MountVolume.SetUp failed for volume "config" : configmap "settings" not found';
  await node.untilEvent("web", `Warning FailedMount: ${message}`);
  assert.equal(node.runtime.callsOf("RunPodSandbox").length, 0);
  await node.cluster.client.create(resources.configMaps, {
    metadata: { name: "settings", namespace: "default" },
    data: { a: "1" },
  });
  await node.untilPod("web", isRunning("main"));
});

test("what the runtime refuses to create or run is said in the status, and tried again", { skip }, async (t) => {
  const node = await startTestNode(t);
  const createsNothing = node.runtime.intercept("CreateContainer", () => {
    throw new GrpcError(grpcCodes.unknown, "no space left");
  });
  await node.createPod("web", {});
  const pod = await node.untilPod("web", isWaiting("main", "CreateContainerError"));
  assert.equal(statusOf(pod, "main")?.state?.waiting?.message, "no space left");
  await node.untilEvent("web", "Warning Failed: Error: no space left");
  createsNothing();
  const startsNothing = node.runtime.intercept("StartContainer", () => {
    throw new GrpcError(grpcCodes.unknown, "exec: not found");
  });
  await node.advanceUntil("web", 5000, isWaiting("main", "RunContainerError"));
  startsNothing();
  await node.advanceUntil("web", 5000, isRunning("main"));
});

test("a sandbox that can't be made: an event, and another try", { skip }, async (t) => {
  const node = await startTestNode(t);
  const makesNone = node.runtime.intercept("RunPodSandbox", () => {
    throw new GrpcError(grpcCodes.unknown, "no addresses left");
  });
  await node.createPod("web", {});
  await node.untilEvent(
    "web",
    "Warning FailedCreatePodSandBox: Failed to create pod sandbox: rpc error: code = Unknown desc = no addresses left",
  );
  makesNone();
  await node.advanceUntil("web", 5000, isRunning("main"));
});

test("a sandbox that dies is replaced, and its containers with it", { skip }, async (t) => {
  const node = await startTestNode(t);
  await node.createPod("web", { initContainers: [container("init")] });
  await node.untilPod("web", isRunning("init"));
  node.runtime.exit(node.runtime.find("init"), 0);
  await node.untilPod("web", isRunning("main"));
  const [sandbox] = node.runtime.sandboxes;
  sandbox!.ready = false;
  node.runtime.exit(node.runtime.find("main"), 137);
  await node.untilEvent("web", "Normal SandboxChanged: Pod sandbox changed, it will be killed and re-created.");
  await node.untilPod("web", isRunning("init"));
  assert.equal(node.runtime.sandboxes.at(-1)?.config.metadata?.attempt, 1);
  node.runtime.exit(node.runtime.find("init"), 0);
  const pod = await node.untilPod("web", isRunning("main"));
  assert.equal(statusOf(pod, "main")?.restartCount, 1);
});

test("hooks: a failed postStart stops the container; preStop runs before the end, and its failure is told", {
  skip,
}, async (t) => {
  const node = await startTestNode(t);
  node.runtime.onExec = (_container, [command]) => ({ exitCode: command === "bad" ? 1 : 0 });
  const hooks = (postStart: string, preStop: string) => ({
    lifecycle: { postStart: { exec: { command: [postStart] } }, preStop: { exec: { command: [preStop] } } },
  });
  await node.createPod("unlucky", { containers: [container("main", hooks("bad", "good"))], restartPolicy: "Never" });
  await node.untilEvent("unlucky", "Warning FailedPostStartHook: PostStartHook failed");
  await node.untilEvent("unlucky", "Normal Killing: FailedPostStartHook");
  await node.untilPod("unlucky", hasPhase("Failed"));
  await node.createPod("web", { containers: [container("main", hooks("good", "bad"))] });
  await node.untilPod("web", hasPhase("Running"));
  await node.deletePod("web");
  await node.untilGone("web");
  await node.untilEvent("web", "Warning FailedPreStopHook: PreStopHook failed");
  const commands = node.runtime.callsOf("ExecSync").map(({ cmd }) => cmd[0]);
  assert.deepEqual(commands.slice(-2), ["good", "bad"]);
});

test("a runtime that goes away makes the node not ready; its pods go on when it is back", { skip }, async (t) => {
  const node = await startTestNode(t);
  await node.createPod("web", {});
  await node.untilPod("web", hasPhase("Running"));
  await node.runtime.stop();
  await node.advanceUntilNode(1000, (status) => {
    const ready = status.conditions?.find(({ type }) => type === "Ready");
    return ready?.status === "False" && ready.message === "container runtime is down";
  });
  node.runtime.markEnded(node.runtime.find("main"), 1);
  await node.runtime.start();
  await node.advanceUntilNode(1000, ({ conditions }) =>
    conditions?.some(({ type, status }) => type === "Ready" && status === "True"),
  );
  const pod = await node.advanceUntil(
    "web",
    500,
    (each) => isRunning("main")(each) && statusOf(each, "main")?.restartCount === 1,
  );
  assert.equal(conditionOf(pod, "Ready")?.status, "True");
});
