// Labels of nodes that have been replaced: whoever selects nodes by them is warned.

import { child, entry, item } from "../../../field-error.ts";
import type { NodeSelectorTerm } from "../../../generated/types.ts";
import { checkLabelValue } from "../../../names.ts";

const deprecatedLabels: ReadonlyMap<string, string> = new Map([
  ["beta.kubernetes.io/arch", 'deprecated since v1.14; use "kubernetes.io/arch" instead'],
  ["beta.kubernetes.io/os", 'deprecated since v1.14; use "kubernetes.io/os" instead'],
  ["failure-domain.beta.kubernetes.io/region", 'deprecated since v1.17; use "topology.kubernetes.io/region" instead'],
  ["failure-domain.beta.kubernetes.io/zone", 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead'],
  ["beta.kubernetes.io/instance-type", 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead'],
  ["app.kubernetes.io/created-by", "deprecated since v1.9"],
  ["scheduler.alpha.kubernetes.io/preferAvoidPods", "deprecated since v1.22; use Taints and Tolerations instead"],
  ["node-role.kubernetes.io/master", 'use "node-role.kubernetes.io/control-plane" instead'],
]);

/** What there is to say of a label's use; undefined for one that is fine. */
export function describeDeprecation(label: string): string | undefined {
  return deprecatedLabels.get(label);
}

/** A map of labels nodes must have. */
export function warnOfNodeSelector(
  selector: Readonly<Record<string, string>> | undefined,
  path: string,
  warnings: string[],
): void {
  for (const label in selector) {
    const deprecation = describeDeprecation(label);
    if (deprecation !== undefined) warnings.push(`${entry(path, label)}: ${deprecation}`);
  }
}

/** `checkValues` where validation lets values pass that no label can have. */
export function warnOfNodeSelectorTerm(
  { matchExpressions }: NodeSelectorTerm,
  path: string,
  warnings: string[],
  { checkValues = false }: { checkValues?: boolean } = {},
): void {
  for (const [index, { key, values = [] }] of (matchExpressions ?? []).entries()) {
    const expressionPath = item(child(path, "matchExpressions"), index);
    const deprecation = describeDeprecation(key);
    if (deprecation !== undefined) warnings.push(`${expressionPath}.key: ${key} is ${deprecation}`);
    if (!checkValues) continue;
    for (const [place, value] of values.entries()) {
      for (const problem of checkLabelValue(value)) {
        warnings.push(`${expressionPath}.values[${place}]: ${value} is invalid, ${problem}`);
      }
    }
  }
}
