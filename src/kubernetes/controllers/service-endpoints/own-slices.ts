// The slices one controller manages: what others do to them is put right, what the controller itself does is no news to it.

import { type EndpointSlice, keyOf, resources } from "#kubernetes/api";
import type { Client, Informer } from "#kubernetes/client";
import { done, type ReconcileResult, requeueAfter, type Watch, watch } from "#kubernetes/runtime";
import { OwnWrites } from "../own-writes.ts";
import { inBatches } from "../pods/batches.ts";
import { isNamespaceTerminating } from "../pods/pod-control.ts";
import { managedByLabel, serviceKeys, slicesOfService } from "./slice-index.ts";

/** What there is to do with slices; `update` holds them as they should become. */
export interface SliceChanges {
  readonly create: EndpointSlice[];
  readonly update: EndpointSlice[];
  readonly remove: EndpointSlice[];
}

/** Somebody else's changes are gathered for so long before they are put right. */
const foreignChangeMs = 1000;

export class OwnSlices {
  readonly #client: Client;
  readonly #slices: Informer<EndpointSlice>;
  readonly #manager: string;
  /** The keys being reconciled: what happens to their slices meanwhile is looked at when that ends. */
  readonly #busy = new Set<string>();

  /** @param slices Indexed by indexByService. */
  constructor(client: Client, slices: Informer<EndpointSlice>, manager: string) {
    this.#client = client;
    this.#slices = slices;
    this.#manager = manager;
  }

  /** Queues the services whose slices somebody else has changed. */
  watch(): Watch {
    return watch(this.#slices, (queue) => {
      const add = (slice: EndpointSlice) => {
        if (!this.#isOwn(slice)) return;
        for (const key of serviceKeys(slice)) if (!this.#busy.has(key)) queue.addAfter(key, foreignChangeMs);
      };
      return {
        added: add,
        updated(slice, old) {
          add(old);
          add(slice);
        },
        deleted: add,
      };
    });
  }

  /** Reconciles a service's slices through `sync`; comes back to them if somebody else has changed them meanwhile. */
  async keep(key: string, signal: AbortSignal, sync: (edit: SliceEdit) => Promise<void>): Promise<ReconcileResult> {
    this.#busy.add(key);
    const edit = new SliceEdit(this.#client, this.#slices, this.#of(key), signal);
    try {
      await sync(edit).finally(() => edit.seen());
      return edit.isWhatIs(this.#of(key)) ? done : requeueAfter(foreignChangeMs);
    } finally {
      this.#busy.delete(key);
    }
  }

  /** Those on their way out do not count. */
  #of(key: string): EndpointSlice[] {
    return slicesOfService(this.#slices, key).filter((slice) => {
      return this.#isOwn(slice) && !slice.metadata.deletionTimestamp;
    });
  }

  #isOwn({ metadata }: EndpointSlice): boolean {
    return metadata.labels?.[managedByLabel] === this.#manager;
  }
}

/** Changes of one service's slices, and what should be there after them. */
export class SliceEdit {
  readonly present: readonly EndpointSlice[];
  readonly #client: Client;
  readonly #slices: Informer<EndpointSlice>;
  readonly #signal: AbortSignal;
  readonly #writes = new OwnWrites();
  readonly #versions: Set<string | undefined>;

  constructor(client: Client, slices: Informer<EndpointSlice>, present: readonly EndpointSlice[], signal: AbortSignal) {
    this.#client = client;
    this.#slices = slices;
    this.#signal = signal;
    this.present = present;
    this.#versions = versionsOf(present);
  }

  /** Carries changes out; does nothing more when the namespace is being deleted. `owner` is named in errors. */
  async write({ create, update, remove }: SliceChanges, owner: string): Promise<void> {
    const signal = this.#signal;
    try {
      await inBatches(create, async (slice) => {
        this.#became(await this.#client.create(resources.endpointSlices, slice, { signal }));
      });
    } catch (error) {
      if (isNamespaceTerminating(error)) return;
      const message = `failed to create EndpointSlice for ${owner}: ${(error as Error).message}`;
      throw new Error(message, { cause: error });
    }
    await inBatches(update, async (slice) => {
      this.#became(await this.#client.update(resources.endpointSlices, slice, { signal }), slice);
    });
    await inBatches(remove, async (slice) => {
      const answer = await this.#client.delete(resources.endpointSlices, keyOf(slice), { signal });
      this.#writes.note(this.#slices, answer);
      this.#versions.delete(slice.metadata.resourceVersion);
    });
  }

  /** Resolves when the informer shows what was written. */
  seen(): Promise<void> {
    return this.#writes.seen(this.#signal);
  }

  isWhatIs(slices: readonly EndpointSlice[]): boolean {
    return this.#versions.symmetricDifference(versionsOf(slices)).size === 0;
  }

  #became(slice: EndpointSlice, old?: EndpointSlice): void {
    if (old) this.#versions.delete(old.metadata.resourceVersion);
    this.#writes.note(this.#slices, slice);
    this.#versions.add(slice.metadata.resourceVersion);
  }
}

function versionsOf(slices: readonly EndpointSlice[]): Set<string | undefined> {
  return new Set(slices.map(({ metadata }) => metadata.resourceVersion));
}
