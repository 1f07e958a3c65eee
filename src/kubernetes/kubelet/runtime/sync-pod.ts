// Carries out a pod's plan: kills, makes the sandbox, starts containers in their order. A regular container that fails to start
// does not keep the others from starting.

import { mkdir } from "node:fs/promises";
import { formatGrpcError } from "#grpc";
import type { Container } from "#kubernetes/api";
import type { CriMessage } from "../cri/protocol.ts";
import { toContainer } from "../plan/plan-pod.ts";
import type { PodPlan } from "../plan/pod-plan.ts";
import { type BoundPod, describePod, isSidecar } from "../pod/bound-pod.ts";
import { resizePod } from "../resize/resize-pod.ts";
import { killContainer, killPod } from "./kill-container.ts";
import { podLogFolder } from "./log-paths.ts";
import type { ObservedPod } from "./observed.ts";
import type { PodCgroups } from "./pod-cgroups.ts";
import { type StartRequest, type StartTools, startContainer } from "./start-container.ts";
import { StartError } from "./sync-error.ts";

export interface SyncTools extends StartTools {
  readonly cgroups: PodCgroups;
  /** Called when a new sandbox has its addresses, before any container is made. */
  onSandboxReady(pod: BoundPod, podIPs: readonly string[]): void;
}

export interface SyncResult {
  /** Of every container that was to be started: why it could not be, or undefined. */
  readonly starts: ReadonlyMap<string, StartError | undefined>;
  /** Whether anything was changed: then look at the pod again. */
  readonly changed: boolean;
  /** Why the pod's resources could not be changed. */
  readonly resizeError?: string;
  /** What went wrong besides, in upstream's words. */
  readonly error?: Error;
}

export interface SyncRequest {
  readonly pod: BoundPod;
  readonly observed: ObservedPod;
  readonly plan: PodPlan;
  /** Resolves when the containers' volumes are there; what it throws is thrown to others, too. */
  readonly volumes: Promise<void>;
  /** Breaks off what may take long (pulling, hooks, grace periods): the pod is not to run any more. */
  readonly signal: AbortSignal;
}

/** Never throws: what went wrong is in the result, also that it was broken off. */
export async function syncPod(tools: SyncTools, request: SyncRequest): Promise<SyncResult> {
  const run = new SyncRun(tools, request);
  try {
    await run.execute();
  } catch (error) {
    return { starts: run.starts, changed: true, error: error as Error };
  }
  const { starts, changed, resizeError } = run;
  return { starts, changed, ...(resizeError !== undefined && { resizeError }) };
}

class SyncRun {
  readonly starts = new Map<string, StartError | undefined>();
  changed = false;
  resizeError: string | undefined;
  readonly #tools: SyncTools;
  readonly #pod: BoundPod;
  readonly #observed: ObservedPod;
  readonly #plan: PodPlan;
  readonly #volumes: Promise<void>;
  readonly #signal: AbortSignal;

  constructor(tools: SyncTools, { pod, observed, plan, volumes, signal }: SyncRequest) {
    this.#tools = tools;
    this.#pod = pod;
    this.#observed = observed;
    this.#plan = plan;
    this.#volumes = volumes;
    this.#signal = signal;
  }

  async execute(): Promise<void> {
    const plan = this.#plan;
    if (plan.createSandbox && plan.sandboxId !== undefined) {
      const message = "Pod sandbox changed, it will be killed and re-created.";
      this.#tools.events.pod(this.#pod, "Normal", "SandboxChanged", message);
    }
    if (plan.killPod) await this.#killAll();
    else await this.#killSome();
    await this.#pruneInitContainers();
    if (plan.killPod && !plan.createSandbox) return;
    const sandbox = plan.createSandbox ? await this.#createSandbox() : await this.#knownSandbox();
    if (!sandbox) return;
    await this.#volumes;
    await this.#startContainers(sandbox);
  }

