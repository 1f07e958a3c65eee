// Works out the type of every part of an expression, and which overloads its calls may run. Messages are cel-go's.

import type { FunctionDeclaration } from "../library/declare.ts";
import {
  type CallExpr,
  type ComprehensionExpr,
  type Expr,
  type IdentExpr,
  type ListExpr,
  type MapExpr,
  type ParsedExpr,
  qualifiedName,
  type SelectExpr,
  type StructExpr,
} from "../syntax/expr.ts";
import { operators } from "../syntax/operators.ts";
import { NO_LOCATION, type Problem, type Source } from "../syntax/source.ts";
import {
  type CelType,
  formatType,
  isDyn,
  isOptional,
  listType,
  mapType,
  optionalType,
  paramType,
  types,
} from "../values/type.ts";
import { type CelValue, typeOf } from "../values/value.ts";
import { type Environment, findDeclaration, findFunction } from "./environment.ts";
import { resolveOverload } from "./resolve-overload.ts";
import { mostGeneral, type Substitutions, substitute, unify } from "./unify.ts";

/** A checked expression: names are whole, and what the parts are is known by their ids. */
export interface CheckedExpr {
  readonly root: Expr;
  readonly offsets: ParsedExpr["offsets"];
  readonly types: readonly (CelType | undefined)[];
  /** The overloads a call may run. */
  readonly overloads: ReadonlyMap<number, readonly string[]>;
  /** Names of types, which are constants. */
  readonly constants: ReadonlyMap<number, CelValue>;
  /** The variables of the environment that are used. */
  readonly variables: ReadonlySet<string>;
}

export type CheckResult =
  | { readonly ok: true; readonly checked: CheckedExpr }
  | { readonly ok: false; readonly problems: readonly Problem[] };

export function check(parsed: ParsedExpr, source: Source, environment: Environment): CheckResult {
  const checker = new Checker(parsed, source, environment);
  const root = checker.check(parsed.root);
  if (checker.problems.length > 0) return { ok: false, problems: checker.problems };
  return { ok: true, checked: checker.finish(root) };
}

type Scope = ReadonlyMap<string, CelType>;

class Checker {
  readonly problems: Problem[] = [];
  readonly #parsed: ParsedExpr;
  readonly #source: Source;
  readonly #environment: Environment;
  readonly #types: (CelType | undefined)[] = [];
  readonly #overloads = new Map<number, readonly string[]>();
  readonly #constants = new Map<number, CelValue>();
  readonly #variables = new Set<string>();
  #scopes: readonly Scope[] = [];
  #substitutions: Substitutions = new Map();
  #freeParams = 0;

  constructor(parsed: ParsedExpr, source: Source, environment: Environment) {
    this.#parsed = parsed;
    this.#source = source;
    this.#environment = environment;
  }

  finish(root: Expr): CheckedExpr {
    return {
      root,
      offsets: this.#parsed.offsets,
      types: Array.from(this.#types, (type) => type && substitute(this.#substitutions, type, true)),
      overloads: this.#overloads,
      constants: this.#constants,
      variables: this.#variables,
    };
  }

  /** The expression with whole names; its type is noted. */
  check(expr: Expr): Expr {
    switch (expr.kind) {
      case "literal":
        return this.#typed(expr, typeOf(expr.value));
      case "ident":
        return this.#checkIdent(expr);
      case "select":
        return this.#checkSelect(expr);
      case "call":
        return this.#checkCall(expr);
      case "list":
        return this.#checkList(expr);
      case "map":
        return this.#checkMap(expr);
      case "struct":
        return this.#checkStruct(expr);
      case "comprehension":
        return this.#checkComprehension(expr);
      case "broken":
        return this.#typed(expr, types.error);
    }
  }

  #typed<T extends Expr>(expr: T, type: CelType): T {
    this.#types[expr.id] = type;
    return expr;
  }

