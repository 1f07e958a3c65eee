// Informers whose copies a test sets itself: no server, no waiting.

import { formatKey, type KubeObject, keyOf, type Resource } from "#kubernetes/api";
import type { IndexFunction, Informer, InformerHandler, InformerSet } from "#kubernetes/client";

export class FakeInformers implements InformerSet {
  readonly #informers = new Map<string, FakeInformer<KubeObject>>();

  informer<T extends KubeObject>(resource: Resource<T>): FakeInformer<T> {
    const key = `${resource.group}/${resource.resource}`;
    let informer = this.#informers.get(key);
    if (!informer) {
      informer = new FakeInformer();
      this.#informers.set(key, informer);
    }
    return informer as unknown as FakeInformer<T>;
  }

  /** Adds the object, or replaces it; handlers are told. */
  put<T extends KubeObject>(resource: Resource<T>, ...objects: T[]): void {
    for (const object of objects) this.informer(resource).put(object);
  }

  remove<T extends KubeObject>(resource: Resource<T>, object: T): void {
    this.informer(resource).remove(object);
  }

  start(): void {}
  async synced(): Promise<void> {}
  async forget(): Promise<void> {}
  async stop(): Promise<void> {}
}

class FakeInformer<T extends KubeObject> implements Informer<T> {
  readonly #objects = new Map<string, T>();
  readonly #indexes = new Map<string, IndexFunction<T>>();
  readonly #handlers = new Set<InformerHandler<T>>();
  readonly hasSynced = true;
  readonly resourceVersion = "1";

  put(object: T): void {
    const key = formatKey(keyOf(object));
    const old = this.#objects.get(key);
    this.#objects.set(key, object);
    for (const handler of this.#handlers) {
      if (old) handler.updated?.(object, old);
      else handler.added?.(object, false);
    }
  }

  remove(object: T): void {
    this.#objects.delete(formatKey(keyOf(object)));
    for (const handler of this.#handlers) handler.deleted?.(object);
  }

  get(key: { readonly namespace?: string | undefined; readonly name: string }): T | undefined {
    return this.#objects.get(
      formatKey(key.namespace ? { namespace: key.namespace, name: key.name } : { name: key.name }),
    );
  }

  list(namespace?: string): readonly T[] {
    const all = [...this.#objects.values()];
    return namespace === undefined ? all : all.filter(({ metadata }) => metadata.namespace === namespace);
  }

  byIndex(index: string, value: string): readonly T[] {
    return this.list().filter((object) => this.#indexes.get(index)!(object).includes(value));
  }

  get size(): number {
    return this.#objects.size;
  }

  addIndex(name: string, index: IndexFunction<T>): void {
    this.#indexes.set(name, index);
  }

  addHandler(handler: InformerHandler<T>): () => void {
    this.#handlers.add(handler);
    for (const object of this.#objects.values()) handler.added?.(object, true);
    return () => void this.#handlers.delete(handler);
  }

  async synced(): Promise<void> {}
  async reached(): Promise<void> {}
}
