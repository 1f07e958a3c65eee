// The rules of a ClusterRole that gathers those of others. Pure.

import { type ClusterRole, type PolicyRule, selectorOf } from "#kubernetes/api";
import { isSameJson } from "../canonical-json.ts";

/** The rules the role should have; undefined where it has them, or gathers none. */
export function planRules(role: ClusterRole | undefined, all: readonly ClusterRole[]): PolicyRule[] | undefined {
  if (!role?.aggregationRule) return undefined;
  const others = all
    .filter(({ metadata }) => metadata.name !== role.metadata.name)
    .toSorted((a, b) => ((a.metadata.name ?? "") < (b.metadata.name ?? "") ? -1 : 1));
  const rules: PolicyRule[] = [];
  for (const labelSelector of role.aggregationRule.clusterRoleSelectors ?? []) {
    const selector = selectorOf(labelSelector);
    for (const { metadata, rules: found = [] } of others) {
      if (!selector.matches(metadata.labels ?? {})) continue;
      rules.push(...found.filter((rule) => !rules.some((known) => isSameJson(known, rule))));
    }
  }
  return isSameJson(rules, role.rules ?? []) ? undefined : rules;
}