  async #killAll(): Promise<void> {
    this.changed = true;
    await killPod(this.#tools, this.#pod, this.#observed, { signal: this.#signal });
    // A new sandbox begins from the beginning: what init containers did in the old one does not count. Unless they run only once.
    if (!this.#plan.createSandbox || this.#pod.spec.restartPolicy === "Never") return;
    for (const { name } of this.#pod.spec.initContainers ?? []) {
      for (const each of this.#observed.containers) if (each.name === name) await this.#remove(each.id);
    }
  }

  async #killSome(): Promise<void> {
    const tools = this.#tools;
    const common = { podIP: this.#observed.ips[0], signal: this.#signal };
    for (const { observed, message, reason } of this.#plan.kill) {
      this.changed = true;
      await killContainer(tools, this.#pod, observed, { ...common, message, reason });
    }
    for (const { observed, kill } of this.#plan.reset) {
      this.changed = true;
      if (kill) {
        const reset = { message: "killing", reason: "RestartAllContainers", gracePeriodSeconds: 0 } as const;
        await killContainer(tools, this.#pod, observed, { ...common, ...reset });
      }
      await this.#remove(observed.id);
    }
  }

  async #remove(containerId: string): Promise<void> {
    await this.#tools.cri.call("RemoveContainer", { containerId });
  }

  /** Of each init container only the last run is kept. */
  async #pruneInitContainers(): Promise<void> {
    if (this.#plan.reset.length > 0 || this.#plan.createSandbox) return;
    for (const { name } of this.#pod.spec.initContainers ?? []) {
      const ended = this.#observed.containers.filter(
        (each) => each.name === name && (each.state === "exited" || each.state === "unknown"),
      );
      for (const { id } of ended.slice(1)) await this.#remove(id).catch(() => {});
    }
  }

  async #createSandbox(): Promise<Sandbox> {
    const { cri, host, events, podLogsFolder } = this.#tools;
    const pod = this.#pod;
    this.changed = true;
    const config = await host.sandboxConfig(pod, this.#plan.attempt).catch((error) => {
      throw this.#sandboxFailure(error);
    });
    await mkdir(podLogFolder(podLogsFolder, pod), { recursive: true, mode: 0o755 });
    let podSandboxId: string;
    try {
      const runtimeHandler = await host.runtimeHandler(pod);
      podSandboxId = (await cri.call("RunPodSandbox", { config, runtimeHandler })).podSandboxId;
    } catch (error) {
      throw this.#sandboxFailure(error);
    }
    try {
      const { status } = await cri.call("PodSandboxStatus", { podSandboxId });
      const { ip = "", additionalIps = [] } = status?.network ?? {};
      const ips = [ip, ...additionalIps.map((each) => each.ip)].filter((each) => each !== "");
      this.#tools.onSandboxReady(pod, ips);
      return { podSandboxId, config, podIPs: pod.spec.hostNetwork ? this.#observed.ips : ips };
    } catch (error) {
      const message = `Unable to get pod sandbox status: ${formatGrpcError(error)}`;
      events.pod(pod, "Warning", "FailedPodSandBoxStatus", message);
      throw error;
    }
  }

  #sandboxFailure(error: unknown): Error {
    const text = formatGrpcError(error);
    const pod = this.#pod;
    this.#tools.events.pod(pod, "Warning", "FailedCreatePodSandBox", `Failed to create pod sandbox: ${text}`);
    return new Error(`Failed to create sandbox for pod ${JSON.stringify(describePod(pod))}: ${text}`, { cause: error });
  }

  /** The sandbox there is, if any container is to be started in it. */
  async #knownSandbox(): Promise<Sandbox | undefined> {
    const { sandboxId, attempt, startInit, start, startEphemeral, resize } = this.#plan;
    const idle = [startInit, start, startEphemeral, resize].every((list) => list.length === 0);
    if (idle || sandboxId === undefined) return undefined;
    const config = await this.#tools.host.sandboxConfig(this.#pod, attempt);
    return { podSandboxId: sandboxId, config, podIPs: this.#observed.ips };
  }

  async #startContainers(sandbox: Sandbox): Promise<void> {
    const { startEphemeral, startInit, start } = this.#plan;
    for (const ephemeral of this.#pod.spec.ephemeralContainers ?? []) {
      if (!startEphemeral.some(({ name }) => name === ephemeral.name)) continue;
      await this.#start(sandbox, toContainer(ephemeral), ephemeral.targetContainerName);
    }
    for (const container of startInit) {
      const isStarted = await this.#start(sandbox, container);
      if (!isStarted && !isSidecar(container)) return;
    }
    await this.#resize(sandbox.podSandboxId);
    for (const container of start) await this.#start(sandbox, container);
  }

  async #resize(sandboxId: string): Promise<void> {
    const { resize, kill } = this.#plan;
    if (resize.length === 0 && !kill.some(({ reason }) => reason === "Resize")) return;
    try {
      await resizePod(this.#tools, this.#pod, sandboxId, resize);
      this.changed = true;
    } catch (error) {
      this.resizeError = formatGrpcError(error);
    }
  }

  async #start(sandbox: Sandbox, container: Container, targetName?: string): Promise<boolean> {
    const { podSandboxId, config: sandboxConfig, podIPs } = sandbox;
    const pod = this.#pod;
    const observed = this.#observed;
    const signal = this.#signal;
    signal.throwIfAborted();
    const request: StartRequest = { pod, container, targetName, observed, podSandboxId, sandboxConfig, podIPs, signal };
    try {
      await startContainer(this.#tools, request);
      this.starts.set(container.name, undefined);
      this.changed = true;
      return true;
    } catch (error) {
      signal.throwIfAborted();
      const failure = error instanceof StartError ? error : new StartError("RunContainerError", String(error));
      this.starts.set(container.name, failure);
      return false;
    }
  }
}

interface Sandbox {
  readonly podSandboxId: string;
  readonly config: CriMessage<"PodSandboxConfig">;
  readonly podIPs: readonly string[];
}
