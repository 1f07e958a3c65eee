// Checks of amounts of resources, and sums of them.

import { type FieldError, invalid } from "../../../field-error.ts";
import { negativeError } from "../../../names.ts";
import { canonicalizeQuantity, formatQuantity } from "../../../quantity/format.ts";
import { parseQuantity } from "../../../quantity/parse.ts";
import {
  addQuantities,
  compareQuantities,
  type Quantity,
  roundUpQuantity,
  scaledValue,
  signOf,
} from "../../../quantity/quantity.ts";
import { isIntegerResource } from "./resource-names.ts";

/** Amounts by resource, as an object holds them. */
export type ResourceList = Readonly<Record<string, string>>;

export const positiveError = "must be greater than zero";

/** Below 0, 0 or above 0. */
export function compareAmounts(a: string, b: string): number {
  return a === b ? 0 : compareQuantities(parseQuantity(a), parseQuantity(b));
}

/** The amount as messages show it. */
export function formatAmount(amount: string): string {
  return formatQuantity(parseQuantity(amount));
}

/** Nothing negative, and of what comes in whole numbers no fraction. */
export function validateAmount(resource: string, amount: string, path: string, errors: FieldError[]): void {
  if (amount.startsWith("-") && signOf(parseQuantity(amount)) < 0) {
    errors.push(invalid(path, formatAmount(amount), negativeError));
  }
  if (isIntegerResource(resource) && hasFraction(amount)) {
    errors.push(invalid(path, formatAmount(amount), "must be an integer"));
  }
}

/** Must be more than nothing; answers whether it is. */
export function validatePositiveAmount(amount: string, path: string, errors: FieldError[]): boolean {
  if (signOf(parseQuantity(amount)) > 0) return true;
  errors.push(invalid(path, formatAmount(amount), positiveError));
  return false;
}

/** Upstream's validateBasicResource: the whole units must not be negative. */
export function validateWholeAmount(amount: string, path: string, errors: FieldError[]): boolean {
  const value = scaledValue(parseQuantity(amount), 0);
  if (value >= 0n) return true;
  errors.push(invalid(path, Number(value), "must be a valid resource quantity"));
  return false;
}

/** Is no whole number, seen in thousandths. */
export function hasFraction(amount: string): boolean {
  if (/^-?[0-9]+([KMGTPE]i|[kMGTPE])?$/.test(amount)) return false;
  return scaledValue(parseQuantity(amount), -3) % 1000n !== 0n;
}

/** Rounds up to thousandths, which is as fine as upstream stores amounts. Answers the same list if nothing changes. */
export function roundUpAmounts<List extends Record<string, string> | undefined>(list: List): List {
  for (const name in list) {
    const amount = list[name] as string;
    const rounded = roundUpAmount(amount);
    if (rounded !== amount) (list as Record<string, string>)[name] = rounded;
  }
  return list;
}

function roundUpAmount(amount: string): string {
  // Only these can have digits below thousandths.
  if (!/[nu.eE-]/.test(amount)) return amount;
  const quantity = parseQuantity(amount);
  const rounded = roundUpQuantity(quantity, -3);
  return compareQuantities(quantity, rounded) === 0 ? canonicalizeQuantity(amount) : formatQuantity(rounded);
}

/** Amounts while they are being added up. */
export type Totals = Map<string, Quantity>;

export function addTo(totals: Totals, list: ResourceList | undefined): void {
  for (const name in list) {
    const amount = parseQuantity(list[name] as string);
    const known = totals.get(name);
    totals.set(name, known ? addQuantities(known, amount) : amount);
  }
}

export function raiseTo(totals: Totals, others: Totals): void {
  for (const [name, amount] of others) {
    const known = totals.get(name);
    if (!known || compareQuantities(amount, known) > 0) totals.set(name, amount);
  }
}
