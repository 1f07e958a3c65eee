// Whether a toleration of a request for devices is about a taint of a device.

import type { DeviceTaint, DeviceToleration } from "../generated/types.ts";

/** What a toleration leaves out matches anything, but for its value. */
export function toleratesDeviceTaint({ effect, key, operator, value }: DeviceToleration, taint: DeviceTaint): boolean {
  if (effect && effect !== taint.effect) return false;
  if (key && key !== taint.key) return false;
  if (operator === "Exists") return true;
  return (!operator || operator === "Equal") && (value ?? "") === (taint.value ?? "");
}
