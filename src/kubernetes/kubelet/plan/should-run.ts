// Whether a container that does not run is to be started.

import type { Container } from "#kubernetes/api";
import type { BoundPod } from "../pod/bound-pod.ts";
import { restartsAllContainers, shouldRestart } from "../pod/restart-rules.ts";
import { findObserved, type ObservedContainer, type ObservedPod } from "../runtime/observed.ts";

/** True for one that never ran, whose state is lost, or that ended and by its restart policy runs again. */
export function shouldStart(container: Container, pod: BoundPod, observed: ObservedPod): boolean {
  if (pod.metadata.deletionTimestamp !== undefined) return false;
  const found = findObserved(observed, container.name);
  if (!found) return true;
  if (found.state === "running") return false;
  if (found.state !== "exited") return true;
  return shouldRestart(container, pod.spec, found.exitCode);
}

export function succeeded(container: ObservedContainer | undefined): boolean {
  return container?.state === "exited" && container.exitCode === 0;
}

/** Whether an init container's run has failed: its exit code, an out-of-memory kill, or a state nobody knows. */
export function hasInitFailed(container: ObservedContainer): boolean {
  if (container.reason === "OOMKilled" || container.state === "unknown") return true;
  return container.state === "exited" && container.exitCode !== 0;
}

/** Whether any regular container was made: then all init containers have done their work. */
export function hasAnyRegularContainer(pod: BoundPod, observed: ObservedPod): boolean {
  return pod.spec.containers.some((container) => {
    const state = findObserved(observed, container.name)?.state;
    return state !== undefined && state !== "unknown";
  });
}

/** Whether the newest end of any container, by the container's rules, restarts the whole pod in place. */
export function someoneRestartsAll(pod: BoundPod, observed: ObservedPod): boolean {
  return [...(pod.spec.initContainers ?? []), ...pod.spec.containers].some((container) => {
    const found = findObserved(observed, container.name);
    return found?.state === "exited" && restartsAllContainers(container, found.exitCode);
  });
}
