// Makes a program of a checked expression: a closure for every node, so that evaluating is calling. Costs are counted where
// and as cel-go counts them.

import type { CheckedExpr } from "../checker/check.ts";
import type { Environment } from "../checker/environment.ts";
import type { CallExpr, Expr, IdentExpr, ListExpr, MapExpr, SelectExpr, StructExpr } from "../syntax/expr.ts";
import { operators } from "../syntax/operators.ts";
import { equal } from "../values/equal.ts";
import { ArrayList } from "../values/list.ts";
import { MapBuilder } from "../values/map.ts";
import { printValue } from "../values/print.ts";
import { CelError, CelOptional, type CelValue, NO_SUCH_OVERLOAD } from "../values/value.ts";
import { conditionalAttribute, rootAttribute } from "./attribute.ts";
import type { Frame, Step } from "./frame.ts";
import { PlanError } from "./plan-error.ts";
import { planFold } from "./plan-fold.ts";
import { planFunction } from "./plan-function.ts";
import { type Planned, planAttribute, planConstant } from "./planned.ts";
import { computedQualifier, constantQualifier, presenceQualifier } from "./qualifier.ts";

/** What planning one expression shares. */
export interface Planner {
  readonly checked: CheckedExpr;
  readonly environment: Environment;
  readonly plan: (expr: Expr, scope: Scope) => Planned;
}

/** Which slot a comprehension's variable has, for those that are in sight. */
export type Scope = ReadonlyMap<string, Local>;

export interface Local {
  readonly slot: number;
  /** What an accumulator starts from, worked out when it is first looked at. */
  readonly init?: Step;
}

export function planProgram(checked: CheckedExpr, environment: Environment): Step {
  const planner: Planner = { checked, environment, plan: (expr, scope) => planExpr(planner, expr, scope) };
  return planner.plan(checked.root, new Map()).run;
}

function planExpr(planner: Planner, expr: Expr, scope: Scope): Planned {
  switch (expr.kind) {
    case "literal":
      return planConstant(expr.value);
    case "ident":
      return planIdent(planner, expr, scope);
    case "select":
      return planSelect(planner, expr, scope);
    case "call":
      return planCall(planner, expr, scope);
    case "list":
      return planList(planner, expr, scope);
    case "map":
      return planMap(planner, expr, scope);
    case "struct":
      return planStruct(planner, expr, scope);
    case "comprehension":
      return planFold(planner, expr, scope);
    case "broken":
      throw new PlanError("unsupported expr");
  }
}

function planIdent({ checked }: Planner, { id, name }: IdentExpr, scope: Scope): Planned {
  const local = scope.get(name);
  if (local) return planAttribute(rootAttribute(local.init ? readAccumulator(local, local.init) : readLocal(local)));
  const constant = checked.constants.get(id);
  if (constant !== undefined) return planConstant(constant);
  const missing = new CelError(`no such attribute(s): ${name}`);
  const read: Step = (frame) => {
    const value = frame.find(name);
    return value === undefined ? missing : value;
  };
  return planAttribute(rootAttribute(read));
}

function readLocal({ slot }: Local): Step {
  return (frame) => frame.locals[slot]!;
}

function readAccumulator({ slot }: Local, init: Step): Step {
  return (frame) => {
    const known = frame.locals[slot];
    if (known !== undefined) return known;
    const value = init(frame);
    frame.locals[slot] = value;
    return value;
  };
}

function planSelect(planner: Planner, expr: SelectExpr, scope: Scope): Planned {
  const operand = attributeOf(planner.plan(expr.operand, scope));
  if (!expr.testOnly) return planAttribute(operand.qualified(constantQualifier(expr.field, false)));
  const tested = operand.qualified(presenceQualifier(expr.field));
  // That the test itself is free has been so before it was not, and Kubernetes keeps it.
  return {
    run: (frame) => {
      const value = tested.resolve(frame);
      return value instanceof CelOptional ? value.value !== undefined : value;
    },
    attribute: tested,
  };
}

function attributeOf(planned: Planned): NonNullable<Planned["attribute"]> {
  return planned.attribute ?? rootAttribute(planned.run);
}

function planCall(planner: Planner, expr: CallExpr, scope: Scope): Planned {
  const parts = expr.target ? [expr.target, ...expr.args] : expr.args;
  const args = parts.map((part) => planner.plan(part, scope));
  switch (expr.name) {
    case operators.and:
      return { run: planAnd(args[0]!.run, args[1]!.run) };
    case operators.or:
      return { run: planOr(args[0]!.run, args[1]!.run) };
    case operators.conditional:
      return planAttribute(conditionalAttribute(args[0]!.run, attributeOf(args[1]!), attributeOf(args[2]!)));
    case operators.index:
      return planIndex(args[0]!, args[1]!, false);
    case operators.optionalIndex:
    case operators.optionalSelect:
      return planIndex(args[0]!, args[1]!, true);
    case operators.equals:
    case operators.notEquals:
      return planFunction(planner, { expr, args, call: expr.name === operators.equals ? equal : differs });
    case operators.notStrictlyFalse:
      return planNotStrictlyFalse(args[0]!.run);
    case "or":
    case "orValue":
      return planOptionalOr(planner, expr, args);
    default:
      return planFunction(planner, { expr, args });
  }
}