  #typeOf(expr: Expr): CelType {
    return this.#types[expr.id] ?? types.error;
  }

  /** The type as far as it is known by now. */
  #resolved(type: CelType): CelType {
    return substitute(this.#substitutions, type, false);
  }

  #report(id: number, message: string): void {
    const offset = this.#parsed.offsets[id];
    this.problems.push({ message, location: offset === undefined ? NO_LOCATION : this.#source.locate(offset) });
  }

  #undeclared(id: number, name: string): void {
    this.#report(id, `undeclared reference to '${name}' (in container '')`);
  }

  #mismatch(expr: Expr, expected: CelType, found: CelType): void {
    this.#report(expr.id, `expected type '${formatType(expected)}' but found '${formatType(found)}'`);
  }

  #fits(from: CelType, to: CelType): boolean {
    const learnt = unify(this.#substitutions, from, to);
    if (learnt) this.#substitutions = learnt;
    return learnt !== undefined;
  }

  #freeParam(): CelType {
    return paramType(`_var${this.#freeParams++}`);
  }

  /** The node as a name, where the name is declared. */
  #lookUp(id: number, name: string): IdentExpr | undefined {
    const local = this.#scopes.findLast((scope) => scope.has(name))?.get(name);
    if (local) return this.#typed({ kind: "ident", id, name }, local);
    const declared = findDeclaration(this.#environment, name);
    if (!declared) return undefined;
    if (declared.value !== undefined) this.#constants.set(id, declared.value);
    else this.#variables.add(declared.name);
    return this.#typed({ kind: "ident", id, name: declared.name }, declared.type);
  }

  #checkIdent(expr: IdentExpr): Expr {
    const found = this.#lookUp(expr.id, expr.name);
    if (found) return found;
    this.#undeclared(expr.id, expr.name);
    return this.#typed(expr, types.error);
  }

  #checkSelect(expr: SelectExpr): Expr {
    const name = qualifiedName(expr);
    const found = name === undefined ? undefined : this.#lookUp(expr.id, name);
    if (found) return found;
    const operand = this.check(expr.operand);
    const type = this.#fieldType(expr.id, operand, expr.field, false);
    return this.#typed({ ...expr, operand }, expr.testOnly ? types.bool : this.#resolved(type));
  }

  #fieldType(id: number, operand: Expr, field: string, optional: boolean): CelType {
    const operandType = this.#resolved(this.#typeOf(operand));
    const wasOptional = isOptional(operandType);
    const target = wasOptional ? operandType.params[0]! : operandType;
    const type = this.#fieldOf(id, target, field);
    return wasOptional || optional ? optionalType(type) : type;
  }

  #fieldOf(id: number, target: CelType, field: string): CelType {
    switch (target.kind) {
      case "map":
        return target.params[1]!;
      case "struct":
        return this.#objectField(id, target.name, field) ?? types.error;
      case "typeParam":
        // What it is will never be known better.
        this.#fits(types.dyn, target);
        return types.dyn;
      case "dyn":
      case "any":
      case "error":
        return types.dyn;
      default:
        this.#report(id, `type '${formatType(target)}' does not support field selection`);
        return types.dyn;
    }
  }

  #objectField(id: number, typeName: string, field: string): CelType | undefined {
    if (!this.#environment.types.findType(typeName)) {
      this.#report(id, `unexpected failed resolution of '${typeName}'`);
      return undefined;
    }
    const type = this.#environment.types.findField(typeName, field);
    if (!type) this.#report(id, `undefined field '${field}'`);
    return type;
  }

  #checkCall(expr: CallExpr): Expr {
    if (expr.name === operators.optionalSelect) return this.#checkOptionalSelect(expr);
    const args = expr.args.map((arg) => this.check(arg));
    if (!expr.target) return this.#checkFunction(expr, expr.name, undefined, args);
    const prefix = qualifiedName(expr.target);
    const qualified = prefix === undefined ? undefined : `${prefix}.${expr.name}`;
    if (qualified !== undefined && findFunction(this.#environment, qualified)) {
      return this.#checkFunction(expr, qualified, undefined, args);
    }
    return this.#checkFunction(expr, expr.name, this.check(expr.target), args);
  }

  #checkFunction(expr: CallExpr, name: string, target: Expr | undefined, args: readonly Expr[]): Expr {
    const declared = findFunction(this.#environment, name);
    const call: CallExpr = { ...expr, name: declared?.name ?? name, target, args };
    if (!declared) {
      this.#undeclared(expr.id, name);
      return this.#typed(call, types.error);
    }
    const type = this.#resolveCall(call, declared);
    return this.#typed(call, type ?? types.error);
  }

  #resolveCall(call: CallExpr, declared: FunctionDeclaration): CelType | undefined {
    const parts = call.target ? [call.target, ...call.args] : call.args;
    if (call.name === operators.and || call.name === operators.or) return this.#resolveLogic(call, declared);
    const argTypes = parts.map((part) => this.#typeOf(part));
    const member = call.target !== undefined;
    const found = resolveOverload(this.#substitutions, declared, {
      argTypes,
      member,
      newParam: () => this.#freeParam(),
    });
    this.#substitutions = found.substitutions;
    if (found.result) {
      this.#overloads.set(call.id, found.ids);
      return found.result;
    }
    this.#reportNoOverload(call, argTypes);
    return undefined;
  }

  #reportNoOverload(call: CallExpr, argTypes: readonly CelType[]): void {
    const shown = argTypes.map((type) => formatType(substitute(this.#substitutions, type, true)));
    const target = call.target ? `${shown.shift()}.` : "";
    const signature = `${target}(${shown.join(", ")})`;
    this.#report(call.id, `found no matching overload for '${call.name}' applied to '${signature}'`);
  }

  #resolveLogic(call: CallExpr, declared: FunctionDeclaration): CelType | undefined {
    this.#overloads.set(
      call.id,
      declared.overloads.map((overload) => overload.id),
    );
    let right = true;
    for (const arg of call.args) {
      if (this.#fits(this.#typeOf(arg), types.bool)) continue;
      this.#mismatch(arg, types.bool, this.#typeOf(arg));
      right = false;
    }
    return right ? types.bool : undefined;
  }

  #checkOptionalSelect(expr: CallExpr): Expr {
    const operand = this.check(expr.args[0]!);
    const field = expr.args[1]!;
    const name = field.kind === "literal" && typeof field.value === "string" ? field.value : "";
    const type = this.#fieldType(expr.id, operand, name, true);
    this.#overloads.set(expr.id, ["select_optional_field"]);
    return this.#typed({ ...expr, args: [operand, this.#typed(field, types.string)] }, this.#resolved(type));
  }

  #checkList(expr: ListExpr): Expr {
    let items: CelType | undefined;
    const elements = expr.elements.map((element, index) => {
      const checked = this.check(element);
      const type = this.#unwrapped(checked, expr.optionals.has(index));
      items = this.#join(items, type);
      return checked;
    });
    return this.#typed({ ...expr, elements }, listType(items ?? this.#freeParam()));
  }

  /** The type of what an optional part holds. */
  #unwrapped(expr: Expr, optional: boolean): CelType {
    const type = this.#typeOf(expr);
    if (!optional) return type;
    if (isOptional(type)) return type.params[0]!;
    if (!isDyn(type)) this.#mismatch(expr, optionalType(type), type);
    return type;
  }

  /** Mixtures are dyn here: whether they may be is said later. */
  #join(previous: CelType | undefined, type: CelType): CelType {
    if (!previous) return type;
    return this.#fits(previous, type) ? mostGeneral(previous, type) : types.dyn;
  }

  #checkMap(expr: MapExpr): Expr {
    let keys: CelType | undefined;
    let values: CelType | undefined;
    const entries = expr.entries.map((entry) => {
      const key = this.check(entry.key);
      keys = this.#join(keys, this.#typeOf(key));
      const value = this.check(entry.value);
      values = this.#join(values, this.#unwrapped(value, entry.optional));
      return { ...entry, key, value };
    });
    const type = keys && values ? mapType(keys, values) : mapType(this.#freeParam(), this.#freeParam());
    return this.#typed({ ...expr, entries }, type);
  }

  #checkStruct(expr: StructExpr): Expr {
    const declared = findDeclaration(this.#environment, expr.typeName);
    if (!declared) {
      this.#undeclared(expr.id, expr.typeName);
      return this.#typed(expr, types.error);
    }
    const type = this.#messageType(expr, declared.type);
    this.#typed(expr, type);
    const fields = expr.fields.map((field) => {
      const value = this.check(field.value);
      const fieldType = this.#objectField(field.id, declared.name, field.name) ?? types.error;
      const valueType = this.#unwrapped(value, field.optional);
      if (!this.#fits(fieldType, valueType)) this.#reportField(field.id, field.name, fieldType, valueType);
      return { ...field, value };
    });
    return this.#typed({ ...expr, typeName: declared.name, fields }, type);
  }

  #messageType(expr: StructExpr, declared: CelType): CelType {
    if (declared.kind !== "type") {
      this.#report(expr.id, `'${declared.name}' is not a type`);
      return types.error;
    }
    const type = declared.params[0]!;
    if (type.kind === "struct") return type;
    this.#report(expr.id, `'${type.name}' is not a message type`);
    return types.error;
  }

  #reportField(id: number, name: string, expected: CelType, found: CelType): void {
    const message = `expected type of field '${name}' is '${formatType(expected)}' but provided type is '${formatType(found)}'`;
    this.#report(id, message);
  }

  #checkComprehension(expr: ComprehensionExpr): Expr {
    const range = this.check(expr.range);
    const init = this.check(expr.init);
    const rangeType = this.#resolved(this.#typeOf(range));
    const accumulator = this.#typeOf(init);
    const outside = this.#scopes;
    this.#scopes = [...outside, new Map([[expr.accumulator, accumulator]])];
    const inner = this.#scopes;
    this.#scopes = [...inner, new Map(this.#variableTypes(expr, range, rangeType))];
    const condition = this.#checkAs(expr.condition, types.bool);
    const step = this.#checkAs(expr.step, accumulator);
    this.#scopes = inner;
    const result = this.check(expr.result);
    this.#scopes = outside;
    const checked = { ...expr, range, init, condition, step, result };
    return this.#typed(checked, this.#resolved(this.#typeOf(result)));
  }

  #checkAs(expr: Expr, type: CelType): Expr {
    const checked = this.check(expr);
    if (!this.#fits(type, this.#typeOf(checked))) this.#mismatch(checked, type, this.#typeOf(checked));
    return checked;
  }

  #variableTypes(expr: ComprehensionExpr, range: Expr, rangeType: CelType): [string, CelType][] {
    const [first, second] = this.#itemTypes(range, rangeType);
    if (expr.variable2 !== undefined) {
      return [
        [expr.variable, first],
        [expr.variable2, second],
      ];
    }
    return [[expr.variable, rangeType.kind === "list" ? second : first]];
  }

  /** The types of key or index, and of value or item. */
  #itemTypes(range: Expr, type: CelType): readonly [CelType, CelType] {
    switch (type.kind) {
      case "list":
        return [types.int, type.params[0]!];
      case "map":
        return [type.params[0]!, type.params[1]!];
      case "dyn":
      case "error":
      case "typeParam":
        this.#fits(types.dyn, type);
        return [types.dyn, types.dyn];
      default:
        this.#report(
          range.id,
          `expression of type '${formatType(type)}' cannot be range of a comprehension (must be list, map, or dynamic)`,
        );
        return [types.error, types.error];
    }
  }
}
