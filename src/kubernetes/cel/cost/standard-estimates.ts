// Estimates for calls of the standard library.

import type { CallEstimate, CostNode, EstimatedCall } from "./cost-node.ts";
import { fixed, plus, type Range, scaled, times, UNKNOWN } from "./range.ts";
import { REGEX_FACTOR, STRING_FACTOR } from "./sizes.ts";

const ONE = fixed(1);

type Estimate = (call: EstimatedCall) => CallEstimate | undefined;

/** What follows from the expression; schemas were asked before. */
function sizeOf(node: CostNode | undefined): Range {
  return node?.size ?? UNKNOWN;
}

const perLength =
  (size: (length: Range) => Range): Estimate =>
  ({ args }) => {
    if (args.length !== 1) return undefined;
    const length = sizeOf(args[0]);
    return { cost: scaled(length, STRING_FACTOR), size: size(length) };
  };

/** Comparing ends with the shorter side at the latest. */
const compared: Estimate = ({ args }) => {
  const max = Math.min(sizeOf(args[0]).max, sizeOf(args[1]).max);
  return { cost: scaled({ min: max > 0 ? 1 : 0, max }, STRING_FACTOR) };
};

const joined =
  (copies: boolean): Estimate =>
  ({ args }) => {
    if (args.length !== 2) return undefined;
    const size = plus(sizeOf(args[0]), sizeOf(args[1]));
    return { cost: copies ? scaled(size, STRING_FACTOR) : ONE, size };
  };

const affix: Estimate = ({ args }) =>
  args.length === 1 ? { cost: scaled(sizeOf(args[0]), STRING_FACTOR) } : undefined;

const estimates: ReadonlyMap<string, Estimate> = new Map<string, Estimate>([
  ["string_format", ({ target }) => target && { cost: scaled(sizeOf(target), STRING_FACTOR) }],
  // A character is up to four bytes.
  ["string_to_bytes", perLength(({ min, max }) => ({ min, max: Math.min(max * 4, UNKNOWN.max) }))],
  ["bytes_to_string", perLength(({ min, max }) => ({ min: Math.floor(min / 4), max }))],
  ["strings_quote", perLength(({ min, max }) => ({ min: min + 2, max: Math.min(max * 2 + 2, UNKNOWN.max) }))],
  ["starts_with_string", affix],
  ["ends_with_string", affix],
  ["in_list", ({ args }) => (args.length === 2 ? { cost: sizeOf(args[1]) } : undefined)],
  ["matches_string", ({ target, args }) => target && { cost: regexEstimate(sizeOf(target), sizeOf(args[0])) }],
  [
    "contains_string",
    ({ target, args }) =>
      target && { cost: times(scaled(sizeOf(target), STRING_FACTOR), scaled(sizeOf(args[0]), STRING_FACTOR)) },
  ],
  ["add_string", joined(true)],
  ["add_bytes", joined(true)],
  ["add_list", joined(false)],
  ...["less", "greater", "less_equals", "greater_equals"].flatMap((id) => [
    [`${id}_string`, compared] as const,
    [`${id}_bytes`, compared] as const,
  ]),
  ["equals", compared],
  ["not_equals", compared],
]);

/** Text times pattern; one more than the text, so that an empty one is not free. */
export function regexEstimate(text: Range, pattern: Range): Range {
  return times(scaled(plus(text, ONE), STRING_FACTOR), scaled(pattern, REGEX_FACTOR));
}

export function standardEstimate(call: EstimatedCall): CallEstimate {
  return estimates.get(call.overload)?.(call) ?? { cost: ONE };
}
