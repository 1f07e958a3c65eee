// What calls of the list and set extensions cost when they run.

import type { CelValue } from "../values/value.ts";
import type { RuntimeCost } from "./runtime-cost.ts";

export function extensionRuntimeCost(_overload: string): RuntimeCost | undefined {
  return undefined;
}

export type { CelValue };
