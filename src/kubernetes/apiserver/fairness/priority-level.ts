// One priority level: so many requests of it run at once, the others wait in queues that are served in turn, or are refused. Flows are
// dealt to queues by shuffle sharding: one that floods fills its own few, and hardly another's all.

import type { PriorityLevelConfiguration, QueuingConfiguration } from "#kubernetes/api";

/** Why a request was refused, by upstream's names. */
export type Refused = "queue-full" | "concurrency-limit" | "time-out";

/** What a level may take beyond its own, and whoever it takes it from. */
export interface Lenders {
  /** Seats that others could do without now, less those already borrowed. */
  spareSeats(borrower: PriorityLevel): number;
}

interface Waiting {
  readonly start: () => void;
  readonly queue: Waiting[];
}

export class PriorityLevel {
  readonly name: string;
  uid = "";
  /** Absent: nothing holds its requests back. */
  #limit: { seats: number; lendable: number; borrowable: number } | undefined;
  #queuing: QueuingConfiguration | undefined;
  readonly #queues = new Map<number, Waiting[]>();
  readonly #lenders: Lenders;
  #running = 0;
  #waiting = 0;

  constructor(name: string, lenders: Lenders) {
    this.name = name;
    this.#lenders = lenders;
  }

  configure({ metadata, spec }: PriorityLevelConfiguration, seats: number): void {
    this.uid = metadata.uid ?? "";
    const { limited } = spec ?? {};
    this.#queuing = limited?.limitResponse?.queuing;
    this.#limit = limited && {
      seats,
      lendable: Math.floor((seats * (limited.lendablePercent ?? 0)) / 100),
      borrowable: Math.floor((seats * (limited.borrowingLimitPercent ?? Number.POSITIVE_INFINITY)) / 100),
    };
    this.#dispatch();
  }

  /** Its configuration has gone: whoever still waits may run. */
  retire(): void {
    this.#limit = undefined;
    this.#dispatch();
  }

  get running(): number {
    return this.#running;
  }

  get waiting(): number {
    return this.#waiting;
  }

  get seats(): number {
    return this.#limit?.seats ?? 0;
  }

  /** Seats of its own that it could do without now. */
  get spare(): number {
    if (!this.#limit) return 0;
    return Math.max(Math.min(this.#limit.lendable, this.#limit.seats - this.#running), 0);
  }

  get borrowed(): number {
    return this.#limit ? Math.max(this.#running - this.#limit.seats, 0) : 0;
  }

  /** Takes a seat, at once or after a wait; `release` gives it back. Answers why not, where it gets none. */
  acquire(
    flow: string,
    deadline: (expire: () => void) => () => void,
  ): Refused | undefined | Promise<Refused | undefined> {
    if (this.#waiting === 0 && this.#hasSeat()) {
      this.#running++;
      return undefined;
    }
    if (!this.#queuing) return "concurrency-limit";
    const { queueLengthLimit } = this.#queuing;
    const queue = this.#queueOf(flow, this.#queuing);
    if (queue.length >= (queueLengthLimit ?? 0)) return "queue-full";
    return this.#wait(queue, deadline);
  }

  release(): void {
    this.#running--;
    this.#dispatch();
  }

  #hasSeat(): boolean {
    if (!this.#limit || this.#running < this.#limit.seats) return true;
    return this.borrowed < this.#limit.borrowable && this.#lenders.spareSeats(this) > 0;
  }

  #wait(queue: Waiting[], deadline: (expire: () => void) => () => void): Promise<Refused | undefined> {
    this.#waiting++;
    return new Promise((resolve) => {
      const cancel = deadline(() => {
        queue.splice(queue.indexOf(entry), 1);
        this.#waiting--;
        resolve("time-out");
      });
      const start = (): void => {
        cancel();
        this.#running++;
        resolve(undefined);
      };
      const entry: Waiting = { start, queue };
      queue.push(entry);
    });
  }

  /** The next of each queue in turn, while there are seats. */
  #dispatch(): void {
    for (const [index, queue] of this.#queues) {
      if (!this.#hasSeat()) return;
      const next = queue.shift();
      this.#queues.delete(index);
      if (!next) continue;
      // A map is walked in the order of insertion: what was served goes to its end.
      if (queue.length > 0) this.#queues.set(index, queue);
      this.#waiting--;
      next.start();
    }
  }

  #queueOf(flow: string, { queues = 1, handSize = 1 }: QueuingConfiguration): Waiting[] {
    let best: number | undefined;
    for (const index of dealHand(hashOf(flow), queues, handSize)) {
      if (best === undefined || this.#lengthOf(index) < this.#lengthOf(best)) best = index;
    }
    let queue = this.#queues.get(best!);
    if (!queue) {
      queue = [];
      this.#queues.set(best!, queue);
    }
    return queue;
  }

  #lengthOf(index: number): number {
    return this.#queues.get(index)?.length ?? 0;
  }
}

/** So many different queues, told by the hash alone. */
export function dealHand(hash: bigint, deckSize: number, handSize: number): number[] {
  const hand: number[] = [];
  let rest = hash;
  for (let dealt = 0; dealt < handSize && dealt < deckSize; dealt++) {
    const left = BigInt(deckSize - dealt);
    let card = Number(rest % left);
    rest /= left;
    for (const taken of [...hand].sort((a, b) => a - b)) if (card >= taken) card++;
    hand.push(card);
  }
  return hand;
}

/** FNV-1a with 64 bits. */
export function hashOf(text: string): bigint {
  let hash = 0xcbf29ce484222325n;
  for (const byte of Buffer.from(text)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return hash;
}
