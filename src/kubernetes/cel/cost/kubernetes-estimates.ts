// Estimates for calls of Kubernetes' libraries. Any change here would change which rules may be written.

import { objectType } from "../values/type.ts";
import { type CallEstimate, type CostNode, type EstimatedCall, sizeOfNode } from "./cost-node.ts";
import { fixed, plus, type Range, scaled, times, UNKNOWN, union } from "./range.ts";
import { selectorEstimate } from "./selector-cost.ts";
import { REGEX_FACTOR, STRING_FACTOR } from "./sizes.ts";
import { regexEstimate } from "./standard-estimates.ts";

type Estimate = (call: EstimatedCall) => CallEstimate | undefined;

const ONE = fixed(1);
const CHECK_COST = fixed(350_000);
const MAX_FORMAT_SIZE = 64;
const MAX_NAME_FORMAT_REGEX = 128;
/** The bytes of an address. */
const ADDRESS: Range = { min: 4, max: 16 };

const nominal: Estimate = () => ({ cost: ONE });

/** Walking through the target, or the first argument of a global function. */
const walked =
  (of: "target" | "argument", factor = 1, sized = false): Estimate =>
  ({ target, args, hints }) => {
    const node = of === "target" ? target : args[0];
    if (!node) return undefined;
    const size = sizeOfNode(node, hints);
    return { cost: scaled(size, factor * STRING_FACTOR), ...(sized && { size }) };
  };

const eachItem: Estimate = ({ target, hints }) => {
  if (!target) return undefined;
  const size = sizeOfNode(target, hints);
  const item = itemNode(target);
  if (!item) return { cost: scaled(size, STRING_FACTOR) };
  const isText = item.type.kind === "string" || item.type.kind === "bytes";
  const perItem = isText ? plus(ONE, scaled(sizeOfNode(item, hints), STRING_FACTOR)) : ONE;
  return { cost: times(size, perItem) };
};

function itemNode({ type, path }: CostNode): CostNode | undefined {
  const [item] = type.params;
  return item && { path: path && [...path, "@items"], type: item, size: undefined };
}

const replaced: Estimate = ({ target, args, hints }) => {
  if (!target || args.length < 2) return undefined;
  const text = sizeOfNode(target, hints);
  const size = sizeAfterReplacing(text, sizeOfNode(args[0]!, hints), sizeOfNode(args[1]!, hints));
  return { cost: scaled(text, 2 * STRING_FACTOR), size };
};

function sizeAfterReplacing(text: Range, old: Range, added: Range): Range {
  const most = replacements(text.max, old.min, added.max <= old.min);
  const least = replacements(text.min, old.max, old.max <= added.min);
  const count = { min: least.count, max: most.count };
  return plus(times(count, added), { min: least.kept, max: most.kept });
}

/** How often something of a length is replaced in a text, and how much of the text stays. */
function replacements(text: number, old: number, keepsLength: boolean): { count: number; kept: number } {
  // Replacing nothing puts the new text around every character.
  if (old === 0) return { count: text < UNKNOWN.max ? text + 1 : text, kept: text };
  return keepsLength ? { count: 0, kept: text } : { count: Math.ceil(text / old), kept: 0 };
}

const split: Estimate = ({ target, args, hints }) => {
  if (!target) return undefined;
  const size = sizeOfNode(target, hints);
  const limit = args[1]?.expr;
  const max = limit?.kind === "literal" && typeof limit.value === "bigint" ? unsigned(limit.value) : size.max;
  return { cost: scaled(size, 2 * STRING_FACTOR), size: { min: 0, max } };
};

function unsigned(value: bigint): number {
  return Number(BigInt.asUintN(64, value));
}

const join: Estimate = ({ target, args, hints }) => {
  if (!target) return undefined;
  const list = sizeOfNode(target, hints);
  const item = itemNode(target);
  let size = item ? times(list, sizeOfNode(item, hints)) : fixed(0);
  if (args.length > 0) {
    const separators = {
      min: Math.max(0, list.min - 1),
      max: list.max === UNKNOWN.max ? list.max : Math.max(0, list.max - 1),
    };
    size = plus(size, times(sizeOfNode(args[0]!, hints), separators));
  }
  return { cost: scaled(size, STRING_FACTOR), size };
};

