// How deep an expression is nested, counting what cel-go counts when it builds the tree.

import type { Expr } from "./expr.ts";
import { operators } from "./operators.ts";

/** Operators that do not count: chains of these are balanced. */
const FREE = new Set<string>([operators.and, operators.or, operators.not, operators.negate]);

/** The greatest number of relations, calculations, selections, indices and member calls on a way down. */
export function measureNesting(root: Expr): number {
  let deepest = 0;
  const pending: { readonly expr: Expr; readonly depth: number }[] = [{ expr: root, depth: 0 }];
  for (let item = pending.pop(); item; item = pending.pop()) {
    const depth = item.depth + (counts(item.expr) ? 1 : 0);
    deepest = Math.max(deepest, depth);
    for (const expr of childrenOf(item.expr)) pending.push({ expr, depth });
  }
  return deepest;
}

function counts(expr: Expr): boolean {
  if (expr.kind === "select") return true;
  if (expr.kind !== "call" || FREE.has(expr.name)) return false;
  return expr.target !== undefined || !/^[A-Za-z]/.test(expr.name);
}

/** The expressions directly within one. */
export function childrenOf(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case "select":
      return [expr.operand];
    case "call":
      return expr.target ? [expr.target, ...expr.args] : expr.args;
    case "list":
      return expr.elements;
    case "map":
      return expr.entries.flatMap((entry) => [entry.key, entry.value]);
    case "struct":
      return expr.fields.map((field) => field.value);
    case "comprehension":
      return [expr.range, expr.init, expr.condition, expr.step, expr.result];
    default:
      return [];
  }
}
