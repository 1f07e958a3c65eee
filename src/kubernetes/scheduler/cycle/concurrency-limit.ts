// Lets so many things run at once; the others wait in line.

export class ConcurrencyLimit {
  readonly #most: number;
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(most: number) {
    this.#most = most;
  }

  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#most) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#running++;
    try {
      return await task();
    } finally {
      // Who waits takes over the place of who leaves.
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running--;
    }
  }
}
