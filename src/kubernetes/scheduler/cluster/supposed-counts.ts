// A topology counter as it would be with some pods more or fewer: what preemption and nominated pods suppose.

import type { TopologyCounter } from "./topology-counters.ts";

export class SupposedCounts {
  readonly counter: TopologyCounter;
  /** By id of a value, what is supposed to be added. */
  readonly #changes: Map<number, number>;
  #least: number | undefined;

  constructor(counter: TopologyCounter, changes: ReadonlyMap<number, number> = new Map()) {
    this.counter = counter;
    this.#changes = new Map(changes);
  }

  copy(): SupposedCounts {
    return new SupposedCounts(this.counter, this.#changes);
  }

  /** Supposes more pods (or fewer) in the topology the node of this slot lies in; in none where it lies in none. */
  change(slot: number, amount: number): void {
    const id = this.counter.idAt(slot);
    if (id < 0 || amount === 0) return;
    this.#changes.set(id, (this.#changes.get(id) ?? 0) + amount);
    this.#least = undefined;
  }

  sumOf(id: number): number {
    const sum = this.counter.sumOf(id);
    return this.#changes.size === 0 ? sum : sum + (this.#changes.get(id) ?? 0);
  }

  /** The sum over the topology of the node of this slot; 0 where it lies in none. */
  sumAt(slot: number): number {
    const id = this.counter.idAt(slot);
    return id < 0 ? 0 : this.sumOf(id);
  }

  /** The sum over all values. */
  get total(): number {
    let { total } = this.counter;
    for (const change of this.#changes.values()) total += change;
    return total;
  }

  /** The least sum of a domain; Infinity where there is none. */
  get least(): number {
    this.#least ??= this.#findLeast();
    return this.#least;
  }

  #findLeast(): number {
    const { least } = this.counter;
    if (this.#changes.size === 0) return least.sum;
    let found = Number.POSITIVE_INFINITY;
    let unchangedLeast = least.values;
    for (const id of this.#changes.keys()) {
      if (!this.counter.isDomain(id)) continue;
      found = Math.min(found, this.sumOf(id));
      if (this.counter.sumOf(id) === least.sum) unchangedLeast--;
    }
    return unchangedLeast > 0 ? Math.min(found, least.sum) : this.#leastOfAll();
  }

  #leastOfAll(): number {
    let found = Number.POSITIVE_INFINITY;
    for (let id = 0; id < this.counter.idCount; id++) {
      if (this.counter.isDomain(id)) found = Math.min(found, this.sumOf(id));
    }
    return found;
  }
}
