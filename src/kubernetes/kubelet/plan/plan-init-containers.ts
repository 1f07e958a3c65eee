// Plans a pod's init containers: one after the other, sidecars among them kept running.

import type { Container } from "#kubernetes/api";
import { isSidecar } from "../pod/bound-pod.ts";
import { shouldRestart } from "../pod/restart-rules.ts";
import { hashContainer } from "../runtime/container-annotations.ts";
import { findObserved, type ObservedContainer } from "../runtime/observed.ts";
import { planResize } from "./plan-resize.ts";
import type { ContainerToKill, ContainerToResize, PodView } from "./pod-plan.ts";
import { hasInitFailed } from "./should-run.ts";

export interface InitPlan {
  /** All init containers have done their work: regular ones may run. */
  readonly initialized: boolean;
  /** An init container failed for good: the pod is over. */
  readonly failed: boolean;
  readonly start: readonly Container[];
  readonly kill: readonly ContainerToKill[];
  readonly resize: readonly ContainerToResize[];
}

/**
 * From the last init container back to the first: the last one that was ever seen tells how far the pod has come, for earlier
 * ones may have been removed since. Those before it only matter if they are sidecars.
 */
export function planInitContainers(view: PodView): InitPlan {
  const containers = view.pod.spec.initContainers ?? [];
  const draft = new Draft(view);
  if (containers.length === 0) return draft.finish(true);
  let passed = regularContainersRan(view);
  let initialized = passed;
  for (let i = containers.length - 1; i >= 0; i--) {
    const container = containers[i]!;
    const observed = findObserved(view.observed, container.name);
    if (!observed) {
      if (passed && isSidecar(container)) draft.start.add(container);
      continue;
    }
    if (passed && !isSidecar(container)) continue;
    const outcome = judge(draft, container, observed);
    if (outcome === "failed") return { initialized: false, failed: true, start: [], kill: [], resize: [] };
    if (outcome === "done" && !passed) {
      const next = containers[i + 1];
      if (next) draft.start.add(next);
      else initialized = true;
    }
    passed = true;
  }
  if (!passed) draft.start.add(containers[0]!);
  return draft.finish(initialized);
}

/** A regular container that was made, and has not ended, shows that initialization is behind the pod. */
function regularContainersRan({ pod, observed }: PodView): boolean {
  return pod.spec.containers.some(({ name }) => {
    const state = findObserved(observed, name)?.state;
    return state === "created" || state === "running";
  });
}

/** done: the next may start; waiting: not yet; failed: the pod is over. */
type Outcome = "done" | "waiting" | "failed";

class Draft {
  readonly view: PodView;
  readonly start = new Set<Container>();
  readonly kill: ContainerToKill[] = [];
  readonly resize: ContainerToResize[] = [];

  constructor(view: PodView) {
    this.view = view;
  }

  /** Kills a container and starts it anew. */
  replace(to: ContainerToKill): void {
    this.kill.push(to);
    this.start.add(to.container);
  }

  finish(initialized: boolean): InitPlan {
    const order = this.view.pod.spec.initContainers ?? [];
    const start = order.filter((container) => this.start.has(container));
    return { initialized, failed: false, start, kill: this.kill, resize: this.resize };
  }
}

function judge(draft: Draft, container: Container, observed: ObservedContainer): Outcome {
  switch (observed.state) {
    case "created":
      // It is started in the same breath as it is made; one that is only made has failed to start.
      draft.start.add(container);
      return "waiting";
    case "running":
      return isSidecar(container) ? judgeSidecar(draft, container, observed) : judgeRunning(draft, container, observed);
    case "exited":
      return judgeExited(draft, container, observed);
    default:
      return judgeUnknown(draft, container, observed);
  }
}

function judgeRunning(draft: Draft, container: Container, observed: ObservedContainer): Outcome {
  applyResize(draft, container, observed);
  return "waiting";
}

function judgeSidecar(draft: Draft, container: Container, observed: ObservedContainer): Outcome {
  const { probes } = draft.view;
  const kill = (message: string, reason: ContainerToKill["reason"]) =>
    draft.replace({ observed, container, message: `Init container ${container.name} ${message}`, reason });
  if (container.startupProbe) {
    const verdict = probes.startup(observed.id);
    if (verdict === "failure") kill("failed startup probe", "StartupProbe");
    if (verdict !== "success") return "waiting";
  }
  if (observed.hash !== hashContainer(container)) kill("definition changed", "Unknown");
  else if (probes.liveness(observed.id) === "failure") kill("failed liveness probe", "LivenessProbe");
  else applyResize(draft, container, observed);
  return "done";
}

function applyResize(draft: Draft, container: Container, observed: ObservedContainer): void {
  const { pod, given } = draft.view;
  const verdict = planResize(pod, container, observed, given(container.name));
  if (verdict.action === "restart") draft.replace(verdict.kill);
  if (verdict.action === "resize") draft.resize.push(verdict.resize);
}

function judgeExited(draft: Draft, container: Container, observed: ObservedContainer): Outcome {
  const { pod } = draft.view;
  if (isSidecar(container)) {
    draft.start.add(container);
    return "waiting";
  }
  if (!hasInitFailed(observed)) return "done";
  if (pod.metadata.deletionTimestamp !== undefined || !shouldRestart(container, pod.spec, observed.exitCode)) {
    return "failed";
  }
  draft.start.add(container);
  return "waiting";
}

function judgeUnknown(draft: Draft, container: Container, observed: ObservedContainer): Outcome {
  const policy = container.restartPolicy ?? draft.view.pod.spec.restartPolicy;
  if (policy === "Never") return "failed";
  const message = `Init container is in "${observed.state}" state, try killing it before restart`;
  draft.replace({ observed, container, message, reason: "Unknown" });
  return "waiting";
}
