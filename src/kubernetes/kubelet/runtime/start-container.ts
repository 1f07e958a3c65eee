// Starts one container: image, configuration, creation, start, postStart hook. Events and reasons as upstream's.

import { mkdir, stat, symlink, unlink } from "node:fs/promises";
import { join } from "node:path";
import { GrpcError } from "#grpc";
import type { Container } from "#kubernetes/api";
import { describeError, type Logger } from "#shared";
import type { CriMessage } from "../cri/protocol.ts";
import type { ImagePuller } from "../images/image-puller.ts";
import { effectiveResources } from "../plan/plan-resize.ts";
import { type BoundPod, type ContainerKind, findContainer } from "../pod/bound-pod.ts";
import type { Allocations } from "../resize/allocations.ts";
import { type Backoff, formatSeconds } from "./backoff.ts";
import { containerConfig, makeTerminationLog } from "./container-config.ts";
import { type KillTools, killContainer } from "./kill-container.ts";
import { runHook } from "./lifecycle-hook.ts";
import { containerLogPath, podLogFolder, restartCountByLogs } from "./log-paths.ts";
import type { MachineFacts } from "./machine.ts";
import { findObserved, type ObservedPod } from "./observed.ts";
import type { PodHost } from "./pod-host.ts";
import { type ImageUser, type SecuritySettings, verifyRunAsNonRoot } from "./security-context.ts";
import { StartError, type StartFailureReason } from "./sync-error.ts";

export interface StartTools extends KillTools {
  readonly host: PodHost;
  readonly images: ImagePuller;
  readonly backoff: Backoff;
  readonly machine: MachineFacts;
  readonly security: SecuritySettings;
  readonly podLogsFolder: string;
  /** Where log collectors look for links to all containers' logs. Undefined: none are made. */
  readonly containerLogLinks: string | undefined;
  readonly logger: Logger;
  readonly allocations: Allocations;
  readonly metrics: { containerStarted(kind: ContainerKind): void };
}

export interface StartRequest {
  readonly pod: BoundPod;
  readonly container: Container;
  /** Of an ephemeral container: whose processes it is to see. */
  readonly targetName?: string | undefined;
  readonly observed: ObservedPod;
  readonly podSandboxId: string;
  readonly sandboxConfig: CriMessage<"PodSandboxConfig">;
  readonly podIPs: readonly string[];
  /** Breaks off pulling and hooks: the container is not to run any more. */
  readonly signal: AbortSignal;
}

/** Resolves when the container runs and its hook has ended. Throws StartError; the signal's reason where it was broken off. */
export async function startContainer(tools: StartTools, request: StartRequest): Promise<void> {
  const { pod, container, podSandboxId, sandboxConfig } = request;
  const failed = failureMaker(tools, request);
  waitOutBackoff(tools, request);
  const imageRef = await ensureImage(tools, request);
  const made = await makeConfig(tools, request, imageRef).catch((error) => {
    throw failed("CreateContainerConfigError", error);
  });
  tools.allocations.give(pod.metadata.uid, container.name, effectiveResources(pod, container));
  let containerId: string;
  try {
    const answer = await tools.cri.call("CreateContainer", { podSandboxId, config: made.config, sandboxConfig });
    containerId = answer.containerId;
  } catch (error) {
    throw failed("CreateContainerError", error);
  } finally {
    await made.release();
  }
  const record = (reason: string, message: string) =>
    tools.events.container(pod, container, { type: "Normal", reason, message, containerId });
  record("Created", "Container created");
  try {
    await tools.cri.call("StartContainer", { containerId });
  } catch (error) {
    throw failed("RunContainerError", error, containerId);
  }
  record("Started", "Container started");
  tools.metrics.containerStarted(findContainer(pod.spec, container.name)?.kind ?? "regular");
  await linkLog(tools, request, containerId, made.logPath);
  await runPostStart(tools, request, containerId);
}

/** Throws while the container must wait after its last end; counts the new try otherwise. */
function waitOutBackoff({ backoff, clock, events }: StartTools, { pod, container, observed }: StartRequest): void {
  const ended = observed.containers.find(({ name, state }) => name === container.name && state === "exited");
  if (!ended) return;
  const { name, namespace, uid } = pod.metadata;
  const key = [uid, container.name, container.image, JSON.stringify(container.resources ?? {})].join("/");
  const endedAt = ended.finishedAt ?? clock.now();
  const waitMs = backoff.remaining(key, endedAt);
  if (waitMs === 0) {
    backoff.next(key, endedAt);
    return;
  }
  const podName = `${name}_${namespace}(${uid})`;
  const message = `Back-off restarting failed container ${container.name} in pod ${podName}`;
  events.container(pod, container, { type: "Warning", reason: "BackOff", message });
  const delay = formatSeconds(backoff.delayOf(key));
  const status = `back-off ${delay} restarting failed container=${container.name} pod=${podName}`;
  throw new StartError("CrashLoopBackOff", status, { retryAt: clock.now() + waitMs });
}

