// What the checker lets pass and Kubernetes does not: literals that would fail whenever the expression is evaluated.

import { FormatError } from "../library/extensions/format-clauses.ts";
import { compileRegex } from "../library/regex-engine.ts";
import type { CallExpr, Expr, ListExpr, MapExpr } from "../syntax/expr.ts";
import { childrenOf } from "../syntax/nesting.ts";
import { NO_LOCATION, type Problem, type Source } from "../syntax/source.ts";
import { toDuration, toTimestamp } from "../values/convert.ts";
import { type CelType, formatType, isOptional, types } from "../values/type.ts";
import { CelError, type CelValue } from "../values/value.ts";
import type { CheckedExpr } from "./check.ts";
import { checkFormatCall } from "./check-format-call.ts";

interface Place {
  readonly expr: Expr;
  /** Within the arguments of a call of `format`, which takes lists of any mixture. */
  readonly inFormat: boolean;
}

export function validateLiterals(checked: CheckedExpr, source: Source): Problem[] {
  const problems: Problem[] = [];
  const report = (id: number, message: string): void => {
    const offset = checked.offsets[id];
    problems.push({ message, location: offset === undefined ? NO_LOCATION : source.locate(offset) });
  };
  const pending: Place[] = [{ expr: checked.root, inFormat: false }];
  for (let place = pending.pop(); place; place = pending.pop()) {
    const { expr, inFormat } = place;
    validateNode(checked, place, report);
    const within = inFormat || (expr.kind === "call" && expr.name === "format");
    for (const child of childrenOf(expr)) pending.push({ expr: child, inFormat: within });
  }
  return problems;
}

type Report = (id: number, message: string) => void;

function validateNode(checked: CheckedExpr, { expr, inFormat }: Place, report: Report): void {
  if (expr.kind === "call") validateCall(checked, expr, report);
  else if (expr.kind === "list" && !inFormat) validateList(checked, expr, report);
  else if (expr.kind === "map" && !inFormat) validateMap(checked, expr, report);
}

const CHECKS: ReadonlyMap<string, (value: CelValue) => unknown> = new Map<string, (value: CelValue) => unknown>([
  ["duration", toDuration],
  ["timestamp", toTimestamp],
  ["matches", (pattern) => (typeof pattern === "string" ? compileRegex(pattern) : undefined)],
]);

function validateCall(checked: CheckedExpr, call: CallExpr, report: Report): void {
  const [first] = call.args;
  const check = CHECKS.get(call.name);
  if (check && first?.kind === "literal" && check(first.value) instanceof CelError) {
    report(first.id, `invalid ${call.name} argument`);
  }
  if (call.name === "format" && call.target) validateFormat(checked, call, report);
}

function validateFormat(checked: CheckedExpr, call: CallExpr, report: Report): void {
  try {
    checkFormatCall(checked, call);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    report(error.id ?? call.id, error.message);
  }
}

function typeOf(checked: CheckedExpr, expr: Expr, optional: boolean): CelType {
  const type = checked.types[expr.id] ?? types.dyn;
  return optional && isOptional(type) ? type.params[0]! : type;
}

/** Alike but for the names of type parameters. */
function isEquivalent(a: CelType, b: CelType): boolean {
  if (a.kind !== b.kind || a.params.length !== b.params.length) return false;
  if (a.kind !== "typeParam" && a.name !== b.name) return false;
  return a.params.every((param, index) => isEquivalent(param, b.params[index]!));
}

function mismatch(expected: CelType, found: CelType): string {
  return `expected type '${formatType(expected)}' but found '${formatType(found)}'`;
}

function validateList(checked: CheckedExpr, list: ListExpr, report: Report): void {
  let items: CelType | undefined;
  for (const [index, element] of list.elements.entries()) {
    const type = typeOf(checked, element, list.optionals.has(index));
    items ??= type;
    if (isEquivalent(items, type)) continue;
    report(element.id, mismatch(items, type));
    return;
  }
}

function validateMap(checked: CheckedExpr, map: MapExpr, report: Report): void {
  let keys: CelType | undefined;
  let values: CelType | undefined;
  for (const { key, value, optional } of map.entries) {
    const keyType = typeOf(checked, key, false);
    const valueType = typeOf(checked, value, optional);
    keys ??= keyType;
    values ??= valueType;
    if (!isEquivalent(keys, keyType)) report(key.id, mismatch(keys, keyType));
    if (!isEquivalent(values, valueType)) report(value.id, mismatch(values, valueType));
  }
}
