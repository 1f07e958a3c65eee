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
}

export interface Queue<T> {
  readonly index: number;
  readonly waiting: Waiting<T>[];
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
  readonly executing = new Set<SeatRequest<T>>();
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
    const { limited } = spec ?? {};
    this.#queuing = limited?.limitResponse?.queuing;
    const handSize = this.#queuing?.handSize ?? 1;
    this.#mostSeats = Math.max(1, Math.min(Math.ceil(seats * mostShareOfOne), Math.floor(seats / handSize)));
    this.#limit = limited && {
      seats,
      lendable: Math.floor((seats * (limited.lendablePercent ?? 0)) / 100),
      borrowable: Math.floor((seats * (limited.borrowingLimitPercent ?? Number.POSITIVE_INFINITY)) / 100),
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
      if (queue.waiting.length === 0) this.#queues.delete(queue.index);
      return this.#refuse("queue-full");
    }
    return this.#wait(queue, request);
  }

  /** The request is over. */
  release(request: SeatRequest<T>): void {
    this.#taken -= request.seats;
    this.executing.delete(request);
    this.dispatch();
  }

  /** Holds seats for what a request has set off; the answer gives them back. */
  hold(seats: number): () => void {
    this.#taken += seats;
    return () => {
      this.#taken -= seats;
      this.dispatch();
    };
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
      if (queue.waiting.length === 0) this.#queues.delete(queue.index);
      this.#waiting--;
      next.start();
    }
  }

  #nextQueue(): Queue<T> {
    let next: Queue<T> | undefined;
    for (const queue of this.#queues.values()) if (!next || queue.served < next.served) next = queue;
    return next!;
  }

  /** A request that wants more than there are at all may run alone. */
  #hasSeats(wanted: number): boolean {
    if (!this.#limit || this.#taken + wanted <= this.#limit.seats) return true;
    if (wanted > this.#limit.seats && this.#taken === 0 && this.#limit.seats > 0) return true;
    const lent = this.#taken + wanted - Math.max(this.#limit.seats, this.#taken);
    return this.borrowed + lent <= this.#limit.borrowable && this.#lenders.spareSeats(this) >= lent;
  }

  #start(request: SeatRequest<T>): void {
    this.#taken += request.seats;
    this.executing.add(request);
    this.counts.dispatched++;
  }

  #refuse(why: Refused): Refused {
    this.counts.rejected++;
    return why;
  }

  #wait(queue: Queue<T>, request: SeatRequest<T>): Promise<Refused | undefined> {
    this.#waiting++;
    return new Promise((resolve) => {
      const cancel = request.deadline(() => {
        queue.waiting.splice(queue.waiting.indexOf(entry), 1);
        if (queue.waiting.length === 0) this.#queues.delete(queue.index);
        this.#waiting--;
        this.counts.timedOut++;
        resolve("time-out");
        // It may have kept smaller ones from running.
        this.dispatch();
      });
      const start = (): void => {
        cancel();
        this.#start(request);
        resolve(undefined);
      };
      const entry: Waiting<T> = { request, start };
      queue.waiting.push(entry);
    });
  }

  #queueOf(flow: string, { queues = 1, handSize = 1 }: QueuingConfiguration): Queue<T> {
    let best: number | undefined;
    for (const index of dealHand(hashOf(flow), queues, handSize)) {
      if (best === undefined || this.#lengthOf(index) < this.#lengthOf(best)) best = index;
    }
    const index = best ?? 0;
    const queue = this.#queues.get(index) ?? { index, waiting: [], served: this.#served };
    this.#queues.set(index, queue);
    return queue;
  }

  #lengthOf(index: number): number {
    return this.#queues.get(index)?.waiting.length ?? 0;
  }
}

const mostShareOfOne = 0.15;
