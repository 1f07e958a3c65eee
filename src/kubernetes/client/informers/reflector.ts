// Keeps a copy current: one list, then a watch from there; resumes a watch that ends, and lists anew when its past is gone.

import { isExpired, isStatusError, type KubeObject, type Resource, type WatchEvent } from "#kubernetes/api";
import { type Clock, describeError, type Logger } from "#shared";
import type { Client } from "../client.ts";
import type { InformerScope } from "../informer.ts";
import { createBackoff } from "./backoff.ts";

/** What is kept current. Both methods resolve when the change is in and its handlers were told. */
export interface ReflectorSink<T extends KubeObject> {
  /** The whole state at a version. */
  replace(objects: readonly T[], resourceVersion: string): Promise<void>;
  /** Changes since, in order; bookmarks included. */
  apply(events: readonly WatchEvent<T>[]): Promise<void>;
}

export interface ReflectorOptions<T extends KubeObject> {
  readonly client: Client;
  readonly resource: Resource<T>;
  readonly scope: InformerScope;
  readonly sink: ReflectorSink<T>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** Marks the bookmark after which a streamed list is complete. */
const initialEventsEnd = "k8s.io/initial-events-end";
const pageSize = 500;
/** A watch that ends sooner, without an event, is counted as a failure: the server is not well. */
const shortWatchMs = 1000;

/** Runs until the signal fires; never throws. */
export async function runReflector<T extends KubeObject>(options: ReflectorOptions<T>): Promise<void> {
  const { clock, logger, resource, signal } = options;
  const reflector = new Reflector(options);
  const backoff = createBackoff({ clock });
  while (!signal.aborted) {
    const startedAt = clock.now();
    try {
      const hadEvents = await reflector.follow();
      if (hadEvents || clock.now() - startedAt >= shortWatchMs) backoff.reset();
      else await backoff.wait(signal);
    } catch (error) {
      if (signal.aborted) return;
      const wasWell = clock.now() - startedAt >= shortWatchMs;
      if (wasWell) backoff.reset();
      // The versions of a quiet watch go stale as a matter of course: the new list need not wait.
      if (isExpired(error) && wasWell) continue;
      logger.info(
        { resource: resource.resource, error: describeError(error) },
        "informer lost its watch, trying again",
      );
      await backoff.wait(signal).catch(() => {});
    }
  }
}

class Reflector<T extends KubeObject> {
  readonly #options: ReflectorOptions<T>;
  /** Where to resume; undefined before the first list and after a version has expired. */
  #version: string | undefined;
  #canStreamLists = true;

  constructor(options: ReflectorOptions<T>) {
    this.#options = options;
  }

  /** Follows one watch to its end, after a list where one is needed. Answers whether anything came. */
  async follow(): Promise<boolean> {
    try {
      if (this.#version !== undefined) return await this.#watch();
      if (this.#canStreamLists) return await this.#followFromStreamedList();
      await this.#list();
      await this.#watch();
      return true;
    } catch (error) {
      if (isExpired(error)) this.#version = undefined;
      if (this.#version !== undefined || !this.#canStreamLists || !isRefusedStreaming(error)) throw error;
      this.#canStreamLists = false;
      return this.follow();
    }
  }

  async #followFromStreamedList(): Promise<boolean> {
    const { client, resource, scope, sink, signal } = this.#options;
    let staged: T[] | undefined = [];
    for await (const events of client.watch(resource, { ...scope, signal, sendInitialEvents: true })) {
      if (staged === undefined) {
        await this.#apply(events);
        continue;
      }
      const end = stageInitialEvents(events, staged);
      if (end < 0) continue;
      const { resourceVersion = "" } = events[end]!.object.metadata;
      await sink.replace(staged, resourceVersion);
      this.#version = resourceVersion;
      staged = undefined;
      if (end + 1 < events.length) await this.#apply(events.slice(end + 1));
    }
    return staged === undefined;
  }

  async #list(): Promise<void> {
    const { client, resource, scope, sink, signal } = this.#options;
    const objects: T[] = [];
    let page = await client.list(resource, { ...scope, signal, limit: pageSize });
    objects.push(...page.items);
    while (page.continue !== undefined) {
      page = await client.list(resource, { ...scope, signal, limit: pageSize, continue: page.continue });
      objects.push(...page.items);
    }
    await sink.replace(objects, page.resourceVersion);
    this.#version = page.resourceVersion;
  }

  async #watch(): Promise<boolean> {
    const { client, resource, scope, signal } = this.#options;
    let hadEvents = false;
    for await (const events of client.watch(resource, { ...scope, signal, resourceVersion: this.#version! })) {
      hadEvents = true;
      await this.#apply(events);
    }
    return hadEvents;
  }

  async #apply(events: readonly WatchEvent<T>[]): Promise<void> {
    await this.#options.sink.apply(events);
    this.#version = events.at(-1)?.object.metadata.resourceVersion ?? this.#version;
  }
}

/** Adds the objects of a streamed list to `staged`; answers where in the batch the list ended, or -1. */
function stageInitialEvents<T extends KubeObject>(events: readonly WatchEvent<T>[], staged: T[]): number {
  for (const [position, { type, object }] of events.entries()) {
    if (type === "ADDED") staged.push(object);
    else if (type === "BOOKMARK" && object.metadata.annotations?.[initialEventsEnd] === "true") return position;
  }
  return -1;
}

/** A server without streamed lists calls the option invalid. */
function isRefusedStreaming(error: unknown): boolean {
  return isStatusError(error) && (error.reason === "Invalid" || error.reason === "BadRequest");
}
