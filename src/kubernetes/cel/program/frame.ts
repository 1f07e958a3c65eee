// One evaluation: where variables come from, what it has cost so far, and when it must stop.

import type { CelValue } from "../values/value.ts";

/** The values of variables; undefined for what has none. */
export type Activation = (name: string) => CelValue | undefined;

/** A part of a program, ready to run. */
export type Step = (frame: Frame) => CelValue;

/** Thrown where an evaluation has cost more than it may. */
export class CostExceeded extends Error {}

/** Thrown where the caller no longer wants the result. */
export class Interrupted extends Error {}

const CHECK_FREQUENCY = 100;

export class Frame {
  readonly find: Activation;
  /** The variables of comprehensions, by slot. */
  readonly locals: (CelValue | undefined)[] = [];
  cost = 0;
  readonly #limit: number;
  readonly #signal: AbortSignal | undefined;
  #rounds = 0;

  constructor(find: Activation, limit: number, signal: AbortSignal | undefined) {
    this.find = find;
    this.#limit = limit;
    this.#signal = signal;
  }

  charge(cost: number): void {
    this.cost += cost;
    if (this.cost > this.#limit) throw new CostExceeded();
  }

  /** Called in every round of a comprehension. */
  checkSignal(): void {
    if (++this.#rounds % CHECK_FREQUENCY === 0 && this.#signal?.aborted) throw new Interrupted();
  }
}
