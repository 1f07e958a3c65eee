// Warnings about amounts of bytes that are no whole number: allowed, since they always were, and never meant.

import { entry } from "../../../field-error.ts";
import { quote } from "../../../go-format.ts";
import { formatAmount, hasFraction, type ResourceList } from "./quantities.ts";

export function warnOfFraction(
  amounts: ResourceList | undefined,
  resource: string,
  path: string,
  warnings: string[],
): void {
  const amount = amounts?.[resource];
  if (amount === undefined || !hasFraction(amount)) return;
  const what = `fractional byte value ${quote(formatAmount(amount))} is invalid, must be an integer`;
  warnings.push(`${entry(path, resource)}: ${what}`);
}
