// Whether a toleration lets a pod stay in spite of a taint. Pure.

import type { Taint, Toleration } from "#kubernetes/api";

export function tolerates({ effect, key, operator = "Equal", value }: Toleration, taint: Taint): boolean {
  if (effect && effect !== taint.effect) return false;
  if (key && key !== taint.key) return false;
  if (operator === "Exists") return true;
  return operator === "Equal" && (value ?? "") === (taint.value ?? "");
}
