// CSIStorageCapacity: how much room a driver has for a class of volumes in some part of the cluster.

import { type FieldError, invalid } from "../../field-error.ts";
import type { CSIStorageCapacity } from "../../generated/types.ts";
import { checkDNSSubdomainName, negativeError } from "../../names.ts";
import { compareAmounts, formatAmount } from "../core/resources/quantities.ts";
import { describeDeprecation } from "../core/scheduling/deprecated-labels.ts";
import { defineKind } from "../define-kind.ts";
import { isInvalidLabelSelector, type LabelSelectorOptions, validateLabelSelector } from "../metadata/labels.ts";
import { immutableError, reportInvalid } from "../report.ts";
import { internalForm } from "../values/internal-form.ts";
import { deepEqual } from "../values/semantic-equal.ts";

export const csiStorageCapacity = defineKind<CSIStorageCapacity>({
  group: "storage.k8s.io",
  version: "v1",
  kind: "CSIStorageCapacity",
  metadataChecks: ["object", "update"],
  hasGeneration: false,
  allowUnconditionalUpdate: false,
  validate: (object) => validate(object, {}),
  validateUpdate: (object, old) => [
    ...validate(object, { allowInvalidValues: isInvalidLabelSelector(old.nodeTopology) }),
    ...validateChange(object, old),
  ],
  warnings,
});

function validate(object: CSIStorageCapacity, options: LabelSelectorOptions): FieldError[] {
  const errors: FieldError[] = [];
  const { nodeTopology, storageClassName, capacity } = object;
  validateLabelSelector(nodeTopology, "nodeTopology", errors, options);
  reportInvalid(errors, "storageClassName", storageClassName, checkDNSSubdomainName(storageClassName, false));
  if (capacity !== undefined && compareAmounts(capacity, "0") < 0) {
    errors.push(invalid("capacity", formatAmount(capacity), negativeError));
  }
  return errors;
}

function validateChange(object: CSIStorageCapacity, old: CSIStorageCapacity): FieldError[] {
  const errors: FieldError[] = [];
  const { nodeTopology, storageClassName } = object;
  if (!deepEqual(nodeTopology, old.nodeTopology)) {
    const shown = internalForm("*LabelSelector", nodeTopology) ?? undefined;
    errors.push(invalid("nodeTopology", shown, immutableError));
  }
  if (storageClassName !== old.storageClassName) {
    errors.push(invalid("storageClassName", storageClassName, immutableError));
  }
  return errors;
}

function warnings({ nodeTopology }: CSIStorageCapacity): string[] {
  const { matchExpressions = [], matchLabels = {} } = nodeTopology ?? {};
  return [
    ...matchExpressions.flatMap(({ key }, index) => {
      const deprecation = describeDeprecation(key);
      return deprecation ? [`nodeTopology.matchExpressions[${index}].key: ${key} is ${deprecation}`] : [];
    }),
    ...Object.keys(matchLabels).flatMap((label) => {
      const deprecation = describeDeprecation(label);
      return deprecation ? [`nodeTopology.matchLabels.${label}: ${deprecation}`] : [];
    }),
  ];
}
