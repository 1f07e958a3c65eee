// The macros: has, all, exists, exists_one, map and filter; their forms with two variables; optMap and optFlatMap. What each
// expands to decides types and costs, so the expansions are those of cel-go.

import { indexMacros, type Macro, type MacroBuilder, MacroError, type Macros } from "./builder.ts";
import { ACCUMULATOR, type Expr, OLD_ACCUMULATOR } from "./expr.ts";
import { operators } from "./operators.ts";

interface Variables {
  readonly variable: string;
  readonly variable2: string | undefined;
}

type Expand = Macro["expand"];

function receiver(name: string, arity: number, expand: Expand): Macro {
  return { name, arity, receiver: true, expand };
}

const hasMacro: Macro = {
  name: "has",
  arity: 1,
  receiver: false,
  expand: (make, _target, [arg]) => {
    if (arg!.kind === "select") return make.presenceTest(arg!.operand, arg!.field);
    throw new MacroError(arg!.id, "invalid argument to has() macro");
  },
};

const expandAll =
  (read: ReadVariables): Expand =>
  (make, range, args) => {
    const { variables, rest } = read(args);
    const init = make.literal(true);
    const condition = make.call(operators.notStrictlyFalse, make.accumulator());
    const step = make.call(operators.and, make.accumulator(), rest[0]!);
    return fold(make, { range, variables, init, condition, step, result: make.accumulator() });
  };

const expandExists =
  (read: ReadVariables): Expand =>
  (make, range, args) => {
    const { variables, rest } = read(args);
    const init = make.literal(false);
    const condition = make.call(operators.notStrictlyFalse, make.call(operators.not, make.accumulator()));
    const step = make.call(operators.or, make.accumulator(), rest[0]!);
    return fold(make, { range, variables, init, condition, step, result: make.accumulator() });
  };

const expandExistsOne =
  (read: ReadVariables): Expand =>
  (make, range, args) => {
    const { variables, rest } = read(args);
    const init = make.literal(0n);
    const condition = make.literal(true);
    const next = make.call(operators.add, make.accumulator(), make.literal(1n));
    const step = make.call(operators.conditional, rest[0]!, next, make.accumulator());
    const result = make.call(operators.equals, make.accumulator(), make.literal(1n));
    return fold(make, { range, variables, init, condition, step, result });
  };

/** A list of what the last argument makes of each item that the one before it, if any, lets through. */
const expandMap =
  (read: ReadVariables): Expand =>
  (make, range, args) => {
    const { variables, rest } = read(args);
    const init = make.list();
    const condition = make.literal(true);
    const added = make.call(operators.add, make.accumulator(), make.list(rest.at(-1)!));
    const step = filtered(make, rest, added);
    return fold(make, { range, variables, init, condition, step, result: make.accumulator() });
  };

const expandFilter: Expand = (make, range, args) => {
  const { variables, rest } = oneVariable("argument is not an identifier")(args);
  const init = make.list();
  const condition = make.literal(true);
  const added = make.call(operators.add, make.accumulator(), make.list(args[0]!));
  const step = make.call(operators.conditional, rest[0]!, added, make.accumulator());
  return fold(make, { range, variables, init, condition, step, result: make.accumulator() });
};

const expandTransformMap =
  (insert: (make: MacroBuilder, variables: Variables, value: Expr) => Expr): Expand =>
  (make, range, args) => {
    const { variables, rest } = twoVariables(args);
    const step = filtered(make, rest, insert(make, variables, rest.at(-1)!));
    const init = make.emptyMap();
    const condition = make.literal(true);
    return fold(make, { range, variables, init, condition, step, result: make.accumulator() });
  };

/** `rest` is [value] or [filter, value]. */
function filtered(make: MacroBuilder, rest: readonly Expr[], step: Expr): Expr {
  return rest.length === 2 ? make.call(operators.conditional, rest[0]!, step, make.accumulator()) : step;
}

interface Fold {
  readonly range: Expr;
  readonly variables: Variables;
  readonly init: Expr;
  readonly condition: Expr;
  readonly step: Expr;
  readonly result: Expr;
}

function fold(make: MacroBuilder, { variables, ...parts }: Fold): Expr {
  return make.comprehension({ ...variables, ...parts, accumulator: ACCUMULATOR });
}

type ReadVariables = (args: readonly Expr[]) => { readonly variables: Variables; readonly rest: readonly Expr[] };

const oneVariable =
  (complaint: string): ReadVariables =>
  (args) => {
    const variable = readName(args[0]!, complaint);
    refuseAccumulator(args[0]!, variable);
    return { variables: { variable, variable2: undefined }, rest: args.slice(1) };
  };