const find: Estimate = ({ target, args, hints }) => {
  if (!target || args.length < 1) return undefined;
  const text = sizeOfNode(target, hints);
  return { cost: regexEstimate(text, sizeOfNode(args[0]!, hints)), size: { min: 0, max: text.max } };
};

const ip: Estimate = (call) => (call.overload === "cidr_ip" ? { cost: ONE } : walked("argument")(call));

const contains =
  (stringOverload: string, more: Range): Estimate =>
  ({ overload, args, hints }) => {
    if (args.length < 1) return undefined;
    const compared = plus(scaled(plus(ADDRESS, ADDRESS), STRING_FACTOR), more);
    if (overload !== stringOverload) return { cost: compared };
    return { cost: plus(compared, scaled(sizeOfNode(args[0]!, hints), STRING_FACTOR)) };
  };

const validate: Estimate = ({ args, hints }) => {
  if (args.length < 1) return undefined;
  const walk = scaled(sizeOfNode(args[0]!, hints), STRING_FACTOR);
  return { cost: scaled(walk, MAX_NAME_FORMAT_REGEX * REGEX_FACTOR) };
};

const selector: Estimate = ({ args, hints }) =>
  args.length === 1 ? { cost: selectorEstimate(sizeOfNode(args[0]!, hints)) } : undefined;

const OPAQUES: ReadonlySet<string> = new Set(["net.IP", "net.CIDR"]);
const OBJECTS: ReadonlySet<string> = new Set(
  (
    "kubernetes.Quantity kubernetes.authorization.Authorizer kubernetes.authorization.PathCheck " +
    "kubernetes.authorization.GroupCheck kubernetes.authorization.ResourceCheck kubernetes.authorization.Decision " +
    "kubernetes.Semver"
  ).split(" "),
);
const FORMAT = objectType("kubernetes.NamedFormat");
const URL = objectType("kubernetes.URL");

const equality: Estimate = ({ args }) => {
  const [left, right] = args;
  if (!left || !right || left.type.name !== right.type.name) return undefined;
  const { kind, name } = left.type;
  if (kind === "opaque" && OPAQUES.has(name)) return { cost: ONE };
  if (kind !== "struct") return undefined;
  if (OBJECTS.has(name)) return { cost: ONE };
  if (name === FORMAT.name) return { cost: scaled({ min: 1, max: MAX_FORMAT_SIZE }, STRING_FACTOR) };
  if (name !== URL.name) return undefined;
  const size = right.size ? union(right.size, right.size) : ONE;
  return { cost: scaled({ min: 1, max: size.max }, STRING_FACTOR) };
};

function named(names: string, estimate: Estimate): (readonly [string, Estimate])[] {
  return names.split(" ").map((name) => [name, estimate] as const);
}

const estimates: ReadonlyMap<string, Estimate> = new Map<string, Estimate>([
  ["check", () => ({ cost: CHECK_COST })],
  ...named("serviceAccount path group resource subresource namespace name allowed reason error errored", nominal),
  ...named("fieldSelector labelSelector", selector),
  ...named("isSorted sum max min indexOf lastIndexOf", eachItem),
  ...named("url jsonpatch.escapeKey", (call) =>
    call.args.length === 1 ? walked("argument", 1, true)(call) : undefined,
  ),
  ...named("lowerAscii upperAscii substring trim", walked("target", 1, true)),
  ["replace", replaced],
  ["split", split],
  ["join", join],
  ...named("find findAll", find),
  ...named("cidr isIP isCIDR quantity isQuantity semver isSemver", walked("argument")),
  ["ip", ip],
  ["ip.isCanonical", walked("argument", 2)],
  ...named("masked prefixLength family isUnspecified isLoopback isLinkLocalMulticast isLinkLocalUnicast", nominal),
  ...named(
    "isGlobalUnicast format.named sign asInteger isInteger asApproximateFloat isGreaterThan isLessThan",
    nominal,
  ),
  ...named(
    "compareTo add sub major minor patch getScheme getHostname getHost getPort getEscapedPath getQuery",
    nominal,
  ),
  ["containsIP", contains("cidr_contains_ip_string", fixed(0))],
  ["containsCIDR", contains("cidr_contains_cidr_string", plus(scaled(ADDRESS, STRING_FACTOR), ONE))],
  ["validate", validate],
  ["_==_", equality],
]);

export function kubernetesEstimate(call: EstimatedCall): CallEstimate | undefined {
  return estimates.get(call.name)?.(call);
}
