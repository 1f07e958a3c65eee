// Seccomp in the Pod Security Standards: which system-call filters a pod may, and must, have.

import { type CheckedPod, nameContainers, nameSetters, plural, quoteAll, sorted, type Violation } from "./check.ts";

const podAnnotation = "seccomp.security.alpha.kubernetes.io/pod";
const containerAnnotation = "container.seccomp.security.alpha.kubernetes.io/";

/** Before 1.19 profiles were annotations. */
export function seccompAnnotations({ annotations, containers }: CheckedPod): Violation | undefined {
  const keys = [podAnnotation, ...containers.map(({ name }) => containerAnnotation + name)];
  const bad = keys.filter((key) => annotations[key] !== undefined && !isGoodAnnotation(annotations[key]));
  if (bad.length === 0) return undefined;
  const list = sorted(bad.map((key) => `${key}=${JSON.stringify(annotations[key])}`));
  const detail = `forbidden ${plural("annotation", "annotations", list.length)} ${list.join(", ")}`;
  return { reason: "seccompProfile", detail };
}

function isGoodAnnotation(value: string): boolean {
  return value === "runtime/default" || value === "docker/default" || value.startsWith("localhost/");
}

function isGood(type: string): boolean {
  return type === "Localhost" || type === "RuntimeDefault";
}

/** Nobody may turn the filter off. */
export function seccompBaseline({ spec, containers }: CheckedPod): Violation | undefined {
  const podType = spec.securityContext?.seccompProfile?.type;
  const typeOf = (container: CheckedPod["containers"][number]) => container.securityContext?.seccompProfile?.type;
  const bad = containers.filter((container) => typeOf(container) !== undefined && !isGood(typeOf(container)!));
  const isPodBad = podType !== undefined && !isGood(podType);
  if (!isPodBad && bad.length === 0) return undefined;
  const types = sorted([...(isPodBad ? [podType] : []), ...bad.map((container) => typeOf(container)!)]);
  const detail = `${nameSetters(isPodBad, bad)} must not set securityContext.seccompProfile.type to ${quoteAll(types)}`;
  return { reason: "seccompProfile", detail };
}

/** Every container must have one, its own or the pod's. */
export function seccompRestricted(pod: CheckedPod): Violation | undefined {
  const violation = seccompBaseline(pod);
  if (violation || pod.spec.securityContext?.seccompProfile) return violation;
  const without = pod.containers.filter(({ securityContext }) => !securityContext?.seccompProfile);
  if (without.length === 0) return undefined;
  return {
    reason: "seccompProfile",
    detail: `pod or ${nameContainers(without)} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"`,
  };
}
