// What requests take of a device's capacity: a device that can be given several times is had as long as enough of it is left, any
// other only has to have what is asked for (dynamic-resource-allocation's consumable_capacity.go). Pure.

import {
  addQuantities,
  type CapacityRequestPolicy,
  compareQuantities,
  type DeviceCapacity,
  makeQuantity,
  parseQuantity,
  type Quantity,
  scaledValue,
  subtractQuantities,
} from "#kubernetes/api";
import type { PoolDevice } from "./pools.ts";
import type { Wish } from "./wishes.ts";

export type Amounts = ReadonlyMap<string, Quantity>;

/** What the wish would take of each of the device's capacities; undefined where it asks for what the device has not, or may not. */
export function consumptionOf({ capacity: asked = {} }: Wish, { device }: PoolDevice): Amounts | undefined {
  const capacities = device.capacity ?? {};
  if (Object.keys(asked).some((name) => !Object.hasOwn(capacities, name))) return undefined;
  const amounts = new Map<string, Quantity>();
  for (const [name, capacity] of Object.entries(capacities)) {
    const amount = amountOf(asked[name], capacity);
    if (!isAllowed(amount, capacity.requestPolicy)) return undefined;
    amounts.set(name, amount);
  }
  return amounts;
}

function amountOf(asked: string | undefined, { value, requestPolicy: policy }: DeviceCapacity): Quantity {
  if (asked === undefined) return parseQuantity(policy?.default ?? value);
  const wanted = parseQuantity(asked);
  if (policy?.validRange) return roundUpInRange(wanted, policy.validRange);
  const larger = policy?.validValues?.map(parseQuantity).find((each) => compareQuantities(wanted, each) <= 0);
  return larger ?? wanted;
}

type Range = NonNullable<CapacityRequestPolicy["validRange"]>;

/** The least that is enough: the minimum, or so many steps more. */
function roundUpInRange(wanted: Quantity, { min, step }: Range): Quantity {
  const least = parseQuantity(min);
  if (compareQuantities(wanted, least) < 0) return least;
  if (step === undefined) return wanted;
  const [base, width] = [wholeOf(least), wholeOf(parseQuantity(step))];
  const steps = (wholeOf(wanted) - base + width - 1n) / width;
  return makeQuantity(base + width * steps, 0, "BinarySI");
}

function wholeOf(quantity: Quantity): bigint {
  return scaledValue(quantity, 0);
}

function isAllowed(amount: Quantity, policy: CapacityRequestPolicy | undefined): boolean {
  if (!policy) return true;
  if (policy.default !== undefined && isSame(amount, policy.default)) return true;
  if (policy.validRange) return isInRange(amount, policy.validRange);
  return !policy.validValues?.length || policy.validValues.some((each) => isSame(amount, each));
}

function isSame(amount: Quantity, text: string): boolean {
  return compareQuantities(amount, parseQuantity(text)) === 0;
}

function isInRange(amount: Quantity, { min, max, step }: Range): boolean {
  if (max !== undefined && compareQuantities(amount, parseQuantity(max)) > 0) return false;
  if (step === undefined) return true;
  return (wholeOf(amount) - wholeOf(parseQuantity(min))) % wholeOf(parseQuantity(step)) === 0n;
}

/** What is taken of devices that can be given several times: by claims that have them, and by those being served. */
export class CapacityBook {
  readonly #consumedOf: (deviceId: string) => Amounts | undefined;
  readonly #taking = new Map<string, readonly Amounts[]>();

  /** `consumedOf`: what claims have of a device; undefined where nobody shares it. */
  constructor(consumedOf: (deviceId: string) => Amounts | undefined) {
    this.#consumedOf = consumedOf;
  }

  isShared({ id }: PoolDevice): boolean {
    return this.#consumedOf(id) !== undefined || this.#taking.has(id);
  }

  hasRoom({ id, device }: PoolDevice, wanted: Amounts): boolean {
    const held = [this.#consumedOf(id) ?? new Map(), ...(this.#taking.get(id) ?? []), wanted] as const;
    return Object.entries(device.capacity ?? {}).every(([name, { value }]) => {
      const sum = held.reduce((total, each) => {
        const amount = each.get(name);
        return amount ? addQuantities(total, amount) : total;
      }, makeQuantity(0));
      return compareQuantities(sum, parseQuantity(value)) <= 0;
    });
  }

  take({ id }: PoolDevice, amounts: Amounts): void {
    this.#taking.set(id, [...(this.#taking.get(id) ?? []), amounts]);
  }

  giveBack({ id }: PoolDevice): void {
    const left = this.#taking.get(id)!.slice(0, -1);
    if (left.length > 0) this.#taking.set(id, left);
    else this.#taking.delete(id);
  }
}

export function addAmounts(held: Map<string, Quantity>, amounts: Amounts): void {
  for (const [name, amount] of amounts) {
    const before = held.get(name);
    held.set(name, before ? addQuantities(before, amount) : amount);
  }
}

export function subtractAmounts(held: Map<string, Quantity>, amounts: Amounts): void {
  for (const [name, amount] of amounts) held.set(name, subtractQuantities(held.get(name)!, amount));
}
