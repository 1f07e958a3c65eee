// One priority level: its requests take seats, as many as they are work; those for whom there are none wait in queues that are served
// by how much each has had, or are refused. Flows are dealt to queues by shuffle sharding: one that floods fills its own few, and
// hardly another's all.

import type { PriorityLevelConfiguration, QueuingConfiguration } from "#kubernetes/api";
import { dealHand, hashOf } from "./shuffle-shard.ts";

/** Why a request was refused, by upstream's names. */
export type Refused = "queue-full" | "concurrency-limit" | "time-out" | "cancelled";

/** What a level may take beyond its own, and whoever it takes it from. */
export interface Lenders {
  /** Seats that others could do without now, less those already borrowed. */
  spareSeats(borrower: PriorityLevel): number;
  /** Called when the level has given seats back and needs none of them itself. */
  seatsFreed?(lender: PriorityLevel): void;
}

/** A request that takes seats. */
export interface SeatRequest<T = unknown> {
  /** Tells flows apart. */
  readonly flow: string;
  readonly seats: number;
  /** What dumps show of it. */
  readonly about: T;
  /** Calls back when it has waited long enough; the answer calls that off. */
  readonly deadline: (expire: () => void) => () => void;
  /** Calls back when whoever asked has gone; the answer calls that off. */
  readonly gone?: ((leave: () => void) => () => void) | undefined;
}

export interface Queue<T> {
  readonly index: number;
  readonly waiting: Waiting<T>[];
  /** Those that have waited in it and run now. */
  readonly executing: Set<SeatRequest<T>>;
  /** Grows with every seat that is given to it: whoever has had least is next. */
  served: number;
}

interface Waiting<T> {
  readonly request: SeatRequest<T>;
  readonly start: () => void;
}

interface Limit {
  readonly seats: number;
  readonly lendable: number;
  readonly borrowable: number;
}

export class PriorityLevel<T = unknown> {
  readonly name: string;
  readonly counts = { dispatched: 0, rejected: 0, timedOut: 0, cancelled: 0 };
  /** Each with the queue it has waited in, if it had to wait. */
  readonly #executing = new Map<SeatRequest<T>, Queue<T> | undefined>();
  uid = "";
  /** Absent: nothing holds its requests back. */
  #limit: Limit | undefined;
  #mostSeats = 1;
  #queuing: QueuingConfiguration | undefined;
  readonly #queues = new Map<number, Queue<T>>();
  readonly #lenders: Lenders;
  #taken = 0;
  #waiting = 0;
  /** What the queue served last has had: new ones begin there. */
  #served = 0;
  #isRetired = false;

  constructor(name: string, lenders: Lenders) {
    this.name = name;
    this.#lenders = lenders;
  }

