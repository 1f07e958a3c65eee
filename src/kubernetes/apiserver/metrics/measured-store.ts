// A store whose calls are timed, under upstream's names for calls to etcd. Nobody waits longer for an answer because of it.

import type { Collection, Store } from "#kubernetes/store";
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

  write(exposition: Exposition): void {
    for (const family of [this.#durations, this.#requests, this.#errors]) family.write(exposition);
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
        collection = measureCollection(store.collection(prefix), metrics);
        measured.set(prefix, collection);
      }
      return collection;
    },
    sync: () => store.sync(),
    compact: (revision) => store.compact(revision),
    close: () => store.close(),
  };
}

function measureCollection(collection: Collection, metrics: StoreMetrics): Collection {
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
  return {
    prefix: collection.prefix,
    count: () => collection.count(),
    get: (key) => timed("get", () => collection.get(key)),
    list: (options) => timed("list", () => collection.list(options)),
    put: (key, object, expected, options) =>
      timed(expected === 0 ? "create" : "update", () => collection.put(key, object, expected, options)),
    delete: (key, expected) => timed("delete", () => collection.delete(key, expected)),
    watch: (after, listener, onEnd) => collection.watch(after, listener, onEnd),
  };
}
