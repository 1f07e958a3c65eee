// RuntimeClass: how containers of some pods are run, what that costs, and where it can be done.

import { duplicate, type FieldError, invalid, item, required } from "../../field-error.ts";
import type { RuntimeClass, Scheduling, Toleration } from "../../generated/types.ts";
import { checkDNSLabelName } from "../../names.ts";
import { validateResources } from "../core/pod-spec/validate-resources.ts";
import { validateContainerResourceName } from "../core/resources/validate-resource-name.ts";
import { describeDeprecation } from "../core/scheduling/deprecated-labels.ts";
import { validateTolerations } from "../core/scheduling/taints.ts";
import { defineKind } from "../define-kind.ts";
import { validateLabels } from "../metadata/labels.ts";
import { immutableError, reportInvalid } from "../report.ts";
import { formatAge } from "../table/human-duration.ts";
import { internalForm } from "../values/internal-form.ts";

export const runtimeClass = defineKind<RuntimeClass>({
  group: "node.k8s.io",
  version: "v1",
  kind: "RuntimeClass",
  metadataChecks: ["object", "update"],
  hasGeneration: false,
  standardFinalizers: false,
  allowCreateOnUpdate: true,
  allowUnconditionalUpdate: false,
  validate,
  validateUpdate: (object, old) => {
    const isChanged = object.handler !== old.handler;
    return [...validate(object), ...(isChanged ? [invalid("handler", object.handler, immutableError)] : [])];
  },
  warnings: ({ scheduling }) =>
    Object.keys(scheduling?.nodeSelector ?? {}).flatMap((label) => {
      const deprecation = describeDeprecation(label);
      return deprecation === undefined ? [] : [`scheduling.nodeSelector: ${deprecation}`];
    }),
  tableCells: ({ metadata, handler }, now) => ({
    cells: [metadata.name, handler, formatAge(metadata.creationTimestamp, now)],
  }),
});

function validate({ handler, overhead, scheduling }: RuntimeClass): FieldError[] {
  const errors: FieldError[] = [];
  if (handler === "") errors.push(required("handler"));
  else reportInvalid(errors, "handler", handler, checkDNSLabelName(handler, false));
  if (overhead) {
    validateResources({ ...(overhead.podFixed && { limits: overhead.podFixed }) }, "overhead", errors, {
      validateName: validateContainerResourceName,
      claimNames: new Set(),
      allowPartialHugePages: false,
    });
  }
  if (scheduling) validateScheduling(scheduling, errors);
  return errors;
}

function validateScheduling({ nodeSelector, tolerations = [] }: Scheduling, errors: FieldError[]): void {
  validateLabels(nodeSelector, "scheduling.nodeSelector", errors);
  const path = "scheduling.tolerations";
  validateTolerations(tolerations, path, errors, { allowComparison: false });
  const known = new Set<string>();
  for (const [index, toleration] of tolerations.entries()) {
    const key = keyOf(toleration);
    if (known.has(key)) errors.push(duplicate(item(path, index), internalForm("Toleration", toleration)));
    known.add(key);
  }
}

/** Two tolerations that differ only in their seconds are the same. */
function keyOf({ key = "", operator = "", value = "", effect = "" }: Toleration): string {
  return JSON.stringify([key, operator, value, effect]);
}