async function ensureImage(tools: StartTools, request: StartRequest): Promise<string> {
  const { pod, container, sandboxConfig, signal } = request;
  const { images, events, host } = tools;
  try {
    return await images.ensure({
      image: container.image ?? "",
      pullPolicy: container.imagePullPolicy,
      podUid: pod.metadata.uid,
      annotations: pod.metadata.annotations ?? {},
      sandboxConfig,
      secrets: () => host.pullSecrets(pod),
      event: (type, reason, message) => events.container(pod, container, { type, reason, message }),
      signal,
    });
  } catch (error) {
    signal.throwIfAborted();
    const reason = error instanceof StartError ? error.reason : describeError(error);
    events.container(pod, container, { type: "Warning", reason: "Failed", message: `Error: ${reason}` });
    throw error instanceof StartError ? error : new StartError("ErrImagePull", describeError(error));
  }
}

/** Records the Failed event and makes the error; runtimes' messages come without gRPC's frame here, as upstream. */
function failureMaker({ events }: StartTools, { pod, container }: StartRequest) {
  return (reason: StartFailureReason, error: unknown, containerId?: string): StartError => {
    const message = error instanceof GrpcError ? error.message : describeError(error);
    const event = { type: "Warning", reason: "Failed", message: `Error: ${message}` } as const;
    events.container(pod, container, containerId === undefined ? event : { ...event, containerId });
    return new StartError(reason, message);
  };
}

interface MadeConfig {
  readonly config: CriMessage<"ContainerConfig">;
  readonly logPath: string;
  release(): Promise<void>;
}

async function makeConfig(tools: StartTools, request: StartRequest, imageRef: string): Promise<MadeConfig> {
  const { pod, container, podIPs, observed, targetName } = request;
  const { host, machine, security } = tools;
  const logFolder = join(podLogFolder(tools.podLogsFolder, pod), container.name);
  const previous = findObserved(observed, container.name);
  const restartCount = previous ? previous.restartCount + 1 : await restartCountByLogs(logFolder);
  const targetContainerId = targetName ? targetOf(observed, targetName) : undefined;
  const env = await host.environment(pod, container, podIPs);
  const { mounts, devices, release } = await host.mounts(pod, container, podIPs, env);
  try {
    const imageUser = await imageUserOf(tools, container);
    verifyRunAsNonRoot(pod, container, imageUser);
    await mkdir(logFolder, { recursive: true, mode: 0o755 });
    const terminationLog = await makeTerminationLog(container, host.containerFolder(pod, container.name));
    const config = containerConfig({
      pod,
      container,
      restartCount,
      imageRef,
      imageUser,
      env,
      mounts: terminationLog ? [...mounts, terminationLog] : mounts,
      devices,
      targetContainerId,
      machine,
      security,
    });
    return { config, logPath: join(logFolder, "..", containerLogPath(container.name, restartCount)), release };
  } catch (error) {
    await release();
    throw error;
  }
}

function targetOf(observed: ObservedPod, name: string): string {
  const target = findObserved(observed, name);
  if (!target) throw new Error(`unable to find target container ${name}`);
  return target.id;
}

async function imageUserOf({ cri }: StartTools, container: Container): Promise<ImageUser> {
  const { image } = await cri.call("ImageStatus", { image: { image: container.image } });
  if (image?.uid) return { uid: image.uid.value, name: "" };
  if (image?.username) return { name: image.username };
  return { uid: 0, name: "" };
}

/** <links>/<pod>_<namespace>_<container>-<id>.log, the form log collectors read names from. */
async function linkLog(tools: StartTools, request: StartRequest, containerId: string, target: string): Promise<void> {
  if (tools.containerLogLinks === undefined) return;
  const { name, namespace } = request.pod.metadata;
  const link = join(tools.containerLogLinks, `${name}_${namespace}_${request.container.name}-${containerId}.log`);
  try {
    await stat(target);
    await unlink(link).catch(() => {});
    await symlink(target, link);
  } catch (error) {
    tools.logger.debug({ link, error: describeError(error) }, "container log not linked");
  }
}

async function runPostStart(tools: StartTools, request: StartRequest, containerId: string): Promise<void> {
  const { pod, container, podIPs, observed, signal } = request;
  const handler = container.lifecycle?.postStart;
  if (!handler) return;
  try {
    await runHook(handler, { pod, container, containerId, podIP: podIPs[0] }, tools, signal);
  } catch (error) {
    signal.throwIfAborted();
    const event = { type: "Warning", reason: "FailedPostStartHook", message: "PostStartHook failed" } as const;
    tools.events.container(pod, container, event);
    const running = { ...unknownContainer, id: containerId, name: container.name, sandboxId: request.podSandboxId };
    const kill = { message: "FailedPostStartHook", reason: "FailedPostStartHook", podIP: observed.ips[0] } as const;
    await killContainer(tools, pod, running, kill).catch((failure) => {
      tools.logger.warn({ container: container.name, error: describeError(failure) }, "container not stopped");
    });
    throw new StartError("PostStartHookError", describeError(error));
  }
}

/** What is to be said of a container that was just started and not looked at yet. */
const unknownContainer = {
  containerID: "",
  state: "running",
  image: "",
  imageRef: "",
  hash: "",
  restartCount: 0,
  createdAt: 0,
  exitCode: 0,
  reason: "",
  message: "",
  logPath: "",
} as const;