  configure({ metadata, spec }: PriorityLevelConfiguration, seats: number): void {
    this.uid = metadata.uid ?? "";
    this.#isRetired = false;
    const { limited } = spec ?? {};
    this.#queuing = limited?.limitResponse?.queuing;
    const handSize = this.#queuing?.handSize ?? 1;
    this.#mostSeats = Math.max(1, Math.min(Math.ceil(seats * mostShareOfOne), Math.floor(seats / handSize)));
    this.#limit = limited && {
      seats,
      lendable: Math.floor((seats * (limited.lendablePercent ?? 0)) / 100),
      borrowable: borrowableOf(seats, limited.borrowingLimitPercent),
    };
    this.dispatch();
  }

  /** Its configuration has gone: whoever still waits may run. */
  retire(): void {
    this.#isRetired = true;
    this.#limit = undefined;
    this.dispatch();
  }

  get isRetired(): boolean {
    return this.#isRetired;
  }

  get executing(): readonly SeatRequest<T>[] {
    return [...this.#executing.keys()];
  }

  /** How many requests run. */
  get running(): number {
    return this.#executing.size;
  }

  /** Seats that are taken. */
  get taken(): number {
    return this.#taken;
  }

  /** Requests that wait. */
  get waiting(): number {
    return this.#waiting;
  }

  get seats(): number {
    return this.#limit?.seats ?? 0;
  }

  /** The most one request may take. */
  get mostSeats(): number {
    return this.#mostSeats;
  }

  /** Those in which requests wait, or from which some run. */
  get queues(): Queue<T>[] {
    return [...this.#queues.values()].sort((a, b) => a.index - b.index);
  }

  /** Seats of its own that it could do without now. */
  get spare(): number {
    if (!this.#limit) return 0;
    return Math.max(Math.min(this.#limit.lendable, this.#limit.seats - this.#taken), 0);
  }

  get borrowed(): number {
    return this.#limit ? Math.max(this.#taken - this.#limit.seats, 0) : 0;
  }

  /** Takes seats, at once or after a wait; `release` gives them back. Answers why not, where it gets none. */
  acquire(request: SeatRequest<T>): Refused | undefined | Promise<Refused | undefined> {
    if (this.#waiting === 0 && this.#hasSeats(request.seats)) {
      this.#start(request);
      return undefined;
    }
    if (!this.#queuing) return this.#refuse("concurrency-limit");
    const queue = this.#queueOf(request.flow, this.#queuing);
    if (queue.waiting.length >= (this.#queuing.queueLengthLimit ?? 0)) {
      this.#dropIfIdle(queue);
      return this.#refuse("queue-full");
    }
    return this.#wait(queue, request);
  }

  /** The request is over. */
  release(request: SeatRequest<T>): void {
    const queue = this.#executing.get(request);
    this.#executing.delete(request);
    if (queue) {
      queue.executing.delete(request);
      this.#dropIfIdle(queue);
    }
    this.#free(request.seats);
  }

  /** Holds seats for what a request has set off; the answer gives them back. */
  hold(seats: number): () => void {
    this.#taken += seats;
    return () => this.#free(seats);
  }

  /** Lets those run for whom there are seats, the queue that has had least first. */
  dispatch(): void {
    while (this.#waiting > 0) {
      const queue = this.#nextQueue();
      const next = queue.waiting[0]!;
      if (!this.#hasSeats(next.request.seats)) return;
      queue.waiting.shift();
      this.#served = queue.served;
      queue.served += next.request.seats;
      this.#waiting--;
      next.start();
    }
  }

  #free(seats: number): void {
    this.#taken -= seats;
    this.dispatch();
    if (this.#waiting === 0) this.#lenders.seatsFreed?.(this);
  }

  #nextQueue(): Queue<T> {
    let next: Queue<T> | undefined;
    for (const queue of this.#queues.values()) {
      if (queue.waiting.length > 0 && (!next || queue.served < next.served)) next = queue;
    }
    return next!;
  }

  #dropIfIdle({ index, waiting, executing }: Queue<T>): void {
    if (waiting.length === 0 && executing.size === 0) this.#queues.delete(index);
  }

  /** A request that wants more than there are at all may run alone. */
  #hasSeats(wanted: number): boolean {
    if (!this.#limit || this.#taken + wanted <= this.#limit.seats) return true;
    if (wanted > this.#limit.seats && this.#taken === 0 && this.#limit.seats > 0) return true;
    const lent = this.#taken + wanted - Math.max(this.#limit.seats, this.#taken);
    return this.borrowed + lent <= this.#limit.borrowable && this.#lenders.spareSeats(this) >= lent;
  }

  #start(request: SeatRequest<T>, queue?: Queue<T>): void {
    this.#taken += request.seats;
    this.#executing.set(request, queue);
    queue?.executing.add(request);
    this.counts.dispatched++;
  }

  #refuse(why: Refused): Refused {
    this.counts.rejected++;
    return why;
  }

  #wait(queue: Queue<T>, request: SeatRequest<T>): Promise<Refused | undefined> {
    this.#waiting++;
    return new Promise((resolve) => {
      const callOff: (() => void)[] = [];
      const end = (outcome: Refused | undefined): void => {
        for (const each of callOff) each();
        resolve(outcome);
      };
      const start = (): void => {
        this.#start(request, queue);
        end(undefined);
      };
      const entry: Waiting<T> = { request, start };
      const leave = (why: "time-out" | "cancelled"): void => {
        const at = queue.waiting.indexOf(entry);
        if (at < 0) return;
        queue.waiting.splice(at, 1);
        this.#dropIfIdle(queue);
        this.#waiting--;
        this.counts[why === "cancelled" ? why : "timedOut"]++;
        end(why);
        // It may have kept smaller ones from running.
        this.dispatch();
      };
      queue.waiting.push(entry);
      callOff.push(request.deadline(() => leave("time-out")));
      if (request.gone) callOff.push(request.gone(() => leave("cancelled")));
    });
  }

  #queueOf(flow: string, { queues = 1, handSize = 1 }: QueuingConfiguration): Queue<T> {
    let best: number | undefined;
    for (const index of dealHand(hashOf(flow), queues, handSize)) {
      if (best === undefined || this.#lengthOf(index) < this.#lengthOf(best)) best = index;
    }
    const index = best ?? 0;
    const queue = this.#queues.get(index) ?? { index, waiting: [], executing: new Set(), served: 0 };
    this.#queues.set(index, queue);
    // Whoever had nothing to ask for has no claim on what it did not use.
    if (queue.waiting.length === 0) queue.served = Math.max(queue.served, this.#served);
    return queue;
  }

  #lengthOf(index: number): number {
    return this.#queues.get(index)?.waiting.length ?? 0;
  }
}

const mostShareOfOne = 0.15;

function borrowableOf(seats: number, limitPercent: number | null | undefined): number {
  // Not a percentage of its own seats: it may have none.
  if (limitPercent === undefined || limitPercent === null) return Number.POSITIVE_INFINITY;
  return Math.floor((seats * limitPercent) / 100);
}
