// Plans a pod: from its spec, what the runtime has of it and what the probes say, to what is to be done. Pure.

import type { Container, EphemeralContainer } from "#kubernetes/api";
import { restartsAllContainers } from "../pod/restart-rules.ts";
import { hashContainer } from "../runtime/container-annotations.ts";
import { findObserved, judgeSandbox, type ObservedContainer } from "../runtime/observed.ts";
import { planInitContainers } from "./plan-init-containers.ts";
import { planResize } from "./plan-resize.ts";
import {
  type ContainerToKill,
  type ContainerToReset,
  type ContainerToResize,
  idlePlan,
  type PodPlan,
  type PodView,
} from "./pod-plan.ts";
import { hasAnyRegularContainer, shouldStart, succeeded } from "./should-run.ts";

/** What is to be done about the pod now. The plan is only good for this view: look and plan again after carrying it out. */
export function planPod(view: PodView): PodPlan {
  const { pod, observed } = view;
  const sandbox = judgeSandbox(observed, pod.spec.hostNetwork ?? false);
  const base: PodPlan = {
    ...idlePlan,
    killPod: sandbox.needed,
    createSandbox: sandbox.needed,
    attempt: sandbox.attempt,
    ...(sandbox.id !== undefined && { sandboxId: sandbox.id }),
  };
  if (view.restartAll) return { ...base, reset: planReset(view) };
  return sandbox.needed ? planNewSandbox(view, base) : planContainers(view, base);
}

/** Everything starts from the beginning, unless there is nothing left to run. */
function planNewSandbox(view: PodView, base: PodPlan): PodPlan {
  const { pod, observed } = view;
  const noSandbox: PodPlan = { ...base, createSandbox: false };
  if (pod.spec.restartPolicy === "Never" && observed.containers.length > 0) return planAnotherSandbox(view, base);
  const start = pod.spec.containers.filter((container) => {
    const once = (container.restartPolicy ?? pod.spec.restartPolicy) === "OnFailure";
    return !(once && succeeded(findObserved(observed, container.name)));
  });
  if (start.length === 0 && hasAnyRegularContainer(pod, observed)) return noSandbox;
  const first = pod.spec.initContainers?.[0];
  return first ? { ...base, startInit: [first] } : { ...base, start };
}

/**
 * For a pod whose containers run once: it goes on where it was, as long as that was before its regular containers. Upstream gives
 * up even then, and such a pod is pending for ever.
 */
function planAnotherSandbox(view: PodView, base: PodPlan): PodPlan {
  const { pod, observed } = view;
  const init = planInitContainers(view);
  const isOver = init.failed || pod.spec.containers.some(({ name }) => findObserved(observed, name));
  if (isOver) return { ...base, createSandbox: false };
  return { ...base, startInit: init.start, start: init.initialized ? pod.spec.containers : [] };
}

function planContainers(view: PodView, base: PodPlan): PodPlan {
  const { pod, observed } = view;
  const startEphemeral = (pod.spec.ephemeralContainers ?? [])
    .filter(({ name }) => !findObserved(observed, name))
    .map(toContainer);
  const init = planInitContainers(view);
  const soFar: PodPlan = { ...base, startEphemeral, startInit: init.start, kill: init.kill, resize: init.resize };
  if (init.failed) return { ...soFar, killPod: true };
  if (!init.initialized) return soFar;
  const verdicts = pod.spec.containers.map((container) => judgeContainer(view, container));
  const start = verdicts.filter((verdict) => verdict.start).map((verdict) => verdict.container);
  const kept = verdicts.some((verdict) => verdict.kept);
  // Sidecars don't keep a pod alive of which everything else has ended.
  if (!kept && start.length === 0) return { ...soFar, killPod: true, startInit: [], start };
  return {
    ...soFar,
    start,
    kill: [...init.kill, ...verdicts.flatMap((verdict) => verdict.kill ?? [])],
    resize: [...init.resize, ...verdicts.flatMap((verdict) => verdict.resize ?? [])],
  };
}

interface Verdict {
  readonly container: Container;
  readonly start: boolean;
  readonly kept: boolean;
  readonly kill?: ContainerToKill;
  readonly resize?: ContainerToResize;
}

function judgeContainer(view: PodView, container: Container): Verdict {
  const observed = findObserved(view.observed, container.name);
  if (observed?.state === "running") return judgeRunning(view, container, observed);
  const start = shouldStart(container, view.pod, view.observed);
  if (!start || observed?.state !== "unknown") return { container, start, kept: false };
  // Nobody knows whether it runs: make sure that there are never two.
  const message = `Container is in "${observed.state}" state, try killing it before restart`;
  return { container, start, kept: false, kill: { observed, container, message, reason: "Unknown" } };
}

function judgeRunning(view: PodView, container: Container, observed: ObservedContainer): Verdict {
  const why = reasonToKill(view, container, observed);
  if (!why) {
    const resize = planResize(view.pod, container, observed, view.given(container.name));
    if (resize.action === "restart") return { container, start: true, kept: false, kill: resize.kill };
    return { container, start: false, kept: true, ...(resize.action === "resize" && { resize: resize.resize }) };
  }
  // Rules by exit code do not speak of a container that still runs.
  const start = why.always || (container.restartPolicy ?? view.pod.spec.restartPolicy) !== "Never";
  const message = `Container ${container.name} ${why.what}${start ? ", will be restarted" : ""}`;
  return { container, start, kept: false, kill: { observed, container, message, reason: why.reason } };
}

interface WhyKill {
  readonly what: string;
  readonly reason: ContainerToKill["reason"];
  /** Restart it whatever its policy: what runs is not what the spec says. */
  readonly always: boolean;
}

function reasonToKill({ probes }: PodView, container: Container, observed: ObservedContainer): WhyKill | undefined {
  if (observed.hash !== hashContainer(container))
    return { what: "definition changed", reason: "Unknown", always: true };
  if (probes.liveness(observed.id) === "failure") {
    return { what: "failed liveness probe", reason: "LivenessProbe", always: false };
  }
  if (probes.startup(observed.id) === "failure") {
    return { what: "failed startup probe", reason: "StartupProbe", always: false };
  }
  return undefined;
}

/** Every container there is, in the order of removal: regular before init, those whose end caused it last. */
function planReset({ pod, observed }: PodView): ContainerToReset[] {
  const groups = [pod.spec.containers, pod.spec.initContainers ?? []].map((containers) =>
    containers.flatMap((container) =>
      observed.containers
        .filter(({ name }) => name === container.name)
        .map((found) => ({ observed: found, container, kill: found.state !== "exited" })),
    ),
  );
  const isCause = ({ observed: found, container }: ContainerToReset) =>
    found.state === "exited" && restartsAllContainers(container, found.exitCode);
  const all = groups.flat();
  return [...all.filter((each) => !isCause(each)), ...all.filter(isCause)];
}

/** An ephemeral container has a container's fields, and the name of the one it looks into. */
export function toContainer({ targetContainerName: _, ...container }: EphemeralContainer): Container {
  return container;
}
