// What calls cost when they run: cel-go's own table, over it that of the list and set extensions, over that Kubernetes'. The
// numbers are part of the API: they decide which expressions are cancelled.

import { sizeOf } from "../library/conversions.ts";
import { CelOptional, type CelValue, isList, isMap, kindOf } from "../values/value.ts";
import { extensionRuntimeCost } from "./extension-costs.ts";
import { kubernetesRuntimeCost } from "./kubernetes-runtime-cost.ts";

/** Costs of a call, by its arguments and result. */
export type RuntimeCost = number | ((args: readonly CelValue[], result: CelValue) => number);

export const STRING_FACTOR = 0.1;
export const REGEX_FACTOR = 0.25;

/** The cost of calls of an overload; its id is "" where it is not known before. */
export function runtimeCost(name: string, overload: string): RuntimeCost {
  return extensionRuntimeCost(overload) ?? kubernetesRuntimeCost(name, overload) ?? standardCosts.get(overload) ?? 1;
}

/** What `size` counts; 1 for what has no size. */
export function actualSize(value: CelValue | undefined): number {
  if (value === undefined) return 1;
  if (kindOf(value) === "opaque") return (value as { size?: number }).size ?? 1;
  return sizeOf(value) ?? 1;
}

function coreSize(value: CelValue | undefined): number {
  if (value instanceof CelOptional && value.value !== undefined) return coreSize(value.value);
  return actualSize(value);
}

export function traversal(value: CelValue | undefined): number {
  return Math.ceil(coreSize(value) * STRING_FACTOR);
}

/** Matching costs text times pattern, as RE2 promises. */
export function regexCost(text: CelValue | undefined, pattern: CelValue | undefined): number {
  return Math.ceil((1 + coreSize(text)) * STRING_FACTOR) * Math.ceil(coreSize(pattern) * REGEX_FACTOR);
}

/** The cost of walking through a value. */
export function traversalCost(value: CelValue | undefined): number {
  if (value === undefined) return 0;
  if (typeof value === "string") return Math.trunc(Buffer.byteLength(value) * STRING_FACTOR);
  if (value instanceof Uint8Array) return Math.trunc(value.length * STRING_FACTOR);
  let cost = 0;
  if (isList(value)) {
    for (let index = 0; index < value.size; index++) cost += traversalCost(value.at(index));
    return cost;
  }
  if (!isMap(value)) return 1;
  for (const key of value.keys()) cost += traversalCost(key) + traversalCost(value.find(key));
  return cost;
}

type Cost = Exclude<RuntimeCost, number>;

const firstTraversal: Cost = ([a]) => traversal(a);
const bothTraversal: Cost = ([a, b]) => Math.ceil((coreSize(a) + coreSize(b)) * STRING_FACTOR);
const shorterTraversal: Cost = ([a, b]) => Math.ceil(Math.min(coreSize(a), coreSize(b)) * STRING_FACTOR);

const standardCosts: ReadonlyMap<string, RuntimeCost> = new Map<string, RuntimeCost>([
  ...["starts_with_string", "ends_with_string", "string_to_bytes", "bytes_to_string"].map(
    (id) => [id, firstTraversal] as const,
  ),
  ...["strings_quote", "string_format"].map((id) => [id, firstTraversal] as const),
  ["in_list", ([, list]) => coreSize(list)],
  ...["less", "greater", "less_equals", "greater_equals"].flatMap((id) => [
    [`${id}_string`, shorterTraversal] as const,
    [`${id}_bytes`, shorterTraversal] as const,
  ]),
  ["equals", shorterTraversal],
  ["not_equals", shorterTraversal],
  ["add_string", bothTraversal],
  ["add_bytes", bothTraversal],
  ["matches_string", ([text, pattern]) => regexCost(text, pattern)],
  ["contains_string", ([text, part]) => traversal(text) * traversal(part)],
]);
