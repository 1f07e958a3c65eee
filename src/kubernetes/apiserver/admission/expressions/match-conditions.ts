// Match conditions of webhooks and policies: all must hold; a false one decides, whatever others could not be evaluated.

import type { MatchCondition } from "#kubernetes/api";
import { admissionTypes, createEnvironment, type Environment, isError, type Program, types } from "#kubernetes/cel";
import { bindVariables, declareVariables, type ExpressionInput, type VariableOptions } from "./admission-variables.ts";
import { type Budget, conditionsBudget, evaluateWithin, outOfBudget } from "./budget.ts";
import { compileExpression } from "./compile-expression.ts";

export interface MatchConditions {
  /** Throws an Error where a condition could not be evaluated and none is false. */
  evaluate(input: ExpressionInput): boolean;
}

type Condition = { readonly name: string } & ({ readonly program: Program } | { readonly problem: string });

export function compileMatchConditions(
  conditions: readonly MatchCondition[],
  options: VariableOptions = { hasAuthorizer: true },
): MatchConditions {
  const environment = conditionEnvironment(options);
  const compiled = conditions.map(({ name, expression }): Condition => {
    const result = compileExpression(expression, environment, [types.bool]);
    return "program" in result ? { name, ...result } : { name, problem: `compilation error: ${result.problem}` };
  });
  return {
    evaluate(input) {
      // As upstream: conditions see no namespaceObject.
      const activation = bindVariables({ ...input, namespaceObject: undefined });
      const errors: string[] = [];
      const budget: Budget = { left: conditionsBudget };
      for (const condition of compiled) {
        if ("problem" in condition) {
          errors.push(condition.problem);
          continue;
        }
        const value = evaluateWithin(condition.program, activation, budget);
        if (budget.left < 0) throw new Error(outOfBudget);
        if (value === false) return false;
        if (isError(value))
          errors.push(`expression '${expressionOf(conditions, condition.name)}' resulted in error: ${value.message}`);
      }
      if (errors.length > 0) throw new Error(errors.length === 1 ? errors[0] : `[${errors.join(", ")}]`);
      return true;
    },
  };
}

/** Conditions have no variables of their own, also those of policies. */
export function conditionEnvironment(options: VariableOptions): Environment {
  return createEnvironment({ variables: new Map(Object.entries(declareVariables(options))), types: admissionTypes() });
}

function expressionOf(conditions: readonly MatchCondition[], name: string): string {
  return conditions.find((condition) => condition.name === name)?.expression ?? "";
}
