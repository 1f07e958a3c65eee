// Taints of nodes and the tolerations of pods. Pure.

import type { Taint, Toleration } from "#kubernetes/api";

export const notReadyTaint = "node.kubernetes.io/not-ready";
export const unreachableTaint = "node.kubernetes.io/unreachable";
export const unschedulableTaint = "node.kubernetes.io/unschedulable";
export const memoryPressureTaint = "node.kubernetes.io/memory-pressure";
export const diskPressureTaint = "node.kubernetes.io/disk-pressure";
export const pidPressureTaint = "node.kubernetes.io/pid-pressure";
export const networkUnavailableTaint = "node.kubernetes.io/network-unavailable";

/** An empty key or effect of a toleration stands for all. */
export function tolerates({ key = "", operator = "", value = "", effect = "" }: Toleration, taint: Taint): boolean {
  if (effect !== "" && effect !== taint.effect) return false;
  if (key !== "" && key !== taint.key) return false;
  if (operator === "Exists") return true;
  return (operator === "" || operator === "Equal") && value === (taint.value ?? "");
}

/** The first taint of one of these effects that none of the tolerations takes. */
export function findUntolerated(
  taints: readonly Taint[] | undefined,
  tolerations: readonly Toleration[] | undefined,
  effects: readonly string[],
): Taint | undefined {
  return taints?.find(
    (taint) => effects.includes(taint.effect) && !tolerations?.some((toleration) => tolerates(toleration, taint)),
  );
}

/** Taints are told apart by key and effect. */
export function isSameTaint(a: Taint, b: Taint): boolean {
  return a.key === b.key && a.effect === b.effect;
}

/** The tolerations with one more; one that differs in its time limit only is replaced. */
export function addToleration(tolerations: readonly Toleration[], added: Toleration): Toleration[] {
  const position = tolerations.findIndex((toleration) => isSameToleration(toleration, added));
  return position < 0 ? [...tolerations, added] : tolerations.with(position, added);
}

function isSameToleration(a: Toleration, b: Toleration): boolean {
  const parts = ["key", "operator", "value", "effect"] as const;
  return parts.every((part) => (a[part] ?? "") === (b[part] ?? ""));
}
