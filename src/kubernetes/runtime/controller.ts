// Runs a reconciler: watches fill its queue, workers take keys from it, outcomes decide what comes next.

import { isConflict, isNotFound } from "#kubernetes/api";
import { type Clock, describeError, type Logger, silentLogger, systemClock } from "#shared";
import type { WorkQueueMetrics } from "./metrics.ts";
import { type Reconcile, type ReconcileContext, TerminalError } from "./reconciler.ts";
import type { Watch } from "./watch.ts";
import { type KeyQueue, WorkQueue } from "./work-queue.ts";

export interface ControllerOptions {
  /** As in logs, metrics and --controllers. */
  readonly name: string;
  readonly reconcile: Reconcile;
  readonly watches: readonly Watch[];
  /** How many keys are worked on at once. Default 5. */
  readonly workers?: number;
  readonly clock?: Clock;
  readonly logger?: Logger;
  /** Makes the reporter of the queue, by the controller's name. */
  readonly queueMetrics?: ((queue: string) => WorkQueueMetrics) | undefined;
}

export interface Controller {
  readonly name: string;
  /** For keys that come from elsewhere than the watches. */
  readonly queue: KeyQueue;
  /** Attaches the watches; workers begin when all have synced. Their informers are started by whoever owns them. */
  start(): void;
  /** Resolves when no reconcile is running. A stopped controller does not start again. */
  stop(): Promise<void>;
}

/** Reconciles that never wait for anything would otherwise keep everything else from running. */
const turnMs = 8;

export function createController(options: ControllerOptions): Controller {
  return new QueueController(options);
}

class QueueController implements Controller {
  readonly name: string;
  readonly #reconcile: Reconcile;
  readonly #watches: readonly Watch[];
  readonly #workers: number;
  readonly #context: ReconcileContext;
  readonly #queue: WorkQueue;
  readonly #abort = new AbortController();
  readonly #detach: (() => void)[] = [];
  #running = 0;
  #isReady = false;
  #turnStart = 0;
  #isTurnScheduled = false;
  #onIdle: (() => void) | undefined;

  constructor({
    name,
    reconcile,
    watches,
    workers = 5,
    clock = systemClock,
    logger = silentLogger,
    queueMetrics,
  }: ControllerOptions) {
    this.name = name;
    this.#reconcile = reconcile;
    this.#watches = watches;
    this.#workers = workers;
    this.#context = { signal: this.#abort.signal, clock, logger: logger.child({ controller: name }) };
    this.#queue = new WorkQueue({
      clock,
      onReady: () => this.#schedule(),
      ...(queueMetrics && { metrics: queueMetrics(name) }),
    });
  }

  get queue(): KeyQueue {
    return this.#queue;
  }

  start(): void {
    for (const watch of this.#watches) this.#detach.push(watch.attach(this.#queue));
    void this.#begin();
  }

  async stop(): Promise<void> {
    this.#abort.abort(new Error(`the ${this.name} controller stops`));
    this.#queue.stop();
    for (const detach of this.#detach.splice(0)) detach();
    if (this.#running === 0) return;
    await new Promise<void>((resolve) => {
      this.#onIdle = resolve;
    });
  }

  async #begin(): Promise<void> {
    const { signal, logger } = this.#context;
    try {
      await Promise.all(this.#watches.map((watch) => watch.synced(signal)));
    } catch (error) {
      if (!signal.aborted) logger.error({ err: error }, "controller cannot start: its informers have stopped");
      return;
    }
    this.#isReady = true;
    this.#schedule();
  }

  /** Work begins in a turn of its own, never inside the informer's. */
  #schedule(): void {
    if (!this.#isReady || this.#isTurnScheduled || this.#running >= this.#workers) return;
    this.#isTurnScheduled = true;
    setImmediate(() => {
      this.#isTurnScheduled = false;
      this.#turnStart = performance.now();
      this.#takeWork();
    });
  }

  #takeWork(): void {
    while (this.#running < this.#workers && !this.#abort.signal.aborted) {
      if (performance.now() - this.#turnStart > turnMs) {
        this.#schedule();
        return;
      }
      const key = this.#queue.take();
      if (key === undefined) return;
      this.#running++;
      void this.#work(key);
    }
  }

  async #work(key: string): Promise<void> {
    const start = performance.now();
    let busyMs = 0;
    try {
      const reconciling = this.#reconcile(key, this.#context);
      // Up to its first wait, that is: what comes later cannot be told from what others do meanwhile.
      busyMs = performance.now() - start;
      const result = await reconciling;
      this.#queue.forget(key);
      if (result.outcome === "requeue") this.#queue.addAfter(key, result.afterMs);
    } catch (error) {
      this.#fail(key, error);
    }
    this.#queue.finish(key, busyMs);
    this.#running--;
    if (this.#abort.signal.aborted) {
      if (this.#running === 0) this.#onIdle?.();
    } else {
      this.#takeWork();
    }
  }

  #fail(key: string, error: unknown): void {
    const { signal, logger } = this.#context;
    if (signal.aborted) return;
    if (error instanceof TerminalError) {
      this.#queue.forget(key);
      logger.error({ key, error: error.message }, "reconcile gave up until something changes");
      return;
    }
    this.#queue.addRateLimited(key);
    const line = { key, error: describeError(error), attempt: this.#queue.retries(key) };
    // Somebody else was faster: everyday, and mended by looking again.
    if (isConflict(error) || isNotFound(error)) logger.debug(line, "reconcile lost a race, trying again");
    else logger.warn(line, "reconcile failed, trying again");
  }
}
