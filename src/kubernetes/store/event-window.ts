// The changes of one collection that are still known: a queue in revision order, added to at the end, dropped at the front.

import type { StoreEvent } from "./store.ts";
import type { DeletedObject, EncodedObject } from "./stored-object.ts";

/** A change between states the index keeps. */
export interface IndexEvent extends StoreEvent {
  readonly current: EncodedObject | DeletedObject;
  readonly previous?: EncodedObject;
}

/** What an event takes besides the states it holds: itself, its place in the queue, the new state's own fields. */
const eventOverheadBytes = 256;

export class EventWindow {
  /** Slots before `#start` are empty. */
  #slots: (IndexEvent | undefined)[] = [];
  #start = 0;
  #bytes = 0;

  get length(): number {
    return this.#slots.length - this.#start;
  }

  /** About how much memory only the window holds: states that were replaced or deleted since. */
  get bytes(): number {
    return this.#bytes;
  }

  push(event: IndexEvent): void {
    this.#slots.push(event);
    this.#bytes += bytesHeldBy(event);
  }

  /** The events after the revision, oldest first. */
  after(revision: number): IndexEvent[] {
    return this.#slots.slice(this.#positionAfter(revision)) as IndexEvent[];
  }

  /** Drops events up to the revision, the newest `keep` excepted; answers the revision of the newest dropped. */
  drop(revision: number, keep: number): number | undefined {
    const end = Math.min(this.#positionAfter(revision), this.#slots.length - keep);
    let last: number | undefined;
    for (; this.#start < end; this.#start++) {
      const event = this.#slots[this.#start]!;
      last = event.revision;
      this.#bytes -= bytesHeldBy(event);
      this.#slots[this.#start] = undefined;
    }
    if (this.#start > 1024 && this.#start * 2 > this.#slots.length) {
      this.#slots = this.#slots.slice(this.#start);
      this.#start = 0;
    }
    return last;
  }

  clone(): EventWindow {
    const copy = new EventWindow();
    copy.#slots = this.#slots.slice(this.#start);
    copy.#bytes = this.#bytes;
    return copy;
  }

  #positionAfter(revision: number): number {
    let low = this.#start;
    let high = this.#slots.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#slots[middle]!.revision <= revision) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** The same on push and on drop, so a deleted state's bytes count whether or not they were made. */
function bytesHeldBy(event: IndexEvent): number {
  const previous = event.previous?.bytes.length ?? 0;
  return eventOverheadBytes + (event.type === "delete" ? 2 * previous : previous);
}
