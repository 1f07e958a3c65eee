// One informer: its copy, its handlers, and those who wait for it to reach a version. All changes go through one queue of
// tasks, so handlers see them in order, and a handler that comes late catches up before it hears of anything new.

import { type KubeObject, keyOf, type ObjectKey, type WatchEvent } from "#kubernetes/api";
import { abortable, type Logger } from "#shared";
import type { IndexFunction, Informer, InformerHandler } from "../informer.ts";
import { ObjectIndex } from "./object-index.ts";
import type { ReflectorSink } from "./reflector.ts";
import { compareResourceVersions } from "./resource-version.ts";
import { TurnBudget } from "./turn-budget.ts";

interface Waiter {
  readonly version: string;
  resolve(): void;
  reject(error: Error): void;
}

export class SharedInformer<T extends KubeObject> implements Informer<T>, ReflectorSink<T> {
  readonly #objects = new ObjectIndex<T>();
  readonly #handlers = new Set<InformerHandler<T>>();
  readonly #logger: Logger;
  readonly #listed = Promise.withResolvers<void>();
  #hasList = false;
  /** Handlers that have not been told yet of what there is. */
  #catchingUp = 0;
  /** The end of the queue of tasks; never rejects. */
  #tail: Promise<void> = Promise.resolve();
  #version = "";
  #waiters: Waiter[] = [];
  #isStopped = false;

  constructor(logger: Logger) {
    this.#logger = logger;
    this.#listed.promise.catch(() => {});
  }

  get size(): number {
    return this.#objects.size;
  }

  get hasSynced(): boolean {
    return this.#hasList && this.#catchingUp === 0;
  }

  get resourceVersion(): string {
    return this.#version;
  }

  get(key: ObjectKey): T | undefined {
    return this.#objects.get(key);
  }

  list(namespace?: string): readonly T[] {
    return this.#objects.list(namespace);
  }

  byIndex(index: string, value: string): readonly T[] {
    return this.#objects.byIndex(index, value);
  }

  addIndex(name: string, index: IndexFunction<T>): void {
    this.#objects.addIndex(name, index);
  }

  addHandler(handler: InformerHandler<T>): () => void {
    let isRemoved = false;
    this.#catchingUp++;
    void this.#enqueue(async () => {
      const budget = new TurnBudget();
      for (const object of this.#objects.values()) {
        if (isRemoved) break;
        this.#guard(() => handler.added?.(object, true));
        if (budget.isSpent()) await budget.renew();
      }
      if (!isRemoved) this.#handlers.add(handler);
      this.#catchingUp--;
    });
    return () => {
      isRemoved = true;
      this.#handlers.delete(handler);
    };
  }

  async synced(signal?: AbortSignal): Promise<void> {
    await abortable(this.#listed.promise, signal);
    if (this.#catchingUp > 0) await abortable(this.#tail, signal);
  }

  reached(resourceVersion: string | undefined, signal?: AbortSignal): Promise<void> {
    if (resourceVersion === undefined || compareResourceVersions(this.#version, resourceVersion) >= 0) {
      return Promise.resolve();
    }
    if (this.#isStopped) return Promise.reject(stoppedError());
    const waiting = new Promise<void>((resolve, reject) => {
      this.#waiters.push({ version: resourceVersion, resolve, reject });
    });
    return abortable(waiting, signal);
  }

  replace(objects: readonly T[], resourceVersion: string): Promise<void> {
    return this.#enqueue(async () => {
      const isInitialList = !this.#hasList;
      await this.#setAll(objects, isInitialList);
      if (!isInitialList) await this.#deleteAllBut(objects);
      this.#advance(resourceVersion);
      this.#hasList = true;
      this.#listed.resolve();
    });
  }

  apply(events: readonly WatchEvent<T>[]): Promise<void> {
    return this.#enqueue(async () => {
      const budget = new TurnBudget();
      for (const event of events) {
        this.#version = event.object.metadata.resourceVersion ?? this.#version;
        if (event.type === "DELETED") this.#delete(event.object);
        else if (event.type !== "BOOKMARK") this.#set(event.object, false);
        if (!budget.isSpent()) continue;
        this.#wake();
        await budget.renew();
      }
      this.#wake();
    });
  }

  /** Nothing more will come: waiting is in vain. */
  stop(): void {
    this.#isStopped = true;
    for (const waiter of this.#waiters) waiter.reject(stoppedError());
    this.#waiters = [];
    this.#listed.reject(stoppedError());
  }

  #enqueue(task: () => Promise<void>): Promise<void> {
    this.#tail = this.#tail.then(task);
    return this.#tail;
  }

  async #setAll(objects: readonly T[], isInitialList: boolean): Promise<void> {
    const budget = new TurnBudget();
    for (const object of objects) {
      this.#set(object, isInitialList);
      if (budget.isSpent()) await budget.renew();
    }
  }

  /** Tells of the deletes that were missed while there was no watch. */
  async #deleteAllBut(objects: readonly T[]): Promise<void> {
    const present = new ObjectIndex<T>();
    const budget = new TurnBudget();
    for (const object of objects) {
      present.set(object);
      if (budget.isSpent()) await budget.renew();
    }
    for (const object of this.#objects.list()) {
      if (!present.get(keyOf(object))) this.#delete(object);
      if (budget.isSpent()) await budget.renew();
    }
  }

  #set(object: T, isInitialList: boolean): void {
    const old = this.#objects.get(keyOf(object));
    if (old && old.metadata.uid !== object.metadata.uid) this.#delete(old);
    else if (old && old.metadata.resourceVersion === object.metadata.resourceVersion) return;
    const replaced = this.#objects.set(object);
    for (const handler of this.#handlers) {
      this.#guard(() => (replaced ? handler.updated?.(object, replaced) : handler.added?.(object, isInitialList)));
    }
  }

  #delete(lastState: T): void {
    if (!this.#objects.delete(keyOf(lastState))) return;
    for (const handler of this.#handlers) this.#guard(() => handler.deleted?.(lastState));
  }

  #advance(version: string): void {
    this.#version = version;
    this.#wake();
  }

  #wake(): void {
    if (this.#waiters.length === 0) return;
    const isReached = (waiter: Waiter) => compareResourceVersions(this.#version, waiter.version) >= 0;
    const ready = this.#waiters.filter(isReached);
    if (ready.length === 0) return;
    this.#waiters = this.#waiters.filter((waiter) => !isReached(waiter));
    for (const waiter of ready) waiter.resolve();
  }

  /** A handler that throws breaks its contract; the others must not suffer. */
  #guard(call: () => void): void {
    try {
      call();
    } catch (error) {
      this.#logger.error({ err: error }, "informer handler threw");
    }
  }
}

function stoppedError(): Error {
  return new Error("Cannot wait for the informer: it has stopped");
}
