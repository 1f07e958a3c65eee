// Defaults of autoscaling/v2: one pod at least, 80 % of the CPU asked for, and how fast to grow and to shrink.

import type { HorizontalPodAutoscaler, HPAScalingRules, MetricSpec } from "../../generated/types.ts";
import type { Decoded } from "../define-kind.ts";
import { dropRoundTripAnnotations } from "./versions/round-trip-annotations.ts";

const defaultUtilization = 80;

export function setAutoscalerDefaults({ metadata, spec }: Decoded<HorizontalPodAutoscaler, "spec" | "status">): void {
  spec.minReplicas ??= 1;
  if (!spec.metrics?.length) spec.metrics = [defaultMetric()];
  if (spec.behavior) {
    const { scaleUp, scaleDown } = spec.behavior;
    spec.behavior = { scaleUp: { ...growth(), ...scaleUp }, scaleDown: { ...shrinkage(), ...scaleDown } };
  }
  dropRoundTripAnnotations(metadata);
}

/** What both versions assume where no metric is named. */
export function defaultMetric(): MetricSpec {
  return cpuMetric(defaultUtilization);
}

export function cpuMetric(averageUtilization: number): MetricSpec {
  return { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization } } };
}

function growth(): HPAScalingRules {
  return {
    stabilizationWindowSeconds: 0,
    selectPolicy: "Max",
    policies: [
      { type: "Pods", value: 4, periodSeconds: 15 },
      { type: "Percent", value: 100, periodSeconds: 15 },
    ],
  };
}

function shrinkage(): HPAScalingRules {
  return { selectPolicy: "Max", policies: [{ type: "Percent", value: 100, periodSeconds: 15 }] };
}
