// Calls of functions: which implementation runs, what it costs, and that errors among the arguments are the call's value.

import { runtimeCost } from "../cost/runtime-cost.ts";
import { conversionNames } from "../library/conversions.ts";
import { type FunctionDeclaration, matchesType, noOverloadFor, type Overload } from "../library/declare.ts";
import { compileRegex } from "../library/regex-engine.ts";
import type { CallExpr } from "../syntax/expr.ts";
import type { CelType } from "../values/type.ts";
import { CelError, type CelUint, type CelValue, isList, kindOf } from "../values/value.ts";
import { Frame, type Step } from "./frame.ts";
import type { Planner } from "./plan.ts";
import { PlanError } from "./plan-error.ts";
import { type Planned, planConstant } from "./planned.ts";

type Call = (a: CelValue, b: CelValue, c?: CelValue, d?: CelValue) => CelValue;

interface FunctionCall {
  readonly expr: CallExpr;
  readonly args: readonly Planned[];
  /** What to call, where that is known. */
  readonly call?: Call;
}

export function planFunction(planner: Planner, { expr, args, call }: FunctionCall): Planned {
  const ids = planner.checked.overloads.get(expr.id) ?? [];
  const overload = ids.length === 1 ? ids[0]! : "";
  if (overload === "in_list") {
    const planned = planMembership(args[0]!, args[1]!);
    if (planned) return planned;
  }
  const declared = planner.environment.functions.get(expr.name);
  checkPattern(expr.name, args[1]);
  const run = planCall({
    name: expr.name,
    overload,
    args: args.map((arg) => arg.run),
    call: call ?? bind(declared, overload),
  });
  if (!conversionNames.has(expr.name) || !args[0]?.constant) return { run };
  const value = run(new Frame(() => undefined, Number.POSITIVE_INFINITY, undefined));
  if (value instanceof CelError) throw new PlanError(value.message);
  return planConstant(value);
}

const PATTERN_FUNCTIONS: ReadonlySet<string> = new Set(["matches", "find", "findAll"]);

/** A pattern that is written out must be one. */
function checkPattern(name: string, pattern: Planned | undefined): void {
  const value = pattern?.constant?.value;
  if (!PATTERN_FUNCTIONS.has(name) || typeof value !== "string") return;
  const regex = compileRegex(value);
  if (regex instanceof CelError) throw new PlanError(regex.message);
}

/** The implementation of an overload, or one that looks for the first overload that fits. */
function bind(declared: FunctionDeclaration | undefined, overloadId: string): Call {
  if (!declared) throw new PlanError("no such overload");
  if (declared.call) return declared.call.bind(declared);
  const bound = declared.overloads.filter((overload) => overload.call);
  const known = bound.find((overload) => overload.id === overloadId);
  const candidates = known ? [known] : bound;
  const [only] = candidates;
  if (only && candidates.length === 1) return guard(declared.name, only);
  return (...args) => {
    const given = args.filter((arg) => arg !== undefined);
    const fitting = candidates.find(({ args: types }) => types.length === given.length && fits(types, given));
    return fitting ? fitting.call!(...args) : noOverloadFor(declared.name, given);
  };
}

function fits(types: readonly CelType[], args: readonly CelValue[]): boolean {
  return types.every((type, i) => matchesType(type, args[i]!));
}

/** Static types are trusted nowhere: values typed dyn may be anything. */
function guard(name: string, overload: Overload): Call {
  const { args: types } = overload;
  const call = overload.call!.bind(overload);
  const [first, second] = types;
  if (types.length === 0) return call;
  if (types.length === 1) return (a, b, c, d) => (matchesType(first!, a) ? call(a, b, c, d) : noOverloadFor(name, [a]));
  if (types.length === 2) {
    return (a, b, c, d) =>
      matchesType(first!, a) && matchesType(second!, b) ? call(a, b, c, d) : noOverloadFor(name, [a, b]);
  }
  return (...args) => {
    const given = args.slice(0, types.length) as CelValue[];
    return fits(types, given) ? call(...args) : noOverloadFor(name, given);
  };
}

interface BoundCall {
  readonly name: string;
  readonly overload: string;
  readonly args: readonly Step[];
  readonly call: Call;
}

const ABSENT = undefined as unknown as CelValue;

function planCall({ name, overload, args, call }: BoundCall): Step {
  const cost = runtimeCost(name, overload);
  const before = costBefore(cost);
  const [first, second] = args;
  switch (args.length) {
    case 0:
      return (frame) => settle(frame, cost, [], call(ABSENT, ABSENT));
    case 1:
      return (frame) => {
        const a = first!(frame);
        if (before) frame.charge(before([a]));
        const result = a instanceof CelError ? a : call(a, ABSENT);
        if (typeof cost === "number") frame.charge(cost);
        else if (!before) frame.charge(cost([a], result));
        return result;
      };
    case 2:
      return (frame) => {
        const a = first!(frame);
        const b = second!(frame);
        if (before) frame.charge(before([a, b]));
        const result = a instanceof CelError ? a : b instanceof CelError ? b : call(a, b);
        if (typeof cost === "number") frame.charge(cost);
        else if (!before) frame.charge(cost([a, b], result));
        return result;
      };
    default:
      return planLongCall(args, cost, call);
  }
}

type Cost = ReturnType<typeof runtimeCost>;

/** A cost that is known from the arguments alone is charged before the work is done: what is too much is never begun. */
function costBefore(cost: Cost): ((args: readonly CelValue[]) => number) | undefined {
  return typeof cost !== "number" && cost.length < 2 ? (cost as (args: readonly CelValue[]) => number) : undefined;
}

function planLongCall(args: readonly Step[], cost: Cost, call: Call): Step {
  const before = costBefore(cost);
  return (frame) => {
    const values: CelValue[] = [];
    for (const arg of args) {
      const value = arg(frame);
      if (value instanceof CelError) return value;
      values.push(value);
    }
    if (before) frame.charge(before(values));
    return settle(frame, before ? 0 : cost, values, call(values[0]!, values[1]!, values[2]!, values[3]));
  };
}

function settle(frame: Frame, cost: Cost, args: readonly CelValue[], result: CelValue): CelValue {
  frame.charge(typeof cost === "number" ? cost : cost(args, result));
  return result;
}

/** `x in ["a", "b"]` with a list of constants is a look into a set, and free. */
function planMembership(item: Planned, list: Planned): Planned | undefined {
  const constant = list.constant?.value;
  if (constant === undefined || !isList(constant)) return undefined;
  if (constant.size === 0) return planConstant(false);
  const keys = new Set<string>();
  for (let index = 0; index < constant.size; index++) {
    const key = membershipKey(constant.at(index));
    if (key === undefined) return undefined;
    keys.add(key);
  }
  return {
    run: (frame) => {
      const value = item.run(frame);
      if (value instanceof CelError) return value;
      const key = membershipKey(value);
      return key !== undefined && keys.has(key);
    },
  };
}

/** Alike for equal primitives. */
function membershipKey(value: CelValue): string | undefined {
  if (typeof value === "string") return `s${value}`;
  if (typeof value === "boolean") return `b${value}`;
  if (typeof value === "bigint") return `n${value}`;
  if (typeof value === "number") return Number.isInteger(value) ? `n${BigInt(value)}` : `d${value}`;
  return kindOf(value) === "uint" ? `n${(value as CelUint).value}` : undefined;
}
