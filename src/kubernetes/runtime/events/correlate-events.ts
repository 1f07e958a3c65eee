// Decides what becomes of an event: dropped as spam, folded into one of many similar, counted up, or written as it is.
// Thresholds and keys are client-go's (tools/record). Pure apart from its memory: the caller does the writing.

import type { Event } from "#kubernetes/api";
import type { Clock } from "#shared";
import { LruMap } from "../lru-map.ts";
import { eventName } from "./event-recorder.ts";

const mostRemembered = 4096;
/** Events about one object that may come at once, and how long until another may. */
const spamBurst = 25;
const spamRefillMs = 300_000;
/** From so many messages for one reason on, within so long, they are shown as one. */
const mostSimilar = 10;
const similarWindowMs = 600_000;

export type Correlation =
  | { readonly action: "drop" }
  | { readonly action: "create"; readonly event: Event; readonly key: string }
  | { readonly action: "countUp"; readonly event: Event; readonly key: string };

interface Bucket {
  tokens: number;
  filledAt: number;
}

interface SimilarMessages {
  readonly messages: Set<string>;
  lastAt: number;
}

interface Occurrences {
  readonly count: number;
  readonly firstTimestamp: string | undefined;
  readonly name: string | undefined;
}

export class EventCorrelator {
  readonly #clock: Clock;
  readonly #buckets = new LruMap<Bucket>(mostRemembered);
  readonly #similar = new LruMap<SimilarMessages>(mostRemembered);
  readonly #occurrences = new LruMap<Occurrences>(mostRemembered);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** `key` is the same for events that end up in one object: they must be written one after the other. */
  correlate(incoming: Event): Correlation {
    if (this.#isSpam(incoming)) return { action: "drop" };
    const { event, key } = this.#fold(incoming);
    const known = this.#occurrences.get(key);
    const counted: Event = known
      ? {
          ...event,
          metadata: { ...event.metadata, name: known.name! },
          firstTimestamp: known.firstTimestamp!,
          count: known.count + 1,
        }
      : event;
    this.#occurrences.set(key, {
      count: counted.count ?? 1,
      firstTimestamp: counted.firstTimestamp,
      name: counted.metadata.name,
    });
    return { action: known ? "countUp" : "create", event: counted, key };
  }

  #isSpam(event: Event): boolean {
    const key = [...identity(event), event.type].join("\0");
    const now = this.#clock.now();
    const bucket = this.#buckets.get(key) ?? { tokens: spamBurst, filledAt: now };
    bucket.tokens = Math.min(spamBurst, bucket.tokens + (now - bucket.filledAt) / spamRefillMs);
    bucket.filledAt = now;
    this.#buckets.set(key, bucket);
    if (bucket.tokens < 1) return true;
    bucket.tokens--;
    return false;
  }

  #fold(event: Event): { event: Event; key: string } {
    const group = [...identity(event), event.type, event.reason].join("\0");
    const now = this.#clock.now();
    let similar = this.#similar.get(group);
    if (!similar || now - similar.lastAt > similarWindowMs) similar = { messages: new Set(), lastAt: now };
    similar.messages.add(event.message ?? "");
    similar.lastAt = now;
    this.#similar.set(group, similar);
    if (similar.messages.size < mostSimilar) {
      return { event, key: [group, event.involvedObject.fieldPath, event.message].join("\0") };
    }
    similar.messages.delete(similar.messages.values().next().value!);
    const name = eventName(event.involvedObject.name ?? "", now);
    const message = `(combined from similar events): ${event.message}`;
    return { event: { ...event, metadata: { ...event.metadata, name }, message }, key: group };
  }
}

function identity({ source, involvedObject: { kind, namespace, name, uid, apiVersion } }: Event): unknown[] {
  return [source?.component, source?.host, kind, namespace, name, uid, apiVersion];
}
