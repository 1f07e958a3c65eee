// What the expressions of one request may cost together, besides what each may cost for itself.

import { type Activation, type CelValue, evaluate, PER_CALL_LIMIT, type Program } from "#kubernetes/cel";

/** What evaluating may still cost; below zero: too much was spent. */
export interface Budget {
  left: number;
}

/** Of all expressions of a policy for one request; upstream's RuntimeCELCostBudget. */
export const policyBudget = 10_000_000;
/** Of all match conditions for one request; upstream's RuntimeCELCostBudgetMatchConditions. */
export const conditionsBudget = 2_500_000;

export const outOfBudget =
  "validation failed due to running out of cost budget, no further validation rules will be run";

/** The value, or a CelError; what it cost is taken off. Whatever comes out of an evaluation that overdraws does not count. */
export function evaluateWithin(program: Program, activation: Activation, budget: Budget): CelValue {
  const costLimit = Math.min(PER_CALL_LIMIT, Math.max(budget.left, 0));
  const { value, cost } = evaluate(program, activation, { costLimit });
  budget.left -= cost;
  return value;
}
