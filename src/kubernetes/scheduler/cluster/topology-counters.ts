// Counts of pods by node and by topology value, kept for as long as they are asked for: each look brings them up to date with
// the nodes that have changed since the last one, instead of counting all pods of all nodes anew.

import type { Node } from "#kubernetes/api";
import type { NodeInfo } from "./node-info.ts";
import type { PodInfo } from "./pod-info.ts";
import type { Snapshot } from "./snapshot.ts";

/** What a pod adds to the count of its node; 0 for pods that do not count. */
export type AmountOf = (pod: PodInfo) => number;

type ChangeLog = Pick<Snapshot, "slots" | "generation" | "forEachChangedSince">;

/** More kept counters than this are hardly all in use; the one longest unused goes. */
const mostKept = 512;

export class TopologyCounters {
  readonly #log: ChangeLog;
  readonly #nodeCounters = new Map<string, NodeCounter>();
  readonly #topologyCounters = new Map<string, TopologyCounter>();

  constructor(log: ChangeLog) {
    this.#log = log;
  }

  /** The counter of this key, up to date. Equal keys must come with amounts that agree. */
  byNode(key: string, amountOf: AmountOf): NodeCounter {
    let counter = this.#nodeCounters.get(key);
    if (counter) this.#nodeCounters.delete(key);
    else counter = new NodeCounter(this.#log, amountOf);
    keep(this.#nodeCounters, key, counter);
    counter.refresh();
    return counter;
  }

  /**
   * Sums a counter over the nodes that have the same value of a label. `includes` leaves nodes out; `scopeKey` names it, ""
   * where all nodes count.
   */
  byTopology(
    base: { readonly key: string; readonly amountOf: AmountOf },
    topologyKey: string,
    scope: { readonly key: string; readonly includes: (node: Node) => boolean } = everyNode,
  ): TopologyCounter {
    const key = `${topologyKey}\n${scope.key}\n${base.key}`;
    const nodeCounter = this.byNode(base.key, base.amountOf);
    let counter = this.#topologyCounters.get(key);
    if (counter && counter.base === nodeCounter) this.#topologyCounters.delete(key);
    else counter = new TopologyCounter(this.#log, nodeCounter, topologyKey, scope.includes);
    keep(this.#topologyCounters, key, counter);
    counter.refresh();
    return counter;
  }
}

const everyNode = { key: "", includes: () => true };

function keep<T>(counters: Map<string, T>, key: string, counter: T): void {
  if (counters.size >= mostKept) counters.delete(counters.keys().next().value!);
  counters.set(key, counter);
}

export class NodeCounter {
  readonly #log: ChangeLog;
  readonly #amountOf: AmountOf;
  #generation = 0;
  #amounts = new Float64Array(0);

  constructor(log: ChangeLog, amountOf: AmountOf) {
    this.#log = log;
    this.#amountOf = amountOf;
  }

  refresh(): void {
    const { slots, generation } = this.#log;
    if (generation === this.#generation) return;
    if (this.#amounts.length < slots) this.#amounts = grow(this.#amounts, slots, Float64Array);
    this.#log.forEachChangedSince(this.#generation, (node) => {
      let sum = 0;
      for (const pod of node.pods) sum += this.#amountOf(pod);
      this.#amounts[node.slot] = sum;
    });
    this.#generation = generation;
  }

  at(slot: number): number {
    return this.#amounts[slot]!;
  }
}

export class TopologyCounter {
  readonly base: NodeCounter;
  readonly topologyKey: string;
  readonly #log: ChangeLog;
  readonly #includes: (node: Node) => boolean;
  #generation = 0;
  readonly #ids = new Map<string, number>();
  /** By id of a value: the sum, and how many nodes are in it. */
  readonly #sums: number[] = [];
  readonly #members: number[] = [];
  /** By slot: the id of the node's value (-1: it has none), and what it has added to the sum (NaN: it is left out). */
  #idBySlot = new Int32Array(0);
  #addedBySlot = new Float64Array(0);
  #least: { readonly sum: number; readonly values: number } | undefined;
  #domains = 0;
  #total = 0;

  constructor(log: ChangeLog, base: NodeCounter, topologyKey: string, includes: (node: Node) => boolean) {
    this.#log = log;
    this.base = base;
    this.topologyKey = topologyKey;
    this.#includes = includes;
  }

  refresh(): void {
    const { slots, generation } = this.#log;
    if (generation === this.#generation) return;
    this.#makeRoom(slots);
    this.#log.forEachChangedSince(this.#generation, (node) => this.#update(node));
    this.#generation = generation;
  }

  /** The id of the topology value a node has, -1 where it has none. */
  idAt(slot: number): number {
    return this.#idBySlot[slot]!;
  }

  /** The id of a value; undefined where no node has had it. */
  idOf(value: string): number | undefined {
    return this.#ids.get(value);
  }

  sumOf(id: number): number {
    return this.#sums[id]!;
  }

  /** The sum over the topology the node lies in; 0 where it lies in none. */
  sumAt(slot: number): number {
    const id = this.#idBySlot[slot]!;
    return id < 0 ? 0 : this.#sums[id]!;
  }

  /** The sum over all values. */
  get total(): number {
    return this.#total;
  }

  /** How many values there are with a node that is not left out. */
  get domains(): number {
    return this.#domains;
  }

  isDomain(id: number): boolean {
    return this.#members[id]! > 0;
  }

  /** The least sum of a domain and how many have it; Infinity where there is none. */
  get least(): { readonly sum: number; readonly values: number } {
    this.#least ??= this.#findLeast();
    return this.#least;
  }

  /** Ids of all values, those without nodes included. */
  get idCount(): number {
    return this.#sums.length;
  }

  #makeRoom(slots: number): void {
    const before = this.#idBySlot.length;
    if (before >= slots) return;
    this.#idBySlot = grow(this.#idBySlot, slots, Int32Array);
    this.#idBySlot.fill(-1, before);
    this.#addedBySlot = grow(this.#addedBySlot, slots, Float64Array);
    this.#addedBySlot.fill(Number.NaN, before);
  }

  #update(info: NodeInfo): void {
    const { slot, node } = info;
    const value = node?.metadata.labels?.[this.topologyKey];
    const id = value === undefined ? -1 : this.#idFor(value);
    const added = id >= 0 && this.#includes(node!) ? this.base.at(slot) : Number.NaN;
    const oldId = this.#idBySlot[slot]!;
    const oldAdded = this.#addedBySlot[slot]!;
    if (oldId === id && Object.is(oldAdded, added)) return;
    if (!Number.isNaN(oldAdded)) this.#change(oldId, -oldAdded, -1);
    if (!Number.isNaN(added)) this.#change(id, added, 1);
    this.#idBySlot[slot] = id;
    this.#addedBySlot[slot] = added;
    this.#least = undefined;
  }

  #idFor(value: string): number {
    let id = this.#ids.get(value);
    if (id === undefined) {
      id = this.#sums.length;
      this.#ids.set(value, id);
      this.#sums.push(0);
      this.#members.push(0);
    }
    return id;
  }

  #change(id: number, sum: number, members: 1 | -1): void {
    const before = this.#members[id]!;
    this.#sums[id]! += sum;
    this.#total += sum;
    this.#members[id] = before + members;
    if (before === 0) this.#domains++;
    else if (before + members === 0) this.#domains--;
  }

  #findLeast(): { sum: number; values: number } {
    let sum = Number.POSITIVE_INFINITY;
    let values = 0;
    for (let id = 0; id < this.#sums.length; id++) {
      if (this.#members[id] === 0) continue;
      const own = this.#sums[id]!;
      if (own < sum) {
        sum = own;
        values = 1;
      } else if (own === sum) values++;
    }
    return { sum, values };
  }
}

function grow<T extends Float64Array<ArrayBuffer> | Int32Array<ArrayBuffer>>(
  array: T,
  length: number,
  make: new (length: number) => T,
): T {
  const grown = new make(Math.max(64, length, array.length * 2));
  grown.set(array);
  return grown;
}
