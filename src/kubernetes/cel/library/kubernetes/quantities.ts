// quantity("…"): amounts with a unit, such as "1.5Gi".

import {
  addQuantities,
  compareQuantities,
  makeQuantity,
  parseQuantity,
  type Quantity,
  QuantityError,
  signOf,
  subtractQuantities,
} from "#kubernetes/api";
import { checkInt } from "../../values/numbers.ts";
import { objectType, types } from "../../values/type.ts";
import { CelError, type CelOpaque, type CelValue, NO_SUCH_OVERLOAD } from "../../values/value.ts";
import { declare, type FunctionDeclaration, globalOverload, memberOverload } from "../declare.ts";

const { bool, double, int, string } = types;
export const quantityType = objectType("kubernetes.Quantity");

export class QuantityValue implements CelOpaque {
  readonly kind = "opaque";
  readonly type = quantityType;
  readonly quantity: Quantity;

  constructor(quantity: Quantity) {
    this.quantity = quantity;
  }

  equal(other: CelValue): CelValue {
    return other instanceof QuantityValue ? compareQuantities(this.quantity, other.quantity) === 0 : NO_SUCH_OVERLOAD;
  }
}

export function toQuantity(text: string): CelValue {
  try {
    return new QuantityValue(parseQuantity(text));
  } catch (error) {
    if (error instanceof QuantityError) return new CelError(error.message);
    throw error;
  }
}

/** The value as an int, where it is one. */
function wholeValue({ quantity: { unscaled, exponent } }: QuantityValue): bigint | undefined {
  // Upstream keeps numbers that do not fit 64 bits, and those with an exponent beyond, apart.
  if (exponent > 18) return unscaled === 0n ? 0n : undefined;
  const divisor = exponent < 0 ? 10n ** BigInt(-exponent) : 1n;
  if (unscaled % divisor !== 0n) return undefined;
  const value = exponent < 0 ? unscaled / divisor : unscaled * 10n ** BigInt(exponent);
  const checked = checkInt(value);
  return checked instanceof CelError ? undefined : checked;
}

function approximate({ quantity: { unscaled, exponent } }: QuantityValue): CelValue {
  return Number(`${unscaled}e${exponent}`);
}

function comparison(name: string, id: string, holds: (order: number) => boolean): FunctionDeclaration {
  const test = (a: QuantityValue, b: QuantityValue): CelValue => holds(compareQuantities(a.quantity, b.quantity));
  return declare(name, memberOverload(id, [quantityType, quantityType], bool, test));
}

function sum(name: string, id: string, join: (a: Quantity, b: Quantity) => Quantity): FunctionDeclaration {
  return declare(
    name,
    memberOverload(
      id,
      [quantityType, quantityType],
      quantityType,
      (a: QuantityValue, b: QuantityValue) => new QuantityValue(join(a.quantity, b.quantity)),
    ),
    memberOverload(
      `${id}_int`,
      [quantityType, int],
      quantityType,
      (a: QuantityValue, b: bigint) => new QuantityValue(join(a.quantity, makeQuantity(b, 0, "DecimalExponent"))),
    ),
  );
}

export const quantityFunctions: readonly FunctionDeclaration[] = [
  declare("quantity", globalOverload("string_to_quantity", [string], quantityType, toQuantity)),
  declare(
    "isQuantity",
    globalOverload("is_quantity_string", [string], bool, (text: string) => toQuantity(text) instanceof QuantityValue),
  ),
  declare(
    "sign",
    globalOverload("quantity_sign", [quantityType], int, ({ quantity }: QuantityValue) => BigInt(signOf(quantity))),
  ),
  comparison("isGreaterThan", "quantity_is_greater_than", (order) => order > 0),
  comparison("isLessThan", "quantity_is_less_than", (order) => order < 0),
  declare(
    "compareTo",
    memberOverload("quantity_compare_to", [quantityType, quantityType], int, (a: QuantityValue, b: QuantityValue) =>
      BigInt(compareQuantities(a.quantity, b.quantity)),
    ),
  ),
  declare("asApproximateFloat", memberOverload("quantity_get_float", [quantityType], double, approximate)),
  declare(
    "asInteger",
    memberOverload(
      "quantity_get_int",
      [quantityType],
      int,
      (value: QuantityValue) => wholeValue(value) ?? new CelError("cannot convert value to integer"),
    ),
  ),
  declare(
    "isInteger",
    memberOverload(
      "quantity_is_integer",
      [quantityType],
      bool,
      (value: QuantityValue) => wholeValue(value) !== undefined,
    ),
  ),
  sum("add", "quantity_add", addQuantities),
  sum("sub", "quantity_sub", subtractQuantities),
];
