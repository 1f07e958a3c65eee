// From the text of an expression to a program, or to what is wrong with it.

import { check } from "./checker/check.ts";
import type { Environment } from "./checker/environment.ts";
import { validateLiterals } from "./checker/validate-literals.ts";
import type { SizeHints } from "./cost/cost-node.ts";
import { estimateCost } from "./cost/estimate.ts";
import type { Range } from "./cost/range.ts";
import { type Activation, CostExceeded, Frame, Interrupted, type Step } from "./program/frame.ts";
import { planProgram } from "./program/plan.ts";
import { PlanError } from "./program/plan-error.ts";
import { parse } from "./syntax/parse.ts";
import { displayProblems, type Problem, Source } from "./syntax/source.ts";
import type { CelType } from "./values/type.ts";
import { CelError, type CelValue } from "./values/value.ts";

/** An expression that can be evaluated, any number of times. */
export interface Program {
  /** The type of its value. */
  readonly type: CelType;
  /** The variables it uses. */
  readonly variables: ReadonlySet<string>;
  readonly run: Step;
  /** What an evaluation costs at least and at most, given the greatest size of what lies at a path of a variable. */
  estimate(hints: SizeHints): Range;
}

export type Compiled =
  | { readonly ok: true; readonly program: Program }
  | {
      readonly ok: false;
      /** What is wrong, with places; empty where the text is right and yet no program ("program instantiation failed"). */
      readonly problems: readonly Problem[];
      /** All of it as upstream prints it. */
      readonly message: string;
    };

export function compile(expression: string, environment: Environment): Compiled {
  const source = new Source(expression);
  const fail = (problems: readonly Problem[]): Compiled => ({
    ok: false,
    problems,
    message: displayProblems(source, problems),
  });
  const parsed = parse(source, environment.hasBindings);
  if (!parsed.ok) return fail(parsed.problems);
  const result = check(parsed.parsed, source, environment);
  if (!result.ok) return fail(result.problems);
  const { checked } = result;
  const doubtful = validateLiterals(checked, source);
  if (doubtful.length > 0) return fail(doubtful);
  try {
    const run = planProgram(checked, environment);
    const type = checked.types[checked.root.id]!;
    const estimate = (hints: SizeHints): Range => estimateCost(checked, hints);
    return { ok: true, program: { type, variables: checked.variables, run, estimate } };
  } catch (error) {
    if (!(error instanceof PlanError)) throw error;
    return { ok: false, problems: [], message: error.message };
  }
}

export interface EvaluateOptions {
  /** The most it may cost; default: Kubernetes' limit for one call. */
  readonly costLimit?: number;
  readonly signal?: AbortSignal;
}

/** The limit of one evaluation; celconfig.PerCallLimit. */
export const PER_CALL_LIMIT = 1_000_000;

export interface Evaluation {
  /** The value, a CelError where there is none. */
  readonly value: CelValue;
  readonly cost: number;
}

export function evaluate(program: Program, activation: Activation, options: EvaluateOptions = {}): Evaluation {
  const frame = new Frame(activation, options.costLimit ?? PER_CALL_LIMIT, options.signal);
  try {
    return { value: program.run(frame), cost: frame.cost };
  } catch (error) {
    if (error instanceof CostExceeded) return { value: COST_EXCEEDED, cost: frame.cost };
    if (error instanceof Interrupted) return { value: INTERRUPTED, cost: frame.cost };
    // The engine's own limits: strings, lists and stacks that would grow beyond what JavaScript holds.
    if (error instanceof RangeError) return { value: new CelError(error.message), cost: frame.cost };
    throw error;
  }
}

const COST_EXCEEDED = new CelError("operation cancelled: actual cost limit exceeded");
const INTERRUPTED = new CelError("operation interrupted");
