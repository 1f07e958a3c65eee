// The capacity of a device, and which parts of it may be asked for where several claims share the device.

import {
  child,
  duplicate,
  type FieldError,
  forbiddenField,
  invalid,
  item,
  required,
  tooMany,
} from "../../field-error.ts";
import type { CapacityRequestPolicy, CapacityRequestPolicyRange, DeviceCapacity } from "../../generated/types.ts";
import { formatQuantity } from "../../quantity/format.ts";
import { parseQuantity } from "../../quantity/parse.ts";
import { addQuantities, scaledValue } from "../../quantity/quantity.ts";
import { compareAmounts, formatAmount } from "../core/resources/quantities.ts";

const mostValues = 10;

export function validateCapacity(
  { value, requestPolicy }: DeviceCapacity,
  path: string,
  errors: FieldError[],
  isShared: boolean,
): void {
  if (!requestPolicy) return;
  const policyPath = child(path, "requestPolicy");
  if (isShared) validatePolicy(requestPolicy, value, policyPath, errors);
  else errors.push(forbiddenField(policyPath, "allowMultipleAllocations must be true"));
}

function validatePolicy(policy: CapacityRequestPolicy, capacity: string, path: string, errors: FieldError[]): void {
  const { validValues = [], validRange } = policy;
  const usual = policy.default ?? undefined;
  if (validValues.length > 0 && validRange) {
    const why = 'exactly one policy can be specified, cannot specify "validValues" and "validRange" at the same time';
    errors.push(forbiddenField(path, why));
  } else if (validValues.length > 0) {
    if (usual === undefined) errors.push(required(child(path, "default"), "required when validValues is defined"));
    else validateValues(validValues, usual, capacity, child(path, "validValues"), errors);
  } else if (validRange) {
    if (usual === undefined) errors.push(required(child(path, "default"), "required when validRange is defined"));
    else validateRange(validRange, usual, capacity, child(path, "validRange"), errors);
  }
}

function validateValues(
  values: readonly string[],
  usual: string,
  capacity: string,
  path: string,
  errors: FieldError[],
): void {
  for (const [index, value] of values.entries()) {
    if (index === 0 || compareAmounts(values[index - 1]!, value) <= 0) continue;
    errors.push(invalid(item(path, index), formatAmount(value), "values must be sorted in ascending order"));
  }
  if (values.length > mostValues) errors.push(tooMany(path, values.length, mostValues));
  else validateEachValue(values, capacity, path, errors);
  const isKnown = values.length <= mostValues && values.some((value) => compareAmounts(value, usual) === 0);
  if (!isKnown) {
    errors.push(invalid(path, formatAmount(usual), "default value is not valid according to the requestPolicy"));
  }
}

function validateEachValue(values: readonly string[], capacity: string, path: string, errors: FieldError[]): void {
  for (const [index, value] of values.entries()) {
    if (compareAmounts(value, capacity) <= 0) continue;
    const why = `option is larger than capacity value: ${formatAmount(capacity)}`;
    errors.push(invalid(item(path, index), formatAmount(value), why));
  }
  const known = new Set<string>();
  for (const [index, value] of values.entries()) {
    const key = String(wholeUnits(value));
    if (known.has(key)) errors.push(duplicate(item(path, index), key));
    known.add(key);
  }
}

function validateRange(
  { min, max, step }: CapacityRequestPolicyRange,
  usual: string,
  capacity: string,
  path: string,
  errors: FieldError[],
): void {
  const [minPath, maxPath, stepPath] = [child(path, "min"), child(path, "max"), child(path, "step")];
  if (min === undefined) {
    errors.push(required(minPath, "required when validRange is defined"));
    return;
  }
  const report = (at: string, larger: string, smaller: string, shown: string, why: string): void => {
    if (compareAmounts(larger, smaller) > 0) errors.push(invalid(at, formatAmount(shown), why));
  };
  const shownCapacity = formatAmount(capacity);
  report(minPath, min, capacity, min, `min is larger than capacity value: ${shownCapacity}`);
  report(minPath, min, usual, usual, `default is less than min: ${formatAmount(min)}`);
  if (max !== undefined) {
    report(maxPath, min, max, min, `min is larger than max: ${formatAmount(max)}`);
    report(maxPath, max, capacity, max, `max is larger than capacity value: ${shownCapacity}`);
    report(maxPath, usual, max, usual, `default is more than max: ${formatAmount(max)}`);
  }
  if (step === undefined) return;
  const first = formatQuantity(addQuantities(parseQuantity(min), parseQuantity(step)));
  report(stepPath, first, capacity, step, `one step ${first} is larger than capacity value: ${shownCapacity}`);
  for (const value of max === undefined ? [usual] : [usual, max]) validateStep(value, min, step, stepPath, errors);
}

/** A fraction is rounded up. */
function wholeUnits(amount: string): bigint {
  return scaledValue(parseQuantity(amount), 0);
}

function validateStep(value: string, min: string, step: string, path: string, errors: FieldError[]): void {
  const [amount, least, size] = [value, min, step].map(wholeUnits);
  // Upstream divides by a step of zero and fails; here it is no step at all.
  if (size !== 0n && (amount! - least!) % size! === 0n) return;
  const why = `value is not a multiple of a given step (${formatAmount(step)}) from (${formatAmount(min)})`;
  errors.push(invalid(path, formatAmount(value), why));
}
