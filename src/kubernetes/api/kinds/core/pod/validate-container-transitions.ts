// Containers that ended stay ended, unless their restart policy starts them again.

import { child, type FieldError, forbiddenField, item } from "../../../field-error.ts";
import type { Container, ContainerStatus, PodSpec, PodStatus } from "../../../generated/types.ts";
import type { DecodedPod } from "./decoded-pod.ts";

export function validateTransitions(status: PodStatus, old: DecodedPod, errors: FieldError[]): void {
  const { spec } = old;
  if (!restartsAllContainers(spec)) {
    for (const list of ["containers", "initContainers"] as const) {
      const field = list === "containers" ? "containerStatuses" : "initContainerStatuses";
      const mayRestart = (name: string, exitCode: number): boolean => {
        const container = spec[list]?.find((candidate) => candidate.name === name);
        return container !== undefined && shouldRestart(container, spec, exitCode);
      };
      reportRevived(status[field] ?? [], old.status[field] ?? [], child("status", field), errors, mayRestart);
    }
  }
  const field = "ephemeralContainerStatuses";
  reportRevived(status[field] ?? [], old.status[field] ?? [], child("status", field), errors, () => false);
}

function reportRevived(
  statuses: readonly ContainerStatus[],
  old: readonly ContainerStatus[],
  path: string,
  errors: FieldError[],
  mayRestart: (name: string, exitCode: number) => boolean,
): void {
  for (const [index, { name, state }] of old.entries()) {
    if (!state?.terminated) continue;
    const isRevived = statuses.some((status) => status.name === name && !status.state?.terminated);
    if (!isRevived || mayRestart(name, state.terminated.exitCode)) continue;
    errors.push(forbiddenField(child(item(path, index), "state"), "may not be transitioned to non-terminated state"));
  }
}

/** Some container's rules may start all of them again. */
function restartsAllContainers({ initContainers, containers }: PodSpec): boolean {
  return [...(initContainers ?? []), ...(containers ?? [])].some(({ restartPolicyRules }) =>
    restartPolicyRules?.some(({ action }) => action === "RestartAllContainers"),
  );
}

/** Whether a container that ended so is started again: by its rules, its own policy, or the pod's. */
export function shouldRestart(container: Container, spec: PodSpec, exitCode: number): boolean {
  if (container.restartPolicy !== undefined) {
    const rule = (container.restartPolicyRules ?? []).find(({ exitCodes }) => {
      if (!exitCodes) return false;
      const isListed = exitCodes.values?.includes(exitCode) ?? false;
      return exitCodes.operator === "In" ? isListed : exitCodes.operator === "NotIn" && !isListed;
    });
    if (rule?.action === "Restart" || rule?.action === "RestartAllContainers") return true;
  }
  switch (container.restartPolicy ?? spec.restartPolicy) {
    case "OnFailure":
      return exitCode !== 0;
    case "Never":
      return false;
    default:
      return true;
  }
}
