// The tree of an expression, as the parser makes it (macros already expanded) and the checker rewrites it. Every node has an id
// under which its place in the text, its type and its costs are known.

import type { CelValue } from "../values/value.ts";

export type Expr =
  | LiteralExpr
  | IdentExpr
  | SelectExpr
  | CallExpr
  | ListExpr
  | MapExpr
  | StructExpr
  | ComprehensionExpr
  | BrokenExpr;

export interface LiteralExpr {
  readonly kind: "literal";
  readonly id: number;
  readonly value: CelValue;
}

export interface IdentExpr {
  readonly kind: "ident";
  readonly id: number;
  readonly name: string;
}

/** `operand.field`, or `has(operand.field)` where only its presence is asked. */
export interface SelectExpr {
  readonly kind: "select";
  readonly id: number;
  readonly operand: Expr;
  readonly field: string;
  readonly testOnly: boolean;
}

/** A call of a function or operator; `target` is what stands before the dot. */
export interface CallExpr {
  readonly kind: "call";
  readonly id: number;
  readonly name: string;
  readonly target: Expr | undefined;
  readonly args: readonly Expr[];
}

export interface ListExpr {
  readonly kind: "list";
  readonly id: number;
  readonly elements: readonly Expr[];
  /** The indices of elements written `?x`: left out where the optional is empty. */
  readonly optionals: ReadonlySet<number>;
}

export interface MapEntryExpr {
  readonly id: number;
  readonly key: Expr;
  readonly value: Expr;
  readonly optional: boolean;
}

export interface MapExpr {
  readonly kind: "map";
  readonly id: number;
  readonly entries: readonly MapEntryExpr[];
}

export interface FieldExpr {
  readonly id: number;
  readonly name: string;
  readonly value: Expr;
  readonly optional: boolean;
}

export interface StructExpr {
  readonly kind: "struct";
  readonly id: number;
  readonly typeName: string;
  readonly fields: readonly FieldExpr[];
}

/**
 * A fold: for each item of `range`, while `condition` holds, `accumulator` becomes `step`; the value is `result`. With two
 * variables the first is the index or key, the second the item or value.
 */
export interface ComprehensionExpr {
  readonly kind: "comprehension";
  readonly id: number;
  readonly range: Expr;
  readonly variable: string;
  readonly variable2: string | undefined;
  readonly accumulator: string;
  readonly init: Expr;
  readonly condition: Expr;
  readonly step: Expr;
  readonly result: Expr;
}

/** Stands where the parser found something wrong. */
export interface BrokenExpr {
  readonly kind: "broken";
  readonly id: number;
}

/** The parsed expression with the place of every node. */
export interface ParsedExpr {
  readonly root: Expr;
  /** From a node's id to its offset in the text; undefined where it has none. */
  readonly offsets: readonly (number | undefined)[];
}

/** "a.b.c" for a chain of selections that starts at a name; else undefined. */
export function qualifiedName(expr: Expr): string | undefined {
  if (expr.kind === "ident") return expr.name;
  if (expr.kind !== "select" || expr.testOnly) return undefined;
  const prefix = qualifiedName(expr.operand);
  return prefix === undefined ? undefined : `${prefix}.${expr.field}`;
}

/** The accumulator of macros: a name that cannot be written in an expression. */
export const ACCUMULATOR = "@result";
/** Its older name, still refused as a variable. */
export const OLD_ACCUMULATOR = "__result__";
