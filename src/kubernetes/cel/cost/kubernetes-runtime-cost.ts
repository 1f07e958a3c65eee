// What calls of Kubernetes' libraries cost when they run, by the name of the function.

import { FormatValue } from "../library/kubernetes/format-value.ts";
import { type CelValue, kindOf } from "../values/value.ts";
import { fixed } from "./range.ts";
import type { RuntimeCost } from "./runtime-cost.ts";
import { selectorEstimate } from "./selector-cost.ts";
import { actualSize, REGEX_FACTOR, STRING_FACTOR, traversalCost } from "./sizes.ts";

type Cost = Exclude<RuntimeCost, number>;

const CHECK_COST = 350_000;

function traversal(value: CelValue | undefined, times = 1): number {
  return Math.ceil(actualSize(value) * times * STRING_FACTOR);
}

const firstTraversal: Cost = ([a]) => traversal(a);
const doubleTraversal: Cost = ([a]) => traversal(a, 2);
const walk: Cost = ([a]) => traversalCost(a);
const selector: Cost = ([, text]) => selectorEstimate(fixed(actualSize(text))).max;

const find: Cost = ([text, pattern]) =>
  Math.ceil((1 + actualSize(text)) * STRING_FACTOR) * Math.ceil(actualSize(pattern) * REGEX_FACTOR);

const validate: Cost = ([format, text]) => {
  if (!(format instanceof FormatValue)) return 1;
  return Math.ceil((1 + actualSize(text)) * STRING_FACTOR) * Math.ceil(format.maxRegexSize * REGEX_FACTOR);
};

function named(names: string, cost: RuntimeCost): (readonly [string, RuntimeCost])[] {
  return names.split(" ").map((name) => [name, cost] as const);
}

const costs: ReadonlyMap<string, RuntimeCost> = new Map<string, RuntimeCost>([
  ["check", CHECK_COST],
  ...named("serviceAccount path group resource subresource namespace name allowed reason error errored", 1),
  ...named("fieldSelector labelSelector", selector),
  ...named("isSorted sum max min indexOf lastIndexOf", walk),
  ...named("url lowerAscii upperAscii substring trim jsonpatch.escapeKey", firstTraversal),
  ...named("replace split ip.isCanonical", doubleTraversal),
  ["join", (_args, result) => traversal(result, 2)],
  ...named("find findAll", find),
  ...named("cidr isIP isCIDR ip quantity isQuantity semver isSemver", firstTraversal),
  ...named("masked prefixLength family isUnspecified isLoopback isLinkLocalMulticast isLinkLocalUnicast", 1),
  ...named("isGlobalUnicast format.named sign asInteger isInteger asApproximateFloat isGreaterThan isLessThan", 1),
  ...named("compareTo add sub major minor patch getScheme getHostname getHost getPort getEscapedPath getQuery", 1),
  ["validate", validate],
]);

/** What comparing addresses costs, and reading one that is given as text. */
function containsCost(name: string, overload: string): Cost {
  const reads = overload === "cidr_contains_ip_string" || overload === "cidr_contains_cidr_string";
  return ([range, other]) => {
    const masked = name === "containsCIDR" ? traversal(range) + 1 : 0;
    return traversal(range, 2) + masked + (reads ? traversal(other) : 0);
  };
}

/** undefined for functions that are not Kubernetes'; `standard` is what cel-go would count. */
export function kubernetesRuntimeCost(name: string, overload: string, standard: RuntimeCost): RuntimeCost | undefined {
  if (overload === "cidr_ip") return 1;
  if (name === "containsIP" || name === "containsCIDR") return containsCost(name, overload);
  if (name === "_==_") return equalityCost(standard);
  return costs.get(name);
}

/** Kubernetes' own values compare at one, whatever their size. */
function equalityCost(standard: RuntimeCost): RuntimeCost {
  return (args, result) => {
    if (args.length === 2 && kindOf(args[0]!) === "opaque") return 1;
    return typeof standard === "number" ? standard : standard(args, result);
  };
}
