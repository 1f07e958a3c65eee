// Items in key order (by UTF-16 code units): sorted chunks, so that an insert among 150,000 moves a few hundred pointers.

interface Keyed {
  readonly key: string;
}

const mostInChunk = 512;

/** A sorted list with one item per key. Ranks count from 0. */
export class OrderedList<T extends Keyed> {
  /** None is empty. */
  #chunks: T[][];
  #size = 0;

  /** Takes items that are in key order, each key once. */
  constructor(sorted: readonly T[] = []) {
    this.#chunks = [];
    for (let start = 0; start < sorted.length; start += mostInChunk) {
      this.#chunks.push(sorted.slice(start, start + mostInChunk));
    }
    this.#size = sorted.length;
  }

  get size(): number {
    return this.#size;
  }

  get(key: string): T | undefined {
    const chunk = this.#chunks[this.#chunkOf(key)];
    if (!chunk) return undefined;
    const item = chunk[lowerBound(chunk, key)];
    return item?.key === key ? item : undefined;
  }

  /** Puts the item in its place; answers the one that was there. */
  set(item: T): T | undefined {
    const at = this.#chunkOf(item.key);
    const chunk = this.#chunks[at];
    if (!chunk) {
      this.#chunks.push([item]);
      this.#size++;
      return undefined;
    }
    const index = lowerBound(chunk, item.key);
    const there = chunk[index];
    if (there?.key === item.key) {
      chunk[index] = item;
      return there;
    }
    this.#insert(at, index, item);
    return undefined;
  }

  delete(key: string): T | undefined {
    const at = this.#chunkOf(key);
    const chunk = this.#chunks[at];
    if (!chunk) return undefined;
    const index = lowerBound(chunk, key);
    const there = chunk[index];
    if (there?.key !== key) return undefined;
    chunk.splice(index, 1);
    if (chunk.length === 0) this.#chunks.splice(at, 1);
    this.#size--;
    return there;
  }

  /** How many items have a smaller key. */
  rank(key: string): number {
    const at = this.#chunkOf(key);
    const chunk = this.#chunks[at];
    if (!chunk) return 0;
    let rank = lowerBound(chunk, key);
    for (let before = 0; before < at; before++) rank += this.#chunks[before]!.length;
    return rank;
  }

  /** The items of the ranks from `start` to before `end`. */
  slice(start = 0, end = this.#size): T[] {
    const items: T[] = [];
    let first = 0;
    for (const chunk of this.#chunks) {
      if (first >= end) break;
      const from = Math.max(start - first, 0);
      const to = Math.min(end - first, chunk.length);
      for (let index = from; index < to; index++) items.push(chunk[index]!);
      first += chunk.length;
    }
    return items;
  }

  clone(): OrderedList<T> {
    const copy = new OrderedList<T>();
    copy.#chunks = this.#chunks.map((chunk) => chunk.slice());
    copy.#size = this.#size;
    return copy;
  }

  #insert(at: number, index: number, item: T): void {
    const chunk = this.#chunks[at]!;
    this.#size++;
    if (chunk.length < mostInChunk) {
      chunk.splice(index, 0, item);
      return;
    }
    const isAppend = at === this.#chunks.length - 1 && index === chunk.length;
    if (isAppend) {
      this.#chunks.push([item]);
      return;
    }
    const right = chunk.splice(mostInChunk / 2);
    this.#chunks.splice(at + 1, 0, right);
    if (index <= chunk.length) chunk.splice(index, 0, item);
    else right.splice(index - chunk.length, 0, item);
  }

  /** Where the key belongs: the last chunk that starts at or before it, else the first. */
  #chunkOf(key: string): number {
    let low = 0;
    let high = this.#chunks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#chunks[middle]![0]!.key <= key) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

/** The index of the first item whose key is not smaller. */
function lowerBound(items: readonly Keyed[], key: string): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (items[middle]!.key < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
