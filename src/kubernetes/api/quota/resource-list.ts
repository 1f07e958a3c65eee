// Sums and comparisons of resource lists such as {cpu: "500m", pods: "1"}, as quotas and limits need them.

import { formatQuantity } from "../quantity/format.ts";
import { parseQuantity } from "../quantity/parse.ts";
import { addQuantities, compareQuantities, signOf, subtractQuantities, zeroQuantity } from "../quantity/quantity.ts";

/** Quantities in text, by resource name. Never changed by these functions. */
export type ResourceList = Readonly<Record<string, string>>;

export function addResources(a: ResourceList, b: ResourceList): ResourceList {
  const sum: Record<string, string> = { ...a };
  for (const [name, quantity] of Object.entries(b)) {
    const present = sum[name];
    sum[name] =
      present === undefined ? quantity : formatQuantity(addQuantities(parseQuantity(present), parseQuantity(quantity)));
  }
  return sum;
}

/** The greater of both for every resource. */
export function maxResources(a: ResourceList, b: ResourceList): ResourceList {
  const result: Record<string, string> = { ...a };
  for (const [name, quantity] of Object.entries(b)) {
    const present = result[name];
    if (present === undefined || compare(quantity, present) > 0) result[name] = quantity;
  }
  return result;
}

/** What `a` has more than `b`; nothing is below zero. Resources only `b` has are zero. */
export function subtractResources(a: ResourceList, b: ResourceList): ResourceList {
  const result: Record<string, string> = {};
  for (const name of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const rest = subtractQuantities(quantityOf(a[name]), quantityOf(b[name]));
    result[name] = signOf(rest) <= 0 ? formatQuantity({ ...zeroQuantity, format: rest.format }) : formatQuantity(rest);
  }
  return result;
}

/** Only the named resources. */
export function maskResources(list: ResourceList, names: Iterable<string>): ResourceList {
  const wanted = new Set(names);
  return Object.fromEntries(Object.entries(list).filter(([name]) => wanted.has(name)));
}

export function withoutZeros(list: ResourceList): ResourceList {
  return Object.fromEntries(Object.entries(list).filter(([, quantity]) => signOf(parseQuantity(quantity)) !== 0));
}

/** The resources of which `list` has more than `limits` allow. */
export function exceededResources(list: ResourceList, limits: ResourceList): string[] {
  return Object.keys(list).filter((name) => limits[name] !== undefined && compare(list[name]!, limits[name]!) > 0);
}

/** Whether both say the same amounts of the same resources. */
export function equalResources(a: ResourceList, b: ResourceList): boolean {
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => b[name] !== undefined && compare(a[name]!, b[name]!) === 0)
  );
}

function compare(a: string, b: string): number {
  return compareQuantities(parseQuantity(a), parseQuantity(b));
}

function quantityOf(text: string | undefined): ReturnType<typeof parseQuantity> {
  return text === undefined ? zeroQuantity : parseQuantity(text);
}
