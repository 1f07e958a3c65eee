// What can be wrong with a HorizontalPodAutoscaler, in v2's form.

import { child, type FieldError, invalid, item, notSupported, required } from "../../field-error.ts";
import type { HorizontalPodAutoscalerBehavior, HPAScalingPolicy, HPAScalingRules } from "../../generated/types.ts";
import { negativeError } from "../../names.ts";
import { compareAmounts, formatAmount, positiveError } from "../core/resources/quantities.ts";
import { reportNegative, reportUnsupported } from "../report.ts";
import type { DecodedAutoscaler } from "./horizontal-pod-autoscaler.ts";
import { validateMetrics } from "./validate-metrics.ts";
import { checkVersion, validateReference } from "./validate-reference.ts";

const longestPeriod = 1800;
const longestWindow = 3600;

export function validateAutoscaler({ spec }: DecodedAutoscaler, old: DecodedAutoscaler | undefined): FieldError[] {
  const errors: FieldError[] = [];
  validateReplicas(spec, old, errors);
  const { scaleTargetRef: target } = spec;
  const oldTarget = old?.spec.scaleTargetRef;
  const isSame =
    oldTarget && (oldTarget.apiVersion ?? "") === (target.apiVersion ?? "") && oldTarget.kind === target.kind;
  validateReference(target, "spec.scaleTargetRef", errors, {
    anyVersion: isSame === true,
    noGroup: !isSame && target.kind === "ReplicationController",
  });
  validateMetrics(spec, "spec.metrics", errors, { anyVersion: hasInvalidVersion(old), noGroup: true });
  if (spec.behavior) validateBehavior(spec.behavior, "spec.behavior", errors);
  return errors;
}

/** HPAScaleToZero is off: only what was at 0 already may be. */
function validateReplicas(
  { minReplicas, maxReplicas }: DecodedAutoscaler["spec"],
  old: DecodedAutoscaler | undefined,
  errors: FieldError[],
): void {
  const least = old?.spec.minReplicas === 0 ? 0 : 1;
  if (minReplicas !== undefined && minReplicas < least) {
    errors.push(invalid("spec.minReplicas", minReplicas, `must be greater than or equal to ${least}`));
  }
  const path = "spec.maxReplicas";
  if (maxReplicas === 0) errors.push(required(path, "must be set and greater than 0"));
  else if (maxReplicas < 0) errors.push(invalid(path, maxReplicas, "must be greater than or equal to 1"));
  if (minReplicas !== undefined && maxReplicas < minReplicas) {
    errors.push(invalid(path, maxReplicas, "must be greater than or equal to `minReplicas`"));
  }
}

function hasInvalidVersion(old: DecodedAutoscaler | undefined): boolean {
  return (old?.spec.metrics ?? []).some(
    ({ type, object }) =>
      type === "Object" &&
      object !== undefined &&
      checkVersion(object.describedObject.apiVersion ?? "", { anyVersion: false, noGroup: true }) !== undefined,
  );
}

function validateBehavior(behavior: HorizontalPodAutoscalerBehavior, path: string, errors: FieldError[]): void {
  for (const field of ["scaleUp", "scaleDown"] as const) {
    const rules = behavior[field];
    if (rules) validateRules(rules, child(path, field), errors);
  }
}

function validateRules(rules: HPAScalingRules, path: string, errors: FieldError[]): void {
  const { stabilizationWindowSeconds: window, policies = [], tolerance } = rules;
  const windowPath = child(path, "stabilizationWindowSeconds");
  if (window !== undefined && window < 0) {
    errors.push(invalid(windowPath, window, "must be greater than or equal to zero"));
  }
  if (window !== undefined && window > longestWindow) {
    errors.push(invalid(windowPath, window, `must be less than or equal to ${longestWindow}`));
  }
  reportUnsupported(errors, child(path, "selectPolicy"), rules.selectPolicy, ["Disabled", "Max", "Min"]);
  const policiesPath = child(path, "policies");
  if (policies.length === 0) errors.push(required(policiesPath, "must specify at least one Policy"));
  for (const [index, policy] of policies.entries()) validatePolicy(policy, item(policiesPath, index), errors);
  if (tolerance !== undefined && compareAmounts(tolerance, "0") < 0) {
    errors.push(invalid(child(path, "tolerance"), formatAmount(tolerance), negativeError));
  }
}

function validatePolicy({ type, value, periodSeconds }: HPAScalingPolicy, path: string, errors: FieldError[]): void {
  if (type !== "Pods" && type !== "Percent") errors.push(notSupported(child(path, "type"), type, ["Percent", "Pods"]));
  if (value <= 0) errors.push(invalid(child(path, "value"), value, positiveError));
  const periodPath = child(path, "periodSeconds");
  if (periodSeconds <= 0) errors.push(invalid(periodPath, periodSeconds, positiveError));
  if (periodSeconds > longestPeriod) {
    errors.push(invalid(periodPath, periodSeconds, `must be less than or equal to ${longestPeriod}`));
  }
}

export function validateAutoscalerStatus({ status }: DecodedAutoscaler): FieldError[] {
  const errors: FieldError[] = [];
  reportNegative(errors, "status.currentReplicas", status.currentReplicas);
  reportNegative(errors, "status.desiredReplicas", status.desiredReplicas);
  return errors;
}
