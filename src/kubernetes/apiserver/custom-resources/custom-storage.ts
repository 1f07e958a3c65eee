// Where the objects of one version of a custom resource are kept, and how they look from it: settled by the schema as it is now,
// converted from the version they were stored in.

import { equalJson, formatApiVersion, type KubeObject } from "#kubernetes/api";
import type { Collection, StoredObject } from "#kubernetes/store";
import { copyJson } from "../registry/bodies/copy.ts";
import type { ResourceStorage } from "../registry/resources/served-resource.ts";
import { createWatchHub } from "../registry/watch/watch-hub.ts";
import type { Converter } from "./conversion/converter.ts";
import { createPreparedHub } from "./conversion/prepared-hub.ts";
import type { CustomKind } from "./custom-kind.ts";
import { pruneConverted, settleStored } from "./decode-custom.ts";

export interface CustomStorageOptions {
  readonly kind: CustomKind;
  readonly version: string;
  readonly collection: Collection;
  readonly converter: Converter;
}

export function createCustomStorage(options: CustomStorageOptions): ResourceStorage {
  const views = new Views(options);
  const { collection, converter } = options;
  const show = (stored: StoredObject) => views.show(stored);
  const prepare = converter.isRemote ? (stored: readonly StoredObject[]) => views.prepare(stored) : undefined;
  return {
    collection,
    isPlain: false,
    show,
    ...(prepare && { prepare }),
    toStored: (object) => views.toStored(object),
    isStale: (shown) => views.isStale(shown),
    hub: prepare ? createPreparedHub({ collection, view: show, prepare }) : createWatchHub({ collection, view: show }),
  };
}

/** What each stored object looks like from here, made once. */
class Views {
  readonly #options: CustomStorageOptions;
  readonly #views = new WeakMap<StoredObject, StoredObject>();
  /** Objects this server has written: these are settled already. */
  readonly #settled = new WeakSet<KubeObject>();
  readonly #stale = new WeakSet<StoredObject>();

  constructor(options: CustomStorageOptions) {
    this.#options = options;
  }

  show(stored: StoredObject): StoredObject {
    const known = this.#views.get(stored);
    if (known) return known;
    const { version, converter, kind } = this.#options;
    const settled = this.#settle(stored);
    const object = this.#isAt(settled, version)
      ? settled
      : pruneConverted(copyJson(converter.convertNow(settled, version)), kind);
    return this.#remember(stored, object);
  }

  /** Undefined where all are ready to be shown. */
  prepare(items: readonly StoredObject[]): Promise<void> | undefined {
    const { version } = this.#options;
    const waiting = items.filter((stored) => !this.#views.has(stored) && !this.#isAt(stored.object, version));
    return waiting.length === 0 ? undefined : this.#convert(waiting);
  }

  toStored(object: KubeObject): KubeObject | Promise<KubeObject> {
    const { kind, converter } = this.#options;
    if (this.#isAt(object, kind.storageVersion)) return this.#noteSettled(object);
    const finish = (converted: KubeObject) => {
      const own = copyJson(converted);
      return this.#noteSettled(pruneConverted(own, kind));
    };
    if (!converter.isRemote) return finish(converter.convertNow(object, kind.storageVersion));
    return converter.convert([object], kind.storageVersion).then(([converted]) => finish(converted!));
  }

  /** Stored in another version than objects are stored in now: an update that changes nothing writes it anew. */
  isStale(shown: StoredObject): boolean {
    return this.#stale.has(shown);
  }

  async #convert(items: readonly StoredObject[]): Promise<void> {
    const { version, converter, kind } = this.#options;
    const converted = await converter.convert(
      items.map((stored) => this.#settle(stored)),
      version,
    );
    for (const [index, stored] of items.entries()) {
      this.#remember(stored, pruneConverted(copyJson(converted[index]!), kind));
    }
  }

  #remember(stored: StoredObject, object: KubeObject): StoredObject {
    const view = object === stored.object ? stored : new SettledObject(stored, object);
    this.#views.set(stored, view);
    if (!this.#isAt(stored.object, this.#options.kind.storageVersion)) this.#stale.add(view);
    return view;
  }

  /** The object by its own version's schema; the very same where nothing was to do. */
  #settle(stored: StoredObject): KubeObject {
    const { object } = stored;
    if (this.#settled.has(object)) return object;
    const settled = settleStored(copyJson(object), this.#options.kind);
    return equalJson(settled, object) ? object : settled;
  }

  #noteSettled(object: KubeObject): KubeObject {
    this.#settled.add(object);
    return object;
  }

  #isAt(object: KubeObject, version: string): boolean {
    return object.apiVersion === formatApiVersion({ group: this.#options.kind.group, version });
  }
}

class SettledObject implements StoredObject {
  readonly key: string;
  readonly revision: number;
  readonly object: KubeObject;
  #bytes: Uint8Array | undefined;

  constructor({ key, revision }: StoredObject, object: KubeObject) {
    this.key = key;
    this.revision = revision;
    this.object = object;
  }

  get bytes(): Uint8Array {
    this.#bytes ??= Buffer.from(JSON.stringify(this.object));
    return this.#bytes;
  }
}
