// A part of an expression as the estimates of costs see it.

import type { Expr } from "../syntax/expr.ts";
import type { CelType } from "../values/type.ts";
import { type Range, UNKNOWN } from "./range.ts";

export interface CostNode {
  /** From a variable to the value: field names, "@items", "@keys", "@values", "@indices"; undefined where it is no part of one. */
  readonly path: readonly string[] | undefined;
  readonly type: CelType;
  /** Absent for the items of a list, which are no expression of their own. */
  readonly expr?: Expr;
  /** How large its value is, where that follows from the expression. */
  readonly size: Range | undefined;
}

/** The greatest size of the value at a path, as its schema bounds it. */
export type SizeHints = (path: readonly string[]) => number | undefined;

/** What a call costs by itself, and how large its value is. */
export interface CallEstimate {
  readonly cost: Range;
  readonly size?: Range;
}

export interface EstimatedCall {
  readonly name: string;
  readonly overload: string;
  readonly target: CostNode | undefined;
  readonly args: readonly CostNode[];
  readonly hints: SizeHints;
}

export function hintedSize(node: CostNode, hints: SizeHints): Range | undefined {
  if (node.path === undefined || node.path.length === 0) return undefined;
  const max = hints(node.path);
  return max === undefined ? undefined : { min: 0, max };
}

/** The size of a value, by the expression, else by the schema, else unknown. */
export function sizeOfNode(node: CostNode, hints: SizeHints): Range {
  return node.size ?? hintedSize(node, hints) ?? UNKNOWN;
}
