// The nodes of each zone that wait for their turn to be tainted so that their pods leave.

import type { Clock } from "#shared";
import { TokenBucket } from "./token-bucket.ts";

interface ZoneQueue {
  readonly nodes: Set<string>;
  readonly bucket: TokenBucket;
}

export class ZoneQueues {
  readonly #clock: Clock;
  readonly #rate: number;
  readonly #zones = new Map<string, ZoneQueue>();

  /** @param rate The rate a zone starts with. */
  constructor(clock: Clock, rate: number) {
    this.#clock = clock;
    this.#rate = rate;
  }

  add(zone: string, node: string): void {
    this.#zone(zone).nodes.add(node);
  }

  remove(node: string): void {
    for (const { nodes } of this.#zones.values()) nodes.delete(node);
  }

  setRate(zone: string, rate: number): void {
    this.#zone(zone).bucket.setRate(rate, this.#clock.now());
  }

  clear(): void {
    for (const { nodes } of this.#zones.values()) nodes.clear();
  }

  /** The next node whose turn it is; undefined where none waits, or where it is nobody's turn yet. */
  take(zone: string): string | undefined {
    const { nodes, bucket } = this.#zone(zone);
    const [first] = nodes;
    if (first === undefined || !bucket.tryTake(this.#clock.now())) return undefined;
    nodes.delete(first);
    return first;
  }

  /** Until `take` answers a node; undefined where none waits or none may go. */
  msUntilTurn(zone: string): number | undefined {
    const { nodes, bucket } = this.#zone(zone);
    return nodes.size === 0 ? undefined : bucket.msUntilToken(this.#clock.now());
  }

  #zone(zone: string): ZoneQueue {
    const found = this.#zones.get(zone) ?? {
      nodes: new Set<string>(),
      bucket: new TokenBucket(this.#rate, this.#clock.now()),
    };
    this.#zones.set(zone, found);
    return found;
  }
}
