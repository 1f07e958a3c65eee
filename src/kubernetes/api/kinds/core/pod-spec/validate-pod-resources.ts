// Resources of a pod as a whole, and how those of its containers fit into them.

import { child, entry, type FieldError, forbiddenField, invalid, item } from "../../../field-error.ts";
import type { ResourceRequirements } from "../../../generated/types.ts";
import { formatQuantity } from "../../../quantity/format.ts";
import { parseQuantity } from "../../../quantity/parse.ts";
import { compareQuantities } from "../../../quantity/quantity.ts";
import { totalOfContainers } from "../resources/pod-totals.ts";
import { compareAmounts, formatAmount } from "../resources/quantities.ts";
import { isHugePages } from "../resources/resource-names.ts";
import { validatePodResourceName } from "../resources/validate-resource-name.ts";
import type { PodCheck } from "./pod-check.ts";
import { validateResources } from "./validate-resources.ts";

export function validatePodResources(resources: ResourceRequirements, path: string, check: PodCheck): void {
  const { errors, options, spec, claimNames } = check;
  if (spec.os?.name === "windows") {
    errors.push(forbiddenField(path, "may not be set for a windows pod"));
    return;
  }
  if (resources.claims) {
    errors.push(forbiddenField(child(path, "claims"), "claims may not be set for Resources at pod-level"));
  }
  const { allowPartialHugePages } = options;
  const rules = { validateName: validatePodResourceName, claimNames, allowPartialHugePages };
  validateResources(resources, path, errors, rules);
  validateTotals(resources, "requests", path, check);
  validateTotals(resources, "limits", path, check);
  validateContainerLimits(resources, path, check);
}

/** Together the containers may not ask for more than the pod; of limits only huge pages add up. */
function validateTotals(
  resources: ResourceRequirements,
  of: "requests" | "limits",
  path: string,
  { errors, spec }: PodCheck,
): void {
  for (const [name, total] of totalOfContainers(spec, of)) {
    const own = resources[of]?.[name];
    if (own === undefined || (of === "limits" && !isHugePages(name))) continue;
    if (compareQuantities(total, parseQuantity(own)) <= 0) continue;
    const why = `must be greater than or equal to aggregate container ${of} of ${formatQuantity(total)}`;
    errors.push(invalid(entry(child(path, of), name), formatAmount(own), why));
  }
}

function validateContainerLimits(resources: ResourceRequirements, path: string, check: PodCheck): void {
  const errors: FieldError[] = check.errors;
  for (const [index, container] of (check.spec.containers ?? []).entries()) {
    for (const [name, limit] of Object.entries(container.resources?.limits ?? {})) {
      const own = resources.limits?.[name];
      if (own === undefined || compareAmounts(limit, own) <= 0) continue;
      const field = child(entry(item(child(path, "containers"), index), name), "limits");
      errors.push(
        invalid(field, formatAmount(limit), `must be less than or equal to pod limits of ${formatAmount(own)}`),
      );
    }
  }
}
