// Lists made by expressions.

import { equal } from "./equal.ts";
import { type CelList, type CelValue, isList } from "./value.ts";

/** A list of values at hand. What `items` holds must not change afterwards. */
export class ArrayList implements CelList {
  readonly kind = "list";
  readonly items: readonly CelValue[];

  constructor(items: readonly CelValue[]) {
    this.items = items;
  }

  get size(): number {
    return this.items.length;
  }

  at(index: number): CelValue {
    return this.items[index]!;
  }

  equal(other: CelValue): CelValue {
    return isList(other) && equalItems(this, other);
  }

  add(other: CelList): CelValue {
    return concatenate(this, other);
  }

  contains(value: CelValue): CelValue {
    return containsItem(this, value);
  }
}

/** Two lists one after the other, without copying either. Chains are flattened once they are deep. */
class ConcatList implements CelList {
  readonly kind = "list";
  readonly size: number;
  readonly depth: number;
  readonly #first: CelList;
  readonly #second: CelList;

  constructor(first: CelList, second: CelList) {
    this.#first = first;
    this.#second = second;
    this.size = first.size + second.size;
    this.depth = Math.max(depthOf(first), depthOf(second)) + 1;
  }

  at(index: number): CelValue {
    return index < this.#first.size ? this.#first.at(index) : this.#second.at(index - this.#first.size);
  }

  equal(other: CelValue): CelValue {
    return isList(other) && equalItems(this, other);
  }

  add(other: CelList): CelValue {
    return concatenate(this, other);
  }

  contains(value: CelValue): CelValue {
    const found = this.#first.contains(value);
    return found === true ? found : this.#second.contains(value);
  }
}

/** The list a comprehension gathers: adding to it changes it. Settled before anyone else sees it. */
export class GrowingList implements CelList {
  readonly kind = "list";
  readonly #items: CelValue[] = [];

  get size(): number {
    return this.#items.length;
  }

  at(index: number): CelValue {
    return this.#items[index]!;
  }

  equal(other: CelValue): CelValue {
    return isList(other) && equalItems(this, other);
  }

  add(other: CelList): CelValue {
    const { size } = other;
    for (let index = 0; index < size; index++) this.#items.push(other.at(index));
    return this;
  }

  contains(value: CelValue): CelValue {
    return containsItem(this, value);
  }

  settle(): ArrayList {
    return new ArrayList(this.#items);
  }
}

/** The ints from 0 up to, not including, an end: never written out, whatever the end. */
export class RangeList implements CelList {
  readonly kind = "list";
  readonly size: number;

  constructor(end: bigint) {
    this.size = end > 0n ? Number(end) : 0;
  }

  at(index: number): CelValue {
    return BigInt(index);
  }

  equal(other: CelValue): CelValue {
    return isList(other) && equalItems(this, other);
  }

  add(other: CelList): CelValue {
    return concatenate(this, other);
  }

  contains(value: CelValue): CelValue {
    return containsItem(this, value);
  }
}

const MAX_CONCAT_DEPTH = 16;

function depthOf(list: CelList): number {
  return list instanceof ConcatList ? list.depth : 0;
}

export function concatenate(first: CelList, second: CelList): CelList {
  if (first.size === 0) return second;
  if (second.size === 0) return first;
  if (depthOf(first) < MAX_CONCAT_DEPTH && depthOf(second) < MAX_CONCAT_DEPTH) return new ConcatList(first, second);
  return new ArrayList([...itemsOf(first), ...itemsOf(second)]);
}

export function* itemsOf(list: CelList): Generator<CelValue> {
  for (let index = 0; index < list.size; index++) yield list.at(index);
}

export function equalItems(a: CelList, b: CelList): boolean {
  if (a.size !== b.size) return false;
  for (let index = 0; index < a.size; index++) if (equal(a.at(index), b.at(index)) === false) return false;
  return true;
}

export function containsItem(list: CelList, value: CelValue): boolean {
  for (let index = 0; index < list.size; index++) if (equal(value, list.at(index)) === true) return true;
  return false;
}
