// Match conditions of webhooks and policies: all must hold; a false one decides, whatever others could not be evaluated.

import type { MatchCondition } from "#kubernetes/api";
import { type Activation, compile, createEnvironment, evaluate, isError, type Program } from "#kubernetes/cel";
import { bindVariables, declareVariables, type ExpressionInput, type VariableOptions } from "./admission-variables.ts";

export interface MatchConditions {
  /** Throws an Error where a condition could not be evaluated and none is false. */
  evaluate(input: ExpressionInput, activation?: Activation): boolean;
}

/** What all conditions of one request may cost together; upstream's RuntimeCELCostBudgetMatchConditions. */
const costBudget = 2_500_000;

type Condition = { readonly name: string } & ({ readonly program: Program } | { readonly problem: string });

export function compileMatchConditions(
  conditions: readonly MatchCondition[],
  options: VariableOptions = { hasAuthorizer: true },
): MatchConditions {
  const environment = createEnvironment({ variables: new Map(Object.entries(declareVariables(options))) });
  const compiled = conditions.map(({ name, expression }): Condition => {
    const result = compile(expression, environment);
    return result.ok
      ? { name, program: result.program }
      : { name, problem: `compilation error: compilation failed: ${result.message}` };
  });
  return {
    evaluate(input, activation = bindVariables(input)) {
      const errors: string[] = [];
      let budget = costBudget;
      for (const condition of compiled) {
        if ("problem" in condition) {
          errors.push(condition.problem);
          continue;
        }
        const { value, cost } = evaluate(condition.program, activation, { costLimit: budget });
        budget -= cost;
        if (value === false) return false;
        if (isError(value))
          errors.push(`expression '${expressionOf(conditions, condition.name)}' resulted in error: ${value.message}`);
      }
      if (errors.length > 0) throw new Error(errors.length === 1 ? errors[0] : `[${errors.join(", ")}]`);
      return true;
    },
  };
}

function expressionOf(conditions: readonly MatchCondition[], name: string): string {
  return conditions.find((condition) => condition.name === name)?.expression ?? "";
}
