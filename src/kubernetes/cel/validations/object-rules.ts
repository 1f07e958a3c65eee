// The rules of a resource's schema, for whoever validates its objects.

import { Correlation, type FieldError } from "#kubernetes/api";
import { applyRules, type Findings } from "./apply-rules.ts";
import { Ratchet } from "./ratchet.ts";
import { hasRules, type RuledSchema } from "./rule.ts";
import { buildRuleTree, type RuleTree } from "./rule-tree.ts";

/** What all rules together may cost on one object; celconfig.RuntimeCELCostBudget. */
export const OBJECT_COST_BUDGET = 10_000_000;

export interface ObjectRules {
  /**
   * What the rules mind; `old` is absent for a new object. What was wrong before and has not changed is only warned of.
   */
  validate(object: object, old: object | undefined, warn?: (warning: string) => void): FieldError[];
}

/** The rules of a resource's schema; undefined where it has none. They are compiled when first needed. */
export function objectRulesOf(schema: RuledSchema): ObjectRules | undefined {
  if (!hasRules(schema)) return undefined;
  let tree: RuleTree | undefined;
  return {
    validate(object, old, warn) {
      tree ??= buildRuleTree(schema, true);
      if (!tree) return [];
      const findings: Findings = { errors: [], warnings: [], budget: OBJECT_COST_BUDGET };
      const ratchet = new Ratchet(old && new Correlation(object, old, schema));
      applyRules(tree, { path: "", value: object, old, ratchet }, findings);
      if (warn) for (const warning of findings.warnings) warn(warning);
      return findings.errors;
    },
  };
}