const twoVariables: ReadVariables = (args) => {
  const variable = readName(args[0]!, "argument must be a simple name");
  const variable2 = readName(args[1]!, "argument must be a simple name");
  if (variable === variable2) throw new MacroError(args[1]!.id, `duplicate variable name: ${variable}`);
  refuseAccumulator(args[0]!, variable);
  refuseAccumulator(args[1]!, variable2);
  return { variables: { variable, variable2 }, rest: args.slice(2) };
};

function readName(arg: Expr, complaint: string): string {
  if (arg.kind !== "ident") throw new MacroError(arg.id, complaint);
  return arg.name;
}

function refuseAccumulator(arg: Expr, name: string): void {
  if (name !== ACCUMULATOR && name !== OLD_ACCUMULATOR) return;
  throw new MacroError(arg.id, "iteration variable overwrites accumulator variable");
}

const quantified = oneVariable("argument must be a simple name");
const mapped = oneVariable("argument is not an identifier");

/** `target.optMap(v, f)`: f of the optional's value, if it has one; `wrap` makes the result an optional again. */
const expandOptionalMap =
  (name: string, wrap: (make: MacroBuilder, value: Expr) => Expr): Expand =>
  (make, target, args) => {
    const variable = readName(args[0]!, `${name}() variable name must be a simple identifier`);
    const present = make.memberCall("hasValue", target);
    const value = bound(make, variable, make.memberCall("value", make.copy(target)), args[1]!);
    return make.call(operators.conditional, present, wrap(make, value), make.call("optional.none"));
  };

const SORT_INPUT = "@__sortBy_input__";

/** `target.sortBy(v, key)`: the list in the order of what `key` makes of its items. */
const expandSortBy: Expand = (make, target, args) => {
  if (target.kind === "literal" || target.kind === "map" || target.kind === "struct") {
    const complaint = "sortBy can only be applied to a list, identifier, comprehension, call or select expression";
    throw new MacroError(target.id, complaint);
  }
  const keys = expandMap(mapped)(make, make.ident(SORT_INPUT), args)!;
  return bound(make, SORT_INPUT, target, make.memberCall("@sortByAssociatedKeys", make.ident(SORT_INPUT), keys));
};

/** `cel.bind(name, value, f)`: f, in which the name stands for the value. */
const bindMacro: Macro = {
  name: "bind",
  arity: 3,
  receiver: true,
  expand: (make, target, [name, value, result]) => {
    if (target.kind !== "ident" || target.name !== "cel") return undefined;
    const variable = readName(name!, "cel.bind() variable names must be simple identifiers");
    return bound(make, variable, value!, result!);
  },
};

function bound(make: MacroBuilder, variable: string, init: Expr, result: Expr): Expr {
  return make.comprehension({
    range: make.list(),
    variable: "#unused",
    variable2: undefined,
    accumulator: variable,
    init,
    condition: make.literal(false),
    step: make.ident(variable),
    result,
  });
}

/** Every macro of Kubernetes' environment. */
const standardMacros: readonly Macro[] = [
  hasMacro,
  receiver("all", 2, expandAll(quantified)),
  receiver("all", 3, expandAll(twoVariables)),
  receiver("exists", 2, expandExists(quantified)),
  receiver("exists", 3, expandExists(twoVariables)),
  receiver("exists_one", 2, expandExistsOne(quantified)),
  receiver("exists_one", 3, expandExistsOne(twoVariables)),
  receiver("existsOne", 2, expandExistsOne(quantified)),
  receiver("existsOne", 3, expandExistsOne(twoVariables)),
  receiver("map", 2, expandMap(mapped)),
  receiver("map", 3, expandMap(mapped)),
  receiver("filter", 2, expandFilter),
  receiver("sortBy", 2, expandSortBy),
  receiver("transformList", 3, expandMap(twoVariables)),
  receiver("transformList", 4, expandMap(twoVariables)),
  receiver("transformMap", 3, expandTransformMap(insertValue)),
  receiver("transformMap", 4, expandTransformMap(insertValue)),
  receiver("transformMapEntry", 3, expandTransformMap(insertEntries)),
  receiver("transformMapEntry", 4, expandTransformMap(insertEntries)),
  receiver(
    "optMap",
    2,
    expandOptionalMap("optMap", (make, value) => make.call("optional.of", value)),
  ),
  receiver(
    "optFlatMap",
    2,
    expandOptionalMap("optFlatMap", (_make, value) => value),
  ),
];

const plain = indexMacros(standardMacros);
const withBindings = indexMacros([...standardMacros, bindMacro]);

/** `hasBindings`: cel.bind is among them. */
export function macrosFor(hasBindings: boolean): Macros {
  return hasBindings ? withBindings : plain;
}

function insertValue(make: MacroBuilder, { variable }: Variables, value: Expr): Expr {
  return make.call(operators.mapInsert, make.accumulator(), make.ident(variable), value);
}

function insertEntries(make: MacroBuilder, _variables: Variables, entries: Expr): Expr {
  return make.call(operators.mapInsert, make.accumulator(), entries);
}
