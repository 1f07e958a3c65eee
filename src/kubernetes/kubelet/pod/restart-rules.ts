// When a container that has ended is started again: the pod's restart policy, the container's own, and its rules by exit code.

import type { Container, ContainerRestartRule, PodSpec } from "#kubernetes/api";

/** Whether a container that ended with this code is to run again. */
export function shouldRestart(container: Container, spec: PodSpec, exitCode: number): boolean {
  if (container.restartPolicy !== undefined && findRestartRule(container, exitCode)) return true;
  const policy = container.restartPolicy ?? spec.restartPolicy ?? "Always";
  return policy === "OnFailure" ? exitCode !== 0 : policy !== "Never";
}

/** Whether it may ever run again. */
export function isRestartable(container: Container, spec: PodSpec): boolean {
  if (container.restartPolicy === undefined) return spec.restartPolicy !== "Never";
  return (
    container.restartPolicy !== "Never" || (container.restartPolicyRules ?? []).some((r) => r.action === "Restart")
  );
}

/** The first of the container's rules that speaks of this exit code. */
export function findRestartRule(container: Container, exitCode: number): ContainerRestartRule | undefined {
  return container.restartPolicyRules?.find(({ exitCodes }) => {
    if (!exitCodes) return false;
    const listed = exitCodes.values?.includes(exitCode) ?? false;
    return exitCodes.operator === "In" ? listed : exitCodes.operator === "NotIn" && !listed;
  });
}

/** Whether this exit starts the whole pod's containers again, in place. */
export function restartsAllContainers(container: Container, exitCode: number): boolean {
  return findRestartRule(container, exitCode)?.action === "RestartAllContainers";
}

/** Whether any container has such a rule. */
export function mayRestartAllContainers(spec: PodSpec): boolean {
  return [...(spec.initContainers ?? []), ...spec.containers].some((container) =>
    container.restartPolicyRules?.some((rule) => rule.action === "RestartAllContainers"),
  );
}
