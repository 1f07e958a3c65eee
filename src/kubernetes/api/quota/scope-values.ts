// Scopes that look at one value, such as the name of a pod's priority class.

import type { ScopedResourceSelectorRequirement } from "../generated/types.ts";

/** Whether a value ("" for none) satisfies a scope's operator and values. */
export function matchesScopeValue(
  { operator, values = [] }: ScopedResourceSelectorRequirement,
  value: string,
): boolean {
  switch (operator) {
    case "Exists":
      return value !== "";
    case "DoesNotExist":
      return value === "";
    case "In":
      return value !== "" && values.includes(value);
    case "NotIn":
      return !values.includes(value);
    default:
      return false;
  }
}
