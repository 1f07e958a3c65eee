// Watch events as records that remember their encodings, and what one change in the store means to a watcher.

import type { KubeObject, Status, WatchEventType } from "#kubernetes/api";
import type { StoredObject, StoreEvent } from "#kubernetes/store";
import type { Document, WatchRecord } from "../../call.ts";

export type Matcher = (object: KubeObject) => boolean;

/** A record of an event about a document. */
export function watchRecord(type: WatchEventType, document: Document): WatchRecord {
  return new Recorded(type, document);
}

/** The event that ends a watch with a refusal. */
export function errorRecord(status: Status): WatchRecord {
  return new Recorded("ERROR", { object: status });
}

class Recorded implements WatchRecord {
  readonly type: WatchEventType;
  readonly document: Document;
  #frames: Map<string, Uint8Array> | undefined;

  constructor(type: WatchEventType, document: Document) {
    this.type = type;
    this.document = document;
  }

  get object(): KubeObject {
    return this.document.object as KubeObject;
  }

  framed(format: string, encode: (record: WatchRecord) => Uint8Array): Uint8Array {
    this.#frames ??= new Map();
    let frame = this.#frames.get(format);
    if (!frame) {
      frame = encode(this);
      this.#frames.set(format, frame);
    }
    return frame;
  }
}

/** One change, with the records that watchers with different selectors see of it; each is made once. */
export class ChangeRecords {
  readonly event: StoreEvent;
  readonly #view: (stored: StoredObject) => StoredObject;
  readonly #records = new Map<string, WatchRecord>();

  constructor(event: StoreEvent, view: (stored: StoredObject) => StoredObject) {
    this.event = event;
    this.#view = view;
  }

  /** The record for a watcher that selects by `matches` (absent: everything); undefined where it sees nothing of it. */
  recordFor(matches: Matcher | undefined): WatchRecord | undefined {
    const { type, current, previous } = this.event;
    if (type === "delete") {
      return !matches || matches(this.#view(current).object) ? this.#record("DELETED", current) : undefined;
    }
    const isIn = !matches || matches(this.#view(current).object);
    const wasIn = previous !== undefined && (!matches || matches(this.#view(previous).object));
    if (isIn) return this.#record(wasIn ? "MODIFIED" : "ADDED", current);
    return wasIn ? this.#leaving(previous) : undefined;
  }

  #record(type: WatchEventType, stored: StoredObject): WatchRecord {
    return this.#remember(type, () => watchRecord(type, this.#view(stored)));
  }

  /** What left the selection is shown as deleted, in its last state within, at this change's revision. */
  #leaving(previous: StoredObject): WatchRecord {
    return this.#remember("left", () => {
      const { object } = this.#view(previous);
      const metadata = { ...object.metadata, resourceVersion: String(this.event.revision) };
      return watchRecord("DELETED", { object: { ...object, metadata } });
    });
  }

  #remember(key: string, make: () => WatchRecord): WatchRecord {
    let record = this.#records.get(key);
    if (!record) {
      record = make();
      this.#records.set(key, record);
    }
    return record;
  }
}
