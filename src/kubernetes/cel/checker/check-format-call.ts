// Format strings written out, with their arguments: whether every clause takes the type of its argument.

import { type Clause, FormatError, fillClauses, refuseArgument } from "../library/extensions/format-clauses.ts";
import type { CallExpr, Expr } from "../syntax/expr.ts";
import { type CelType, isDyn, types } from "../values/type.ts";
import type { CheckedExpr } from "./check.ts";

const ALLOWED: Readonly<Record<string, ReadonlySet<string>>> = {
  b: new Set(["int", "uint", "bool"]),
  d: new Set(["int", "uint"]),
  e: new Set(["double", "string"]),
  f: new Set(["double", "string"]),
  o: new Set(["int", "uint"]),
  s: new Set("list map int uint double bool string timestamp bytes duration type null".split(" ")),
  x: new Set(["int", "uint", "string", "bytes"]),
};

/** Looks at `"…".format([…])`; calls of other forms are checked when they run. Throws FormatError. */
export function checkFormatCall(checked: CheckedExpr, call: CallExpr): void {
  const [list] = call.args;
  if (call.target?.kind !== "literal" || typeof call.target.value !== "string" || list?.kind !== "list") return;
  const args = list.elements;
  let used = 0;
  fillClauses(call.target.value, args.length, (clause, index) => {
    used = index + 1;
    checkArgument(checked, clause, args[index]!);
    return "";
  });
  if (args.length > used) {
    throw new FormatError(`too many arguments supplied to string.format (expected ${used}, got ${args.length})`);
  }
}

function checkArgument(checked: CheckedExpr, { letter }: Clause, expr: Expr): void {
  const type: CelType = checked.types[expr.id] ?? types.dyn;
  if (!isDyn(type) && !ALLOWED[letter.toLowerCase()]!.has(type.kind)) throw refuseArgument(letter, type.name, expr.id);
  if (letter !== "s") return;
  const parts = expr.kind === "list" ? expr.elements : expr.kind === "map" ? expr.entries.flatMap(entryParts) : [];
  for (const part of parts) checkArgument(checked, { letter, precision: undefined }, part);
}

function entryParts({ key, value }: { readonly key: Expr; readonly value: Expr }): Expr[] {
  return [key, value];
}
