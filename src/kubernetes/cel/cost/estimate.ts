// What an expression can cost at most and must at least, from its text and the bounds of its schema. The same numbers as
// cel-go's: they decide which rules a CustomResourceDefinition may have.

import type { CheckedExpr } from "../checker/check.ts";
import type { CallExpr, ComprehensionExpr, Expr, ListExpr, MapExpr, SelectExpr } from "../syntax/expr.ts";
import { ACCUMULATOR, OLD_ACCUMULATOR } from "../syntax/expr.ts";
import { countCodePoints } from "../syntax/source.ts";
import { type CelType, isOptional, types } from "../values/type.ts";
import { isList, isMap } from "../values/value.ts";
import { type CallEstimate, type CostNode, hintedSize, type SizeHints } from "./cost-node.ts";
import { extensionEstimate } from "./extension-costs.ts";
import { kubernetesEstimate } from "./kubernetes-estimates.ts";
import { fixed, plus, type Range, times, UNKNOWN, union } from "./range.ts";
import { standardEstimate } from "./standard-estimates.ts";

export function estimateCost(checked: CheckedExpr, hints: SizeHints): Range {
  return new Estimator(checked, hints).cost(checked.root);
}

/** The sizes of what a list or map holds. */
export interface EntrySizes {
  readonly container: "list" | "map";
  readonly key: Range;
  readonly value: Range;
}

interface Variable {
  readonly path: readonly string[];
  readonly size: Range | undefined;
  readonly entries: EntrySizes | undefined;
}

const NO_COST = fixed(0);
const ACCESS_COST = fixed(1);
const LIST_COST = fixed(10);
const MAP_COST = fixed(30);
const STRUCT_COST = fixed(40);
const NOTHING: Range = { min: Number.POSITIVE_INFINITY, max: 0 };

class Estimator {
  readonly #checked: CheckedExpr;
  readonly #hints: SizeHints;
  readonly #paths = new Map<number, readonly string[]>();
  readonly #sizes = new Map<number, Range>();
  readonly #entries = new Map<number, EntrySizes>();
  readonly #variables = new Map<string, Variable[]>();

  constructor(checked: CheckedExpr, hints: SizeHints) {
    this.#checked = checked;
    this.#hints = hints;
  }

  cost(expr: Expr): Range {
    switch (expr.kind) {
      case "ident":
        this.#paths.set(expr.id, this.#variable(expr.name)?.path ?? [expr.name]);
        return ACCESS_COST;
      case "select":
        return this.#costSelect(expr);
      case "call":
        return this.#costCall(expr);
      case "list":
        return this.#costList(expr);
      case "map":
        return this.#costMap(expr);
      case "struct":
        return expr.fields.reduce((sum, field) => plus(sum, this.cost(field.value)), STRUCT_COST);
      case "comprehension":
        return isBinding(expr) ? this.#costBinding(expr) : this.#costLoop(expr);
      default:
        return NO_COST;
    }
  }

