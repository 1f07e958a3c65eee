// Counters that devices of a pool share: parts of one thing, such as slices of a GPU, can be had as long as enough of it is left.

import { addQuantities, compareQuantities, parseQuantity, type Quantity, subtractQuantities } from "#kubernetes/api";
import type { Pool, PoolDevice } from "./pools.ts";

/** What is left in the pools' counters, less what is being taken. */
export class CounterBook {
  readonly #left = new Map<Pool, Map<string, Quantity>>();
  readonly #isInUse: (deviceId: string) => boolean;

  constructor(isInUse: (deviceId: string) => boolean) {
    this.#isInUse = isInUse;
  }

  /** Whether enough was left; it is then taken. */
  take(device: PoolDevice): boolean {
    const left = this.#leftIn(device.pool);
    const wanted = [...consumption(device)];
    const isEnough = wanted.every(([key, amount]) => {
      const available = left.get(key);
      return available !== undefined && compareQuantities(available, amount) >= 0;
    });
    if (isEnough) for (const [key, amount] of wanted) left.set(key, subtractQuantities(left.get(key)!, amount));
    return isEnough;
  }

  giveBack(device: PoolDevice): void {
    const left = this.#leftIn(device.pool);
    for (const [key, amount] of consumption(device)) left.set(key, addQuantities(left.get(key)!, amount));
  }

  #leftIn(pool: Pool): Map<string, Quantity> {
    const known = this.#left.get(pool);
    if (known) return known;
    const left = new Map<string, Quantity>();
    for (const [set, { counters }] of pool.counters) {
      for (const [name, { value }] of Object.entries(counters)) left.set(keyOf(set, name), parseQuantity(value));
    }
    for (const consumer of pool.consumers.filter(({ id }) => this.#isInUse(id))) {
      for (const [key, amount] of consumption(consumer)) left.set(key, subtractQuantities(left.get(key)!, amount));
    }
    this.#left.set(pool, left);
    return left;
  }
}

function* consumption({ device }: PoolDevice): Iterable<[key: string, amount: Quantity]> {
  for (const { counterSet, counters } of device.consumesCounters ?? []) {
    for (const [name, { value }] of Object.entries(counters)) yield [keyOf(counterSet, name), parseQuantity(value)];
  }
}

function keyOf(set: string, counter: string): string {
  return `${set}/${counter}`;
}
