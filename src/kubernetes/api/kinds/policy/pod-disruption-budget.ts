// PodDisruptionBudget: how many of some pods may be taken away at once, by those who ask (eviction).

import { type FieldError, invalid } from "../../field-error.ts";
import type { LabelSelector, PodDisruptionBudget, PodDisruptionBudgetSpec } from "../../generated/types.ts";
import { validateAtMostAll, validateIntOrPercent } from "../apps/int-or-percent.ts";
import { type Decoded, defineKind } from "../define-kind.ts";
import { validateConditions } from "../metadata/conditions.ts";
import { isInvalidLabelSelector, type LabelSelectorOptions, validateLabelSelector } from "../metadata/labels.ts";
import { checkPathName } from "../metadata/object-meta.ts";
import { reportNegative, reportUnsupported } from "../report.ts";
import { formatAge } from "../table/human-duration.ts";
import { internalForm } from "../values/internal-form.ts";

type DecodedBudget = Decoded<PodDisruptionBudget, "spec" | "status">;

/** With it an API of old told a selector of everything from one of nothing. */
const emptySelectorLabel = "pdb.kubernetes.io/deprecated-v1beta1-empty-selector-match";

export const podDisruptionBudget = defineKind<DecodedBudget>({
  group: "policy",
  version: "v1",
  kind: "PodDisruptionBudget",
  metadataChecks: [],
  statusMetadataChecks: [],
  validateName: checkPathName,
  metadataLast: true,
  standardFinalizers: false,
  allowUnconditionalUpdate: false,
  setDefaults: ({ spec }) => {
    if (spec.selector) dropEmptySelectorLabel(spec.selector);
  },
  prepareForCreate: (object) => {
    object.status = { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 };
  },
  prepareForUpdate: (object, old) => {
    object.status = old.status;
  },
  prepareForStatusUpdate: (object, old) => {
    object.spec = old.spec;
  },
  validate: ({ spec }) => validateSpec(spec, {}),
  validateUpdate: ({ spec }, old) =>
    validateSpec(spec, { allowInvalidValues: isInvalidLabelSelector(old.spec.selector) }),
  validateStatusUpdate,
  tableCells: ({ metadata, spec, status }, now) => ({
    cells: [
      metadata.name,
      String(spec.minAvailable ?? "N/A"),
      String(spec.maxUnavailable ?? "N/A"),
      status.disruptionsAllowed,
      formatAge(metadata.creationTimestamp, now),
    ],
  }),
});

function dropEmptySelectorLabel(selector: LabelSelector): void {
  const { matchLabels, matchExpressions = [] } = selector;
  const [first, ...more] = matchExpressions;
  const isAlone = !matchLabels && more.length === 0 && first?.operator === "Exists" && !first.values;
  if (isAlone && first.key === emptySelectorLabel) return;
  const rest = matchExpressions.filter(({ key }) => key !== emptySelectorLabel);
  if (rest.length > 0) selector.matchExpressions = rest;
  else delete selector.matchExpressions;
}

function validateSpec(spec: PodDisruptionBudgetSpec, options: LabelSelectorOptions): FieldError[] {
  const errors: FieldError[] = [];
  const { minAvailable, maxUnavailable } = spec;
  if (minAvailable !== undefined && maxUnavailable !== undefined) {
    const shown = internalForm("PodDisruptionBudgetSpec", spec);
    errors.push(invalid("spec", shown, "minAvailable and maxUnavailable cannot be both set"));
  }
  for (const field of ["minAvailable", "maxUnavailable"] as const) {
    const amount = spec[field];
    if (amount === undefined) continue;
    validateIntOrPercent(amount, `spec.${field}`, errors);
    validateAtMostAll(amount, `spec.${field}`, errors);
  }
  validateLabelSelector(spec.selector, "spec.selector", errors, options);
  const policies = ["AlwaysAllow", "IfHealthyBudget"];
  reportUnsupported(errors, "spec.unhealthyPodEvictionPolicy", spec.unhealthyPodEvictionPolicy, policies);
  return errors;
}

function validateStatusUpdate({ status }: DecodedBudget): FieldError[] {
  const errors: FieldError[] = [];
  validateConditions(status.conditions, "status.conditions", errors);
  for (const field of ["disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods"] as const) {
    reportNegative(errors, `status.${field}`, status[field]);
  }
  return errors;
}
