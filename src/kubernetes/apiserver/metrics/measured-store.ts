// A store whose calls are timed, under upstream's names for calls to etcd. Nobody waits longer for an answer because of it.

import type { Collection, Store, StoreEvent } from "#kubernetes/store";
import { type CollectionName, collectionOf } from "../registry/resources/collection-name.ts";
import type { Exposition } from "./exposition.ts";
import { Counters, Histograms } from "./families.ts";

const labels = ["group", "operation", "resource"];

export class StoreMetrics {
  readonly #durations = new Histograms({
    name: "etcd_request_duration_seconds",
    help: "How long the store took to answer.",
    labels,
    bounds: [0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60],
  });
  readonly #requests = new Counters({ name: "etcd_requests_total", help: "Calls of the store.", labels });
  readonly #errors = new Counters({
    name: "etcd_request_errors_total",
    help: "Calls of the store that failed.",
    labels,
  });

  readonly #received = ["apiserver_storage_events_received_total", "apiserver_watch_cache_events_received_total"].map(
    (name) => new Counters({ name, help: "Changes the store told of.", labels: ["group", "resource"] }),
  );

  /** Begins a call; the answer notes its end. */
  begin({ group, resource }: Pick<CollectionName, "group" | "resource">, operation: string): (failed: boolean) => void {
    const start = performance.now();
    return (failed) => {
      const values = [group, operation, resource];
      this.#durations.observe(values, (performance.now() - start) / 1000);
      this.#requests.add(values);
      if (failed) this.#errors.add(values);
    };
  }

  noteEvents({ group, resource }: Pick<CollectionName, "group" | "resource">, count: number): void {
    for (const family of this.#received) family.add([group, resource], count);
  }

  write(exposition: Exposition): void {
    const families = [this.#durations, this.#requests, this.#errors, ...this.#received];
    for (const family of families) family.write(exposition);
  }
}

export function measureStore(store: Store, metrics: StoreMetrics): Store {
  const measured = new Map<string, Collection>();
  return {
    get revision() {
      return store.revision;
    },
    collection(prefix) {
      let collection = measured.get(prefix);
      if (!collection) {
        collection = measureCollection(store.collection(prefix), metrics, store.revision);
        measured.set(prefix, collection);
      }
      return collection;
    },
    sync: () => store.sync(),
    compact: (revision) => store.compact(revision),
    close: () => store.close(),
  };
}

/** `since`: what came about before this revision is not counted. */
function measureCollection(collection: Collection, metrics: StoreMetrics, since: number): Collection {
  const name = collectionOf(collection.prefix);
  const timed = <T>(operation: string, call: () => Promise<T>): Promise<T> => {
    const end = metrics.begin(name, operation);
    const answer = call();
    answer.then(
      () => end(false),
      () => end(true),
    );
    return answer;
  };
  let last = since;
  /** Several may watch, from now or from the past: every change is counted once. */
  const counted =
    (listener: (events: readonly StoreEvent[]) => void) =>
    (events: readonly StoreEvent[]): void => {
      const news = events.filter(({ revision }) => revision > last).length;
      if (news > 0) metrics.noteEvents(name, news);
      last = Math.max(last, events.at(-1)?.revision ?? 0);
      listener(events);
    };
  return {
    prefix: collection.prefix,
    count: () => collection.count(),
    get: (key) => timed("get", () => collection.get(key)),
    list: (options) => timed("list", () => collection.list(options)),
    put: (key, object, expected, options) =>
      timed(expected === 0 ? "create" : "update", () => collection.put(key, object, expected, options)),
    delete: (key, expected) => timed("delete", () => collection.delete(key, expected)),
    watch: (after, listener, onEnd) => collection.watch(after, counted(listener), onEnd),
  };
}
