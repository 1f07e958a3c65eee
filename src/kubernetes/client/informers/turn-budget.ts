// Cuts long loops into slices, so that 150,000 objects arriving at once do not keep everybody else from the event loop.

const sliceMs = 8;
const stepsBetweenLooks = 32;

/** One per loop. `isSpent` is cheap enough to ask for every element; when it says yes, await `renew` and go on. */
export class TurnBudget {
  #sliceStart = performance.now();
  #steps = 0;

  isSpent(): boolean {
    if (++this.#steps < stepsBetweenLooks) return false;
    this.#steps = 0;
    return performance.now() - this.#sliceStart >= sliceMs;
  }

  /** Lets a turn of the event loop pass. */
  async renew(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.#sliceStart = performance.now();
  }
}
