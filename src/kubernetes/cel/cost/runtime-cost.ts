// What calls cost when they run: cel-go's own table, over it that of the list and set extensions, over that Kubernetes'. The
// numbers are part of the API: they decide which expressions are cancelled.

import type { CelValue } from "../values/value.ts";
import { extensionRuntimeCost } from "./extension-costs.ts";
import { kubernetesRuntimeCost } from "./kubernetes-runtime-cost.ts";
import { innerSize, REGEX_FACTOR, STRING_FACTOR } from "./sizes.ts";

/** Costs of a call, by its arguments and result. */
export type RuntimeCost = number | ((args: readonly CelValue[], result: CelValue) => number);

type Cost = Exclude<RuntimeCost, number>;

/** The cost of calls of an overload; its id is "" where it is not known before. */
export function runtimeCost(name: string, overload: string): RuntimeCost {
  return (
    extensionRuntimeCost(overload) ??
    kubernetesRuntimeCost(name, overload, standardCosts.get(overload) ?? 1) ??
    standardCosts.get(overload) ??
    1
  );
}

function traversal(value: CelValue | undefined): number {
  return Math.ceil(innerSize(value) * STRING_FACTOR);
}

const firstTraversal: Cost = ([a]) => traversal(a);
const bothTraversal: Cost = ([a, b]) => Math.ceil((innerSize(a) + innerSize(b)) * STRING_FACTOR);
const shorterTraversal: Cost = ([a, b]) => Math.ceil(Math.min(innerSize(a), innerSize(b)) * STRING_FACTOR);
/** Matching costs text times pattern, as RE2 promises. */
const matching: Cost = ([text, pattern]) =>
  Math.ceil((1 + innerSize(text)) * STRING_FACTOR) * Math.ceil(innerSize(pattern) * REGEX_FACTOR);

const standardCosts: ReadonlyMap<string, RuntimeCost> = new Map<string, RuntimeCost>([
  ...["starts_with_string", "ends_with_string", "string_to_bytes", "bytes_to_string"].map(
    (id) => [id, firstTraversal] as const,
  ),
  ...["strings_quote", "string_format"].map((id) => [id, firstTraversal] as const),
  ["in_list", ([, list]) => innerSize(list)],
  ...["less", "greater", "less_equals", "greater_equals"].flatMap((id) => [
    [`${id}_string`, shorterTraversal] as const,
    [`${id}_bytes`, shorterTraversal] as const,
  ]),
  ["equals", shorterTraversal],
  ["not_equals", shorterTraversal],
  ["add_string", bothTraversal],
  ["add_bytes", bothTraversal],
  ["matches_string", matching],
  ["contains_string", ([text, part]) => traversal(text) * traversal(part)],
]);
