// Amounts of resources as plain numbers: what fits and what is taken is compared millions of times, in text it could not be.

import { checkQualifiedName, parseQuantity } from "#kubernetes/api";

/** cpu in thousandths, everything else in whole units (bytes, pieces). */
export interface Resource {
  milliCPU: number;
  memory: number;
  ephemeralStorage: number;
  /** How many pods a node may run; unused elsewhere. */
  allowedPodNumber: number;
  /** Extended resources, huge pages and the like; undefined where there are none. */
  scalars: Map<string, number> | undefined;
}

/** Exact amounts by resource name, not yet rounded: halves of a millicpu may still add up. */
export type Amounts = Map<string, number>;

export function emptyResource(): Resource {
  return { milliCPU: 0, memory: 0, ephemeralStorage: 0, allowedPodNumber: 0, scalars: undefined };
}

export function copyResource(resource: Resource): Resource {
  return { ...resource, scalars: resource.scalars && new Map(resource.scalars) };
}

/** The resource of a node's allocatable or the like. */
export function resourceOfList(list: Readonly<Record<string, string>> | undefined): Resource {
  const amounts: Amounts = new Map();
  if (list) for (const name in list) amounts.set(name, amountOf(name, list[name]!));
  return resourceOfAmounts(amounts);
}

/** Rounds every amount up, as upstream's MilliValue and Value do. Names that are none of the scheduler's are left out. */
export function resourceOfAmounts(amounts: Amounts): Resource {
  const resource = emptyResource();
  for (const [name, amount] of amounts) {
    const rounded = roundUp(amount);
    if (name === "cpu") resource.milliCPU = rounded;
    else if (name === "memory") resource.memory = rounded;
    else if (name === "ephemeral-storage") resource.ephemeralStorage = rounded;
    else if (name === "pods") resource.allowedPodNumber = rounded;
    else if (isScalarResource(name)) {
      resource.scalars ??= new Map();
      resource.scalars.set(name, rounded);
    }
  }
  return resource;
}

/** Adds `sign` times `change`, pods excepted. */
export function addResource(sum: Resource, change: Resource, sign: 1 | -1): void {
  sum.milliCPU += sign * change.milliCPU;
  sum.memory += sign * change.memory;
  sum.ephemeralStorage += sign * change.ephemeralStorage;
  if (!change.scalars) return;
  sum.scalars ??= new Map();
  for (const [name, amount] of change.scalars) sum.scalars.set(name, (sum.scalars.get(name) ?? 0) + sign * amount);
}

export function equalResource(a: Resource, b: Resource): boolean {
  return (
    a === b ||
    (a.milliCPU === b.milliCPU &&
      a.memory === b.memory &&
      a.ephemeralStorage === b.ephemeralStorage &&
      (a.scalars?.size ?? 0) === (b.scalars?.size ?? 0) &&
      (a.scalars?.entries().every(([name, amount]) => b.scalars?.get(name) === amount) ?? true))
  );
}

/** The amount of a resource by its name; 0 where there is none. */
export function amountIn(resource: Resource, name: string): number {
  if (name === "cpu") return resource.milliCPU;
  if (name === "memory") return resource.memory;
  if (name === "ephemeral-storage") return resource.ephemeralStorage;
  return resource.scalars?.get(name) ?? 0;
}

/** Sums that should be whole may miss by the last digit of a double; nothing is written finer than this. */
const fuzz = 1e-7;

export function roundUp(amount: number): number {
  return Math.ceil(amount - fuzz);
}

const mostCached = 10_000;
const knownCpu = new Map<string, number>();
const knownOther = new Map<string, number>();

/** A quantity as a number: thousandths of a cpu, units of anything else; with its fraction. Throws QuantityError. */
export function amountOf(name: string, text: string): number {
  const known = name === "cpu" ? knownCpu : knownOther;
  const cached = known.get(text);
  if (cached !== undefined) return cached;
  const { unscaled, exponent } = parseQuantity(text);
  const scale = exponent + (name === "cpu" ? 3 : 0);
  // Dividing by a power of ten is exact where the result is; multiplying by 0.001 is not.
  const amount = scale >= 0 ? Number(unscaled) * 10 ** scale : Number(unscaled) / 10 ** -scale;
  if (known.size >= mostCached) known.clear();
  known.set(text, amount);
  return amount;
}

const scalarNames = new Map<string, boolean>();

/** Whether a resource is one the scheduler counts besides cpu, memory and ephemeral storage. */
export function isScalarResource(name: string): boolean {
  const known = scalarNames.get(name);
  if (known !== undefined) return known;
  const isNamed = name.startsWith("hugepages-") || name.startsWith("attachable-volumes-");
  const isScalar = isNamed || name.includes("kubernetes.io/") || isExtendedResource(name);
  if (scalarNames.size >= mostCached) scalarNames.clear();
  scalarNames.set(name, isScalar);
  return isScalar;
}

/** A resource outside Kubernetes' own names, such as example.com/gpu. */
export function isExtendedResource(name: string): boolean {
  const isNative = !name.includes("/") || name.includes("kubernetes.io/");
  return !isNative && !name.startsWith("requests.") && checkQualifiedName(`requests.${name}`).length === 0;
}