  #typeOf(expr: Expr): CelType {
    return this.#checked.types[expr.id] ?? types.dyn;
  }

  #variable(name: string): Variable | undefined {
    return this.#variables.get(name)?.at(-1);
  }

  #push(name: string, variable: Variable): void {
    const stack = this.#variables.get(name);
    if (stack) stack.push(variable);
    else this.#variables.set(name, [variable]);
  }

  #pop(name: string): void {
    this.#variables.get(name)?.pop();
  }

  #pathOf(expr: Expr): readonly string[] {
    const local = expr.kind === "ident" ? this.#variable(expr.name) : undefined;
    return local?.path ?? this.#paths.get(expr.id) ?? [];
  }

  #costSelect(expr: SelectExpr): Range {
    const operand = this.cost(expr.operand);
    // A presence test is free, as it was when Kubernetes began to count.
    if (expr.testOnly) return operand;
    this.#paths.set(expr.id, [...this.#pathOf(expr.operand), expr.field]);
    const { kind } = this.#typeOf(expr.operand);
    const charged = kind === "map" || kind === "struct" || kind === "typeParam";
    return charged ? plus(operand, ACCESS_COST) : operand;
  }

  #costList(expr: ListExpr): Range {
    let cost = LIST_COST;
    let items = expr.elements.length === 0 ? NO_COST : NOTHING;
    for (const element of expr.elements) {
      cost = plus(cost, this.cost(element));
      items = union(items, this.#sizeOf(element) ?? UNKNOWN);
    }
    this.#entries.set(expr.id, { container: "list", key: fixed(1), value: items });
    return cost;
  }

  #costMap(expr: MapExpr): Range {
    let cost = MAP_COST;
    let keys = expr.entries.length === 0 ? NO_COST : NOTHING;
    let values = keys;
    for (const { key, value } of expr.entries) {
      cost = plus(plus(cost, this.cost(key)), this.cost(value));
      keys = union(keys, this.#sizeOf(key) ?? UNKNOWN);
      values = union(values, this.#sizeOf(value) ?? UNKNOWN);
    }
    this.#entries.set(expr.id, { container: "map", key: keys, value: values });
    return cost;
  }

  #costLoop(expr: ComprehensionExpr): Range {
    const range = this.cost(expr.range);
    const init = this.cost(expr.init);
    this.#bind(expr.accumulator, expr.init);
    this.#pushItem(expr);
    const condition = this.cost(expr.condition);
    const step = this.cost(expr.step);
    this.#pop(expr.variable);
    if (expr.variable2 !== undefined) this.#pop(expr.variable2);
    const result = this.cost(expr.result);
    this.#pop(expr.accumulator);
    const rounds = this.#sizeOf(expr.range) ?? UNKNOWN;
    this.#sizeLoop(expr, rounds);
    return plus(plus(plus(range, init), result), times(rounds, plus(step, condition)));
  }

  #sizeLoop(expr: ComprehensionExpr, rounds: Range): void {
    if (expr.init.kind === "literal") this.#setSize(expr, this.#sizeOf(expr.init));
    if (expr.init.kind !== "list" && expr.init.kind !== "map") return;
    this.#setSize(expr, rounds);
    const entries = this.#entriesOf(expr.step);
    if (entries) this.#entries.set(expr.id, entries);
  }

  #pushItem(expr: ComprehensionExpr): void {
    const entries = this.#entriesOf(expr.range);
    const path = this.#pathOf(expr.range);
    const isOverList = (entries?.container ?? this.#typeOf(expr.range).kind) === "list";
    const at = (step: string, size: Range | undefined): Variable => ({
      path: [...path, step],
      size,
      entries: undefined,
    });
    const key = at(isOverList ? "@indices" : "@keys", entries?.key);
    const value = at(isOverList ? "@items" : "@values", entries?.value);
    if (expr.variable2 === undefined) this.#push(expr.variable, isOverList ? value : key);
    else {
      this.#push(expr.variable, key);
      this.#push(expr.variable2, value);
    }
  }

  #bind(name: string, expr: Expr): void {
    this.#push(name, { path: this.#pathOf(expr), size: this.#sizeOf(expr), entries: this.#entriesOf(expr) });
  }

  /** A loop over nothing only names a value. */
  #costBinding(expr: ComprehensionExpr): Range {
    const cost = plus(this.cost(expr.range), this.cost(expr.init));
    this.#bind(expr.accumulator, expr.init);
    const result = this.cost(expr.result);
    this.#pop(expr.accumulator);
    this.#copySizes(expr, expr.result);
    return plus(cost, result);
  }

  #copySizes(to: Expr, from: Expr): void {
    this.#setSize(to, this.#sizeOf(from));
    const entries = this.#entriesOf(from);
    if (entries) this.#entries.set(to.id, entries);
  }

  #setSize(expr: Expr, size: Range | undefined): void {
    if (size) this.#sizes.set(expr.id, size);
  }

  #sizeOf(expr: Expr): Range | undefined {
    const known = this.#sizes.get(expr.id) ?? sizeOfLiteral(expr);
    if (known) return known;
    const hinted = hintedSize({ path: this.#pathOf(expr), type: this.#typeOf(expr), size: undefined }, this.#hints);
    if (hinted) {
      this.#sizes.set(expr.id, hinted);
      return hinted;
    }
    if (isScalar(this.#typeOf(expr))) return fixed(1);
    return expr.kind === "ident" ? this.#variable(expr.name)?.size : undefined;
  }

  #entriesOf(expr: Expr): EntrySizes | undefined {
    const known = this.#entries.get(expr.id);
    return known ?? (expr.kind === "ident" ? this.#variable(expr.name)?.entries : undefined);
  }

  #nodeOf(expr: Expr): CostNode {
    const path = this.#pathOf(expr);
    const gathered = path[0] === ACCUMULATOR || path[0] === OLD_ACCUMULATOR;
    return {
      path: gathered || path.length === 0 ? undefined : path,
      type: this.#typeOf(expr),
      expr,
      size: this.#sizeOf(expr),
    };
  }

  #costCall(expr: CallExpr): Range {
    if (expr.name === "dyn") {
      const cost = plus(fixed(1), this.cost(expr.args[0]!));
      this.#copySizes(expr, expr.args[0]!);
      return cost;
    }
    const argCosts = expr.args.map((arg) => this.cost(arg));
    const args = expr.args.map((arg) => this.#nodeOf(arg));
    const overloads = this.#checked.overloads.get(expr.id) ?? [];
    if (overloads.length === 0) return NO_COST;
    const targetCost = expr.target ? this.cost(expr.target) : NO_COST;
    const target = expr.target && this.#nodeOf(expr.target);
    let cost = NOTHING;
    let size: Range | undefined;
    for (const overload of overloads) {
      const estimate = this.#estimateCall(expr, { overload, target, args, argCosts });
      cost = union(cost, estimate.cost);
      if (estimate.size) size = size ? union(size, estimate.size) : estimate.size;
      if (overload === "index_list" || overload === "index_map") size = this.#indexed(expr, overload);
      size ??= this.#sizeOf(expr);
    }
    this.#setSize(expr, size);
    return plus(targetCost, cost);
  }

  #indexed(expr: CallExpr, overload: string): Range | undefined {
    const [operand] = expr.args;
    const step = overload === "index_list" ? "@items" : "@values";
    this.#paths.set(expr.id, [...this.#pathOf(operand!), step]);
    return this.#entriesOf(operand!)?.value;
  }

  #estimateCall(expr: CallExpr, parts: CallParts): CallEstimate {
    const { overload, target, args, argCosts } = parts;
    const call = { name: expr.name, overload, target, args, hints: this.#hints };
    const sum = argCosts.reduce(plus, NO_COST);
    const known = extensionEstimate(call) ?? kubernetesEstimate(call);
    if (known) return { ...known, cost: plus(known.cost, sum) };
    if (overload === "logical_or" || overload === "logical_and") return { cost: estimateLogic(argCosts) };
    if (overload === "conditional") return this.#estimateConditional(expr, args, argCosts);
    if (overload === "add_string" || overload === "add_bytes" || overload === "add_list") this.#joinEntries(expr);
    const estimate = standardEstimate(call);
    return { ...estimate, cost: plus(estimate.cost, sum) };
  }

  #estimateConditional(expr: CallExpr, args: readonly CostNode[], costs: readonly Range[]): CallEstimate {
    const size = union(args[1]!.size ?? UNKNOWN, args[2]!.size ?? UNKNOWN);
    this.#setJoined(expr, expr.args[1]!, expr.args[2]!);
    return { cost: plus(costs[0]!, union(costs[1]!, costs[2]!)), size };
  }

  #joinEntries(expr: CallExpr): void {
    if (expr.args.length === 2) this.#setJoined(expr, expr.args[0]!, expr.args[1]!);
  }

  #setJoined(expr: Expr, first: Expr, second: Expr): void {
    const a = this.#entriesOf(first);
    const b = this.#entriesOf(second);
    if (!a || !b) return;
    this.#entries.set(expr.id, { container: a.container, key: union(a.key, b.key), value: union(a.value, b.value) });
  }
}