function differs(a: CelValue, b: CelValue): CelValue {
  return equal(a, b) !== true;
}

function planIndex(operand: Planned, index: Planned, optional: boolean): Planned {
  const qualifier = index.constant
    ? constantQualifier(index.constant.value, optional)
    : computedQualifier(index.attribute?.resolve ?? index.run, optional);
  return planAttribute(attributeOf(operand).qualified(qualifier));
}

/** false if either side is, whatever the other is, an error too. */
function planAnd(left: Step, right: Step): Step {
  return (frame) => {
    const first = left(frame);
    if (first === false) return false;
    const second = right(frame);
    if (second === false) return false;
    return first === true && second === true ? true : logicError(first, second);
  };
}

function planOr(left: Step, right: Step): Step {
  return (frame) => {
    const first = left(frame);
    if (first === true) return true;
    const second = right(frame);
    if (second === true) return true;
    return first === false && second === false ? false : logicError(first, second);
  };
}

function logicError(first: CelValue, second: CelValue): CelError {
  const wrong = typeof first === "boolean" ? second : first;
  return wrong instanceof CelError ? wrong : NO_SUCH_OVERLOAD;
}

function planNotStrictlyFalse(operand: Step): Planned {
  return {
    run: (frame) => {
      const value = operand(frame);
      frame.charge(1);
      return typeof value === "boolean" ? value : true;
    },
  };
}

/** `a.or(b)` and `a.orValue(b)` look at b only where a is empty. */
function planOptionalOr(planner: Planner, expr: CallExpr, args: readonly Planned[]): Planned {
  const [left, right] = args;
  if (!left || !right || args.length !== 2) return planFunction(planner, { expr, args });
  const unwraps = expr.name === "orValue";
  return {
    run: (frame) => {
      const value = left.run(frame);
      if (!(value instanceof CelOptional)) return value;
      if (value.value === undefined) return right.run(frame);
      return unwraps ? value.value : value;
    },
  };
}

const LIST_COST = 10;
const MAP_COST = 30;
const STRUCT_COST = 40;

function planList(planner: Planner, expr: ListExpr, scope: Scope): Planned {
  const elements = expr.elements.map((element) => planner.plan(element, scope));
  const constants = elements.map((element) => element.constant);
  if (constants.every((constant) => constant !== undefined)) {
    return planConstant(new ArrayList(constants.map((constant) => constant.value)));
  }
  const read = (frame: Frame): CelValue => {
    const items: CelValue[] = [];
    for (const [index, element] of elements.entries()) {
      const value = element.run(frame);
      if (value instanceof CelError) return value;
      if (!expr.optionals.has(index)) items.push(value);
      else if (!(value instanceof CelOptional)) return notOptional("list element", value);
      else if (value.value !== undefined) items.push(value.value);
    }
    return new ArrayList(items);
  };
  return { run: charged(read, LIST_COST) };
}

function notOptional(what: string, value: CelValue): CelError {
  return new CelError(`cannot initialize optional ${what} from non-optional value ${printValue(value)}`);
}

function charged(read: Step, cost: number): Step {
  return (frame) => {
    const value = read(frame);
    frame.charge(cost);
    return value;
  };
}

function planMap(planner: Planner, expr: MapExpr, scope: Scope): Planned {
  const entries = expr.entries.map((entry) => ({
    key: planner.plan(entry.key, scope),
    value: planner.plan(entry.value, scope),
    optional: entry.optional,
  }));
  const read = (frame: Frame): CelValue => {
    const builder = new MapBuilder();
    for (const entry of entries) {
      const error = readEntry(frame, builder, entry);
      if (error) return error;
    }
    return builder.build();
  };
  if (entries.every((entry) => entry.key.constant && entry.value.constant)) {
    return planConstant(read(undefined as unknown as Frame));
  }
  return { run: charged(read, MAP_COST) };
}

interface PlannedEntry {
  readonly key: Planned;
  readonly value: Planned;
  readonly optional: boolean;
}

function readEntry(frame: Frame, builder: MapBuilder, entry: PlannedEntry): CelError | undefined {
  const key = entry.key.run(frame);
  if (key instanceof CelError) return key;
  const value = entry.value.run(frame);
  if (value instanceof CelError) return value;
  if (!entry.optional) return builder.set(key, value);
  if (!(value instanceof CelOptional)) return notOptional(`entry '${printValue(key)}'`, value);
  if (value.value !== undefined) return builder.set(key, value.value);
  builder.delete(key);
  return undefined;
}

function planStruct(planner: Planner, expr: StructExpr, scope: Scope): Planned {
  const { types } = planner.environment;
  const fields = expr.fields.map((field) => ({ ...field, planned: planner.plan(field.value, scope) }));
  const read = (frame: Frame): CelValue => {
    const values = new Map<string, CelValue>();
    for (const { name, optional, planned } of fields) {
      const value = planned.run(frame);
      if (value instanceof CelError) return value;
      if (!optional) values.set(name, value);
      else if (!(value instanceof CelOptional)) return notOptional(`entry '${name}'`, value);
      else if (value.value === undefined) values.delete(name);
      else values.set(name, value.value);
    }
    return types.createObject?.(expr.typeName, values) ?? new CelError(`unknown type '${expr.typeName}'`);
  };
  return { run: charged(read, STRUCT_COST) };
}
