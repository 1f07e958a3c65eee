// Leads objects of one kind through their life: for each change of one, asks what is next for it, waits as long as that takes,
// and does it. One thing at a time per object; many objects at a time.

import { isConflict, isNotFound, type KubeObject } from "#kubernetes/api";
import { compareResourceVersions } from "#kubernetes/client";
import { DelayQueue } from "#kubernetes/runtime";
import { type Clock, describeError, type Logger } from "#shared";
import { Gate } from "./gate.ts";

export interface LifePlan<T> {
  readonly delayMs: number;
  /** The object as it is afterwards; undefined: gone, or nobody knows. */
  run(): Promise<T | undefined>;
  /** What is next is asked at once, not when the change comes back. */
  readonly goesOnAtOnce?: boolean;
}

export interface LifeEngineOptions<T> {
  /** What is next for the object; undefined: nothing. */
  plan(object: T): LifePlan<T> | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  /** So many at a time. */
  readonly width: number;
}

interface Entry<T> {
  object: T;
  plan?: LifePlan<T>;
  /** As the object was when the plan was made. */
  plannedFor?: T;
  isRunning: boolean;
  /** As of the last write: what is older than that is no news. */
  writtenVersion?: string;
  failures: number;
}

const leastRetryMs = 200;
const mostRetryMs = 10_000;

export class LifeEngine<T extends KubeObject> {
  readonly #options: LifeEngineOptions<T>;
  /** Objects for which there is something to do, by uid. */
  readonly #entries = new Map<string, Entry<T>>();
  readonly #due: DelayQueue;
  readonly #gate: Gate;
  readonly #running = new Set<Promise<void>>();
  #isStopped = false;

  constructor(options: LifeEngineOptions<T>) {
    this.#options = options;
    this.#gate = new Gate(options.width);
    this.#due = new DelayQueue(options.clock, (uid) => this.#start(uid));
  }

  /** The object as it is now. */
  seen(object: T): void {
    const uid = object.metadata.uid ?? "";
    const entry = this.#entries.get(uid);
    if (!entry) {
      this.#replan(uid, { object, isRunning: false, failures: 0 });
      return;
    }
    if (isOlder(object, entry.writtenVersion)) return;
    delete entry.writtenVersion;
    const isNews = object.metadata.resourceVersion !== entry.object.metadata.resourceVersion;
    if (isNews) entry.object = object;
    if (!entry.isRunning && (isNews || !entry.plan)) this.#replan(uid, entry);
  }

  /** Asks again what is next, such as when the rules have changed. */
  ask(object: T): void {
    const uid = object.metadata.uid ?? "";
    const entry = this.#entries.get(uid);
    if (!entry?.isRunning) this.#replan(uid, entry ?? { object, isRunning: false, failures: 0 });
  }

  gone(object: T): void {
    const uid = object.metadata.uid ?? "";
    this.#entries.delete(uid);
    this.#due.remove(uid);
  }

  /** Resolves when nothing is being done any more. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#due.clear();
    await Promise.all(this.#running);
  }

  #replan(uid: string, entry: Entry<T>): void {
    this.#due.remove(uid);
    const plan = this.#options.plan(entry.object);
    if (!plan || this.#isStopped) {
      delete entry.plan;
      // Until its own last write has come back, older changes of it may still come.
      if (entry.writtenVersion === undefined) this.#entries.delete(uid);
      return;
    }
    entry.plan = plan;
    entry.plannedFor = entry.object;
    this.#entries.set(uid, entry);
    if (plan.delayMs > 0) this.#due.add(uid, plan.delayMs);
    else this.#start(uid);
  }

  #start(uid: string): void {
    const entry = this.#entries.get(uid);
    if (!entry?.plan || entry.isRunning) return;
    entry.isRunning = true;
    this.#gate.add(() => {
      const done = this.#run(uid, entry);
      this.#running.add(done);
      return done.finally(() => this.#running.delete(done));
    });
  }

  async #run(uid: string, entry: Entry<T>): Promise<void> {
    if (this.#isStopped || this.#entries.get(uid) !== entry) return;
    const { plan, object } = entry;
    if (entry.plannedFor !== object) {
      // It has changed while it waited its turn.
      entry.isRunning = false;
      this.#replan(uid, entry);
      return;
    }
    try {
      const after = await plan!.run();
      entry.failures = 0;
      entry.isRunning = false;
      this.#settle(uid, entry, object, after);
    } catch (error) {
      entry.isRunning = false;
      this.#fail(uid, entry, object, error);
    }
  }

  /** The change itself comes back through the watch: until then, what is known of the object is old. */
  #settle(uid: string, entry: Entry<T>, before: T, after: T | undefined): void {
    if (this.#entries.get(uid) !== entry) return;
    if (!after) {
      this.#entries.delete(uid);
      return;
    }
    const { resourceVersion } = after.metadata;
    if (resourceVersion !== undefined) entry.writtenVersion = resourceVersion;
    const isNewer = entry.object !== before && !isOlder(entry.object, resourceVersion);
    if (!isNewer) entry.object = after;
    if (isNewer || entry.plan?.goesOnAtOnce) this.#replan(uid, entry);
    else delete entry.plan;
  }

  #fail(uid: string, entry: Entry<T>, before: T, error: unknown): void {
    if (this.#entries.get(uid) !== entry || this.#isStopped) return;
    if (isNotFound(error)) {
      this.#entries.delete(uid);
      return;
    }
    // Someone has changed it in between: the change comes, or is here already.
    if (isConflict(error) && entry.object !== before) {
      this.#replan(uid, entry);
      return;
    }
    const { name, namespace } = before.metadata;
    this.#options.logger.warn(
      { name, namespace, error: describeError(error) },
      "simulated change failed, trying again",
    );
    this.#due.add(uid, Math.min(mostRetryMs, leastRetryMs * 2 ** entry.failures++));
  }
}

function isOlder(object: KubeObject, version: string | undefined): boolean {
  const own = object.metadata.resourceVersion;
  return version !== undefined && own !== undefined && compareResourceVersions(own, version) < 0;
}
