// What there is to do about a pod: the result of planning, carried out by runtime/sync-pod.ts.

import type { Container, ResourceRequirements } from "#kubernetes/api";
import type { BoundPod } from "../pod/bound-pod.ts";
import type { ObservedContainer, ObservedPod } from "../runtime/observed.ts";

/** Why a container is killed, as far as it changes its grace period (a probe may have its own). */
export type KillReason =
  | "LivenessProbe"
  | "StartupProbe"
  | "FailedPostStartHook"
  | "RestartAllContainers"
  | "Resize"
  | "Unknown";

export interface ContainerToKill {
  readonly observed: ObservedContainer;
  readonly container: Container;
  /** For the Killing event. */
  readonly message: string;
  readonly reason: KillReason;
}

/** A container to be removed, so that it starts as if for the first time. */
export interface ContainerToReset {
  readonly observed: ObservedContainer;
  readonly container: Container;
  /** It runs, and must be killed first. */
  readonly kill: boolean;
}

/** CPU in thousandths, memory in bytes; 0: none. */
export interface ResourceAmounts {
  readonly cpuRequest: number;
  readonly cpuLimit: number;
  readonly memoryRequest: number;
  readonly memoryLimit: number;
}

export interface ContainerToResize {
  readonly observed: ObservedContainer;
  readonly container: Container;
  readonly current: ResourceAmounts;
  readonly desired: ResourceAmounts;
}

export interface PodPlan {
  /** Stop every container and the sandbox; nothing in `kill` or `reset` matters then. */
  readonly killPod: boolean;
  /** Make a sandbox, after everything was killed. */
  readonly createSandbox: boolean;
  /** The sandbox there is (to be replaced, where one is created). */
  readonly sandboxId?: string;
  /** The attempt of the sandbox to be made, or of the one there is. */
  readonly attempt: number;
  readonly kill: readonly ContainerToKill[];
  /** Those that restart the whole pod come last. */
  readonly reset: readonly ContainerToReset[];
  readonly startInit: readonly Container[];
  readonly start: readonly Container[];
  readonly startEphemeral: readonly Container[];
  readonly resize: readonly ContainerToResize[];
}

export type ProbeVerdict = "success" | "failure";

/** What the probes last said about a container, by its id; undefined: nothing yet, or it has no such probe. */
export interface ProbeVerdicts {
  liveness(containerId: string): ProbeVerdict | undefined;
  startup(containerId: string): ProbeVerdict | undefined;
}

/** What a plan is made from. */
export interface PodView {
  readonly pod: BoundPod;
  readonly observed: ObservedPod;
  readonly probes: ProbeVerdicts;
  /** The resources a running container was given; undefined: nobody knows. */
  given(containerName: string): ResourceRequirements | undefined;
  /** A rule of a container that ended says that all start again. */
  readonly restartAll: boolean;
}

/** Nothing to do; plans are made by spreading over it. */
export const idlePlan: PodPlan = {
  killPod: false,
  createSandbox: false,
  attempt: 0,
  kill: [],
  reset: [],
  startInit: [],
  start: [],
  startEphemeral: [],
  resize: [],
};
