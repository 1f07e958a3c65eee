// What calls of Kubernetes' libraries cost when they run.

import type { RuntimeCost } from "./runtime-cost.ts";

export function kubernetesRuntimeCost(_name: string, _overload: string): RuntimeCost | undefined {
  return undefined;
}
