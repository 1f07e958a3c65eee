// What calls of the list and set extensions cost: estimated, and when they run.

import { type CelType, types } from "../values/type.ts";
import { type CelList, type CelValue, isList } from "../values/value.ts";
import { comparableTypes } from "./comparable-types.ts";
import { type CallEstimate, type CostNode, type EstimatedCall, sizeOfNode } from "./cost-node.ts";
import { fixed, plus, type Range, scaled, times, UNKNOWN } from "./range.ts";
import { actualSize, STRING_FACTOR } from "./sizes.ts";

const CALL_COST = 1;
const LIST_COST = 10;
/** Comparing every item with every other. */
const PAIR_FACTOR = 2;

type Estimate = (call: EstimatedCall) => CallEstimate | undefined;
type Cost = (args: readonly CelValue[], result: CelValue) => number;

function estimateList(factor: number, size: Range): CallEstimate {
  return { cost: plus(scaled(size, factor), fixed(CALL_COST + LIST_COST)), size };
}

function estimatePairs(node: CostNode, call: EstimatedCall, factor: number): CallEstimate {
  const size = sizeOfNode(node, call.hints);
  return estimateList(factor, times(size, size));
}

/** An int written out, or what stands for one that is worked out. */
function literalOr(node: CostNode | undefined, otherwise: number): number {
  const expr = node?.expr;
  if (expr?.kind !== "literal" || typeof expr.value !== "bigint") return otherwise;
  return expr.value < 0n ? 0 : Number(expr.value);
}

const estimateSlice: Estimate = (call) => {
  if (!call.target || call.args.length !== 2) return undefined;
  const size = sizeOfNode(call.target, call.hints);
  const length = literalOr(call.args[1], size.max) - literalOr(call.args[0], 0);
  // Lengths are unsigned: one below nothing is as large as they get.
  return estimateList(1, fixed(length < 0 ? UNKNOWN.max + length : length));
};

const estimateFlatten: Estimate = (call) => {
  if (!call.target || call.args.length > 1) return undefined;
  const depth = call.args.length === 1 ? literalOr(call.args[0], UNKNOWN.max) : 1;
  return estimateList(depth, sizeOfNode(call.target, call.hints));
};

const estimateRange: Estimate = ({ target, args }) =>
  target || args.length !== 1 ? undefined : estimateList(1, fixed(literalOr(args[0], UNKNOWN.max)));

const estimateReverse: Estimate = (call) =>
  call.target && call.args.length === 0 ? estimateList(1, sizeOfNode(call.target, call.hints)) : undefined;

const estimateDistinct: Estimate = (call) =>
  call.target && call.args.length === 0 ? estimatePairs(call.target, call, PAIR_FACTOR) : undefined;

function sortFactor(type: CelType): number {
  return type === types.string || type === types.bytes ? PAIR_FACTOR + STRING_FACTOR : PAIR_FACTOR;
}

const estimateSort =
  (type: CelType): Estimate =>
  (call) =>
    call.target && call.args.length === 0 ? estimatePairs(call.target, call, sortFactor(type)) : undefined;

const estimateSortBy =
  (type: CelType): Estimate =>
  (call) =>
    call.target && call.args.length === 1 ? estimatePairs(call.args[0]!, call, sortFactor(type)) : undefined;

const estimateSets =
  (factor: number): Estimate =>
  ({ args, hints }) => {
    if (args.length !== 2) return undefined;
    const pairs = times(sizeOfNode(args[0]!, hints), sizeOfNode(args[1]!, hints));
    return { cost: plus(scaled(pairs, factor), fixed(CALL_COST)) };
  };

const estimates: ReadonlyMap<string, Estimate> = new Map<string, Estimate>([
  ["list_slice", estimateSlice],
  ["list_flatten", estimateFlatten],
  ["list_flatten_int", estimateFlatten],
  ["lists_range", estimateRange],
  ["list_reverse", estimateReverse],
  ["list_distinct", estimateDistinct],
  ["list_sets_contains_list", estimateSets(1)],
  ["list_sets_intersects_list", estimateSets(1)],
  ["list_sets_equivalent_list", estimateSets(2)],
  ...comparableTypes.flatMap((type) => [
    [`list_${type.name}_sort`, estimateSort(type)] as const,
    [`list_${type.name}_sortByAssociatedKeys`, estimateSortBy(type)] as const,
  ]),
]);

export function extensionEstimate(call: EstimatedCall): CallEstimate | undefined {
  return estimates.get(call.overload)?.(call);
}

function listCost(factor: number, size: number): number {
  return Math.trunc(size * factor) + CALL_COST + LIST_COST;
}

const outputCost: Cost = (_args, result) => listCost(1, actualSize(result));

const flattenCost: Cost = ([list, depth]) => listCost(typeof depth === "bigint" ? Number(depth) : 1, actualSize(list));

function pairsCost(list: CelValue | undefined): number {
  if (list === undefined || !isList(list) || list.size === 0) return listCost(PAIR_FACTOR, 0);
  const first = (list as CelList).at(0);
  const isText = typeof first === "string" || first instanceof Uint8Array;
  return listCost(isText ? PAIR_FACTOR + STRING_FACTOR : PAIR_FACTOR, list.size * list.size);
}

const setsCost =
  (factor: number): Cost =>
  ([a, b]) =>
    CALL_COST + Math.trunc(actualSize(a) * actualSize(b) * factor);

const costs: ReadonlyMap<string, Cost> = new Map<string, Cost>([
  ["list_slice", outputCost],
  ["list_flatten", flattenCost],
  ["list_flatten_int", flattenCost],
  ["lists_range", outputCost],
  ["list_reverse", outputCost],
  ["list_distinct", ([list]) => pairsCost(list)],
  ["list_sets_contains_list", setsCost(1)],
  ["list_sets_intersects_list", setsCost(1)],
  ["list_sets_equivalent_list", setsCost(2)],
  ...comparableTypes.flatMap((type) => [
    [`list_${type.name}_sort`, (([list]) => pairsCost(list)) satisfies Cost] as const,
    [`list_${type.name}_sortByAssociatedKeys`, (([, keys]) => pairsCost(keys)) satisfies Cost] as const,
  ]),
]);

export function extensionRuntimeCost(overload: string): Cost | undefined {
  return costs.get(overload);
}
