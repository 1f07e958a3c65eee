// The expressions of a ValidatingAdmissionPolicy: compiled once, evaluated for a request and its parameters into decisions.

import type { AuditAnnotation, ValidatingAdmissionPolicy, Validation } from "#kubernetes/api";
import { type Activation, isError, types } from "#kubernetes/cel";
import { bindVariables, type ExpressionInput, type VariableOptions } from "../expressions/admission-variables.ts";
import { type Budget, evaluateWithin, outOfBudget, policyBudget } from "../expressions/budget.ts";
import { type CompiledExpression, compileExpression } from "../expressions/compile-expression.ts";
import { composeVariables } from "../expressions/composed-variables.ts";
import { compileMatchConditions } from "../expressions/match-conditions.ts";

/** What an expression that does not hold, or cannot be evaluated, means for the request. */
export interface Denial {
  /** The position of its validation. */
  readonly index: number;
  readonly message: string;
  /** A StatusReason; absent of what could not be evaluated. */
  readonly reason?: string;
  /** How long its expression took. */
  readonly seconds: number;
}

export interface PolicyVerdict {
  readonly denials: readonly Denial[];
  readonly auditAnnotations: readonly { readonly key: string; readonly value: string }[];
}

export interface ValidationEvaluator {
  evaluate(input: ExpressionInput): PolicyVerdict;
}

const longestMessage = 5 * 1024;
const nothing: PolicyVerdict = { denials: [], auditAnnotations: [] };

interface CompiledValidation {
  readonly validation: Validation;
  readonly expression: CompiledExpression;
  readonly messageExpression: CompiledExpression | undefined;
}

/** Never throws: what is wrong with the policy is told at every request. */
export function compileValidations({ spec = {} }: ValidatingAdmissionPolicy): ValidationEvaluator {
  const options: VariableOptions = { hasParams: spec.paramKind !== undefined, hasAuthorizer: true };
  const composed = composeVariables(spec.variables ?? [], options);
  const ignoresFailures = spec.failurePolicy === "Ignore";
  const conditions = spec.matchConditions?.length ? compileMatchConditions(spec.matchConditions, options) : undefined;
  const validations = (spec.validations ?? []).map((validation): CompiledValidation => {
    const { expression, messageExpression } = validation;
    return {
      validation,
      expression: compileExpression(expression, composed.environment, [types.bool]),
      messageExpression: messageExpression
        ? compileExpression(messageExpression, composed.messageEnvironment, [types.string])
        : undefined,
    };
  });
  const annotations = (spec.auditAnnotations ?? []).map((annotation) => ({
    annotation,
    expression: compileExpression(annotation.valueExpression, composed.environment, [types.string, types.null]),
  }));
  const fail = (message: string): PolicyVerdict =>
    ignoresFailures ? nothing : { denials: [{ index: 0, message, seconds: 0 }], auditAnnotations: [] };
  return {
    evaluate(input) {
      if (composed.problem !== undefined) return fail(composed.problem);
      const budget: Budget = { left: policyBudget };
      const activation = composed.compose(bindVariables(input), budget);
      try {
        if (conditions && !conditions.evaluate(input)) return nothing;
      } catch (error) {
        return fail((error as Error).message);
      }
      const denials = validations.flatMap((each, index) =>
        decide(each, index, { activation, budget, ignoresFailures }),
      );
      if (budget.left < 0) return fail(outOfBudget);
      budget.left = policyBudget;
      const annotated = annotations.map((each) => annotate(each.annotation, each.expression, activation, budget));
      return {
        denials: [...denials, ...(ignoresFailures ? [] : annotated.flatMap(({ denial }) => denial ?? []))],
        auditAnnotations: annotated.flatMap(({ published }) => published ?? []),
      };
    },
  };
}

interface Evaluating {
  readonly activation: Activation;
  readonly budget: Budget;
  readonly ignoresFailures: boolean;
}

function decide(
  compiled: CompiledValidation,
  index: number,
  { activation, budget, ignoresFailures }: Evaluating,
): Denial[] {
  const { validation, expression } = compiled;
  const start = performance.now();
  const secondsSince = () => (performance.now() - start) / 1000;
  const outcome = run(expression, validation.expression, activation, budget);
  if ("problem" in outcome)
    return ignoresFailures ? [] : [{ index, message: outcome.problem, seconds: secondsSince() }];
  if (outcome.value === true) return [];
  const message = composedMessage(compiled, activation, budget) || validation.message?.trim();
  const shown = message || `failed expression: ${validation.expression.trim()}`;
  return [{ index, message: shown, reason: validation.reason ?? "Invalid", seconds: secondsSince() }];
}

/** "" where the expression makes no message that can be shown. */
function composedMessage(
  { messageExpression, validation }: CompiledValidation,
  activation: Activation,
  budget: Budget,
): string {
  if (!messageExpression) return "";
  const outcome = run(messageExpression, validation.messageExpression!, activation, budget);
  if ("problem" in outcome || typeof outcome.value !== "string") return "";
  const text = outcome.value.trim();
  return Buffer.byteLength(text) > longestMessage || text.includes("\n") ? "" : text;
}

type Outcome = { readonly value: unknown } | { readonly problem: string };

function run(expression: CompiledExpression, text: string, activation: Activation, budget: Budget): Outcome {
  if ("problem" in expression) return { problem: `compilation error: ${expression.problem}` };
  const value = evaluateWithin(expression.program, activation, budget);
  if (budget.left < 0) return { problem: outOfBudget };
  return isError(value) ? { problem: `expression '${text}' resulted in error: ${value.message}` } : { value };
}

interface Annotated {
  readonly published?: { readonly key: string; readonly value: string };
  readonly denial?: Denial;
}

/** Null and blank texts are not published. */
function annotate(
  { key, valueExpression }: AuditAnnotation,
  expression: CompiledExpression,
  activation: Activation,
  budget: Budget,
): Annotated {
  const outcome = run(expression, valueExpression, activation, budget);
  if ("problem" in outcome) return { denial: { index: 0, message: outcome.problem, seconds: 0 } };
  if (outcome.value === null) return {};
  if (typeof outcome.value !== "string") {
    const message = `valueExpression '${valueExpression}' resulted in unsupported return type. Return type must be either string or null.`;
    return { denial: { index: 0, message, seconds: 0 } };
  }
  const value = outcome.value.trim();
  return value === "" ? {} : { published: { key, value: value.slice(0, 10 * 1024) } };
}
