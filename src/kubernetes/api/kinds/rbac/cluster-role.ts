// ClusterRole: what may be done anywhere; also put together from other ClusterRoles by their labels.

import { type FieldError, invalid, item, required } from "../../field-error.ts";
import type { AggregationRule, ClusterRole } from "../../generated/types.ts";
import { readSelector } from "../apps/pod-template.ts";
import { defineKind } from "../define-kind.ts";
import { isInvalidLabelSelector, type LabelSelectorOptions, validateLabelSelector } from "../metadata/labels.ts";
import { validateRules } from "./policy-rules.ts";
import { checkRoleName } from "./role.ts";

export const clusterRole = defineKind<ClusterRole>({
  group: "rbac.authorization.k8s.io",
  version: "v1",
  kind: "ClusterRole",
  metadataChecks: ["object", "update"],
  hasGeneration: false,
  allowCreateOnUpdate: true,
  validateName: checkRoleName,
  validate: (object) => validate(object, {}),
  validateUpdate: (object, old) => {
    const oldSelectors = old.aggregationRule?.clusterRoleSelectors ?? [];
    return validate(object, { allowInvalidValues: oldSelectors.some(isInvalidLabelSelector) });
  },
});

function validate({ rules, aggregationRule }: ClusterRole, options: LabelSelectorOptions): FieldError[] {
  const errors: FieldError[] = [];
  validateRules(rules, errors, { namespaced: false });
  if (aggregationRule) validateAggregation(aggregationRule, errors, options);
  return errors;
}

function validateAggregation(
  { clusterRoleSelectors: selectors = [] }: AggregationRule,
  errors: FieldError[],
  options: LabelSelectorOptions,
): void {
  const path = "aggregationRule.clusterRoleSelectors";
  if (selectors.length === 0) {
    const why = "at least one clusterRoleSelector required if aggregationRule is non-nil";
    errors.push(required(path, why));
  }
  for (const [index, selector] of selectors.entries()) {
    validateLabelSelector(selector, item(path, index), errors, options);
    if (!readSelector(selector)) errors.push(invalid(item(path, index), undefined, "invalid label selector."));
  }
}
