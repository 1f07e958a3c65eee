// Warnings about single containers: fractions of bytes, variables set twice.

import { child, item } from "../../../../field-error.ts";
import type { EnvVar } from "../../../../generated/types.ts";
import { quote } from "../../../../go-format.ts";
import { warnOfFraction } from "../../resources/fractions.ts";
import type { AnyContainer } from "../pod-check.ts";

export function warnOfContainer({ resources, env }: AnyContainer, path: string, warnings: string[]): void {
  for (const resource of ["memory", "ephemeral-storage"]) {
    for (const list of ["limits", "requests"] as const) {
      warnOfFraction(resources?.[list], resource, `${path}.resources.${list}`, warnings);
    }
  }
  if (env && env.length > 1) warnOfHiddenVariables(env, child(path, "env"), warnings);
}

/** A second value is fine where it is built from the first. */
function warnOfHiddenVariables(env: readonly EnvVar[], path: string, warnings: string[]): void {
  const known = new Set<string>();
  for (const [index, { name, value = "", valueFrom }] of env.entries()) {
    const reference = `$(${name})`;
    const hides = valueFrom !== undefined || value === reference || !value.includes(reference);
    if (known.has(name) && hides) {
      const what = `hides previous definition of ${quote(name)}, which may be dropped when using apply`;
      warnings.push(`${item(path, index)}: ${what}`);
    }
    known.add(name);
  }
}