interface CallParts {
  readonly overload: string;
  readonly target: CostNode | undefined;
  readonly args: readonly CostNode[];
  readonly argCosts: readonly Range[];
}

/** The right side may never be looked at. */
function estimateLogic([left, right]: readonly Range[]): Range {
  return { min: left!.min, max: plus(left!, right!).max };
}

function isBinding({ range, condition, accumulator }: ComprehensionExpr): boolean {
  return (
    range.kind === "list" &&
    range.elements.length === 0 &&
    condition.kind === "literal" &&
    condition.value === false &&
    accumulator !== OLD_ACCUMULATOR
  );
}

function sizeOfLiteral(expr: Expr): Range | undefined {
  if (expr.kind === "list") return fixed(expr.elements.length);
  if (expr.kind === "map") return fixed(expr.entries.length);
  if (expr.kind !== "literal") return undefined;
  const { value } = expr;
  if (typeof value === "string") return fixed(countCodePoints(value));
  if (value instanceof Uint8Array) return fixed(value.length);
  return isList(value) || isMap(value) ? undefined : fixed(1);
}

const SCALARS: ReadonlySet<string> = new Set(["bool", "double", "duration", "int", "timestamp", "uint"]);

function isScalar(type: CelType): boolean {
  return SCALARS.has(type.kind) || (isOptional(type) && type.params.length > 0 && isScalar(type.params[0]!));
}
