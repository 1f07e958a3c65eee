// Pods that are being scheduled, and what has happened since each was taken: a pod that then turns out unschedulable may owe its
// next chance to one of these events.

import type { KubeObject } from "#kubernetes/api";
import type { ClusterEvent } from "../events.ts";

export interface RecordedEvent {
  readonly event: ClusterEvent;
  readonly old: KubeObject | undefined;
  readonly now: KubeObject | undefined;
}

export class InFlight {
  /** By uid, the number of the first event after the pod was taken; in the order they were taken. */
  readonly #pods = new Map<string, number>();
  #events: RecordedEvent[] = [];
  /** The number of the first event in the list. */
  #firstNumber = 0;

  get size(): number {
    return this.#pods.size;
  }

  has(uid: string): boolean {
    return this.#pods.has(uid);
  }

  /** Answers false where the pod is in flight already. */
  start(uid: string): boolean {
    if (this.#pods.has(uid)) return false;
    this.#pods.set(uid, this.#firstNumber + this.#events.length);
    return true;
  }

  record(event: RecordedEvent): void {
    if (this.#pods.size > 0) this.#events.push(event);
  }

  eventsSince(uid: string): readonly RecordedEvent[] {
    const first = this.#pods.get(uid);
    return first === undefined ? [] : this.#events.slice(first - this.#firstNumber);
  }

  /** The pod's attempt has ended; events only it could have asked for go. */
  finish(uid: string): void {
    if (!this.#pods.delete(uid)) return;
    const [oldest] = this.#pods.values();
    const end = oldest ?? this.#firstNumber + this.#events.length;
    if (end === this.#firstNumber) return;
    this.#events = this.#events.slice(end - this.#firstNumber);
    this.#firstNumber = end;
  }

  clear(): void {
    this.#pods.clear();
    this.#events = [];
  }
}
