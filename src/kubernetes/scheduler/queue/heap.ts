// A binary heap from which any element can be taken, and in which any can be moved to its new place.

export class Heap<T> {
  readonly #isBefore: (a: T, b: T) => boolean;
  readonly #items: T[] = [];
  readonly #indexes = new Map<T, number>();

  constructor(isBefore: (a: T, b: T) => boolean) {
    this.#isBefore = isBefore;
  }

  get size(): number {
    return this.#items.length;
  }

  has(item: T): boolean {
    return this.#indexes.has(item);
  }

  /** In no order. */
  values(): Iterable<T> {
    return this.#items;
  }

  peek(): T | undefined {
    return this.#items[0];
  }

  /** Adds the item, or finds its new place where it is in and has changed. */
  put(item: T): void {
    const at = this.#indexes.get(item) ?? this.#items.push(item) - 1;
    this.#up(this.#down(at, item), item);
  }

  pop(): T | undefined {
    const first = this.#items[0];
    if (first !== undefined) this.delete(first);
    return first;
  }

  delete(item: T): boolean {
    const at = this.#indexes.get(item);
    if (at === undefined) return false;
    this.#indexes.delete(item);
    const last = this.#items.pop()!;
    if (at < this.#items.length) this.#up(this.#down(at, last), last);
    return true;
  }

  #up(at: number, item: T): void {
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#isBefore(item, this.#items[parent]!)) break;
      this.#set(at, this.#items[parent]!);
      at = parent;
    }
    this.#set(at, item);
  }

  /** Moves the hole at `at` down to where the item may stand; answers where that is. */
  #down(at: number, item: T): number {
    const items = this.#items;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= items.length) return at;
      if (child + 1 < items.length && this.#isBefore(items[child + 1]!, items[child]!)) child++;
      if (!this.#isBefore(items[child]!, item)) return at;
      this.#set(at, items[child]!);
      at = child;
    }
  }

  #set(at: number, item: T): void {
    this.#items[at] = item;
    this.#indexes.set(item, at);
  }
}
