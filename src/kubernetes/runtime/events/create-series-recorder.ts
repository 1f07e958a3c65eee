// Records events.k8s.io/v1 events, as the scheduler and the service proxy do: one that repeats becomes a series, whose count
// is written when the series begins, every half hour, and when it has ended.

import { type EventsV1Event, isAlreadyExists, isNotFound, type ObjectReference, resources } from "#kubernetes/api";
import type { Client } from "#kubernetes/client";
import { type Clock, type Logger, silentLogger, systemClock } from "#shared";
import { formatMicroTime } from "../time.ts";
import { eventName, namespaceOfEvent } from "./event-recorder.ts";
import { WriteQueue } from "./write-queue.ts";

export interface SeriesRecorderOptions {
  readonly client: Client;
  /** Such as "default-scheduler". */
  readonly reportingController: string;
  /** Which of several replicas, such as "default-scheduler-host-1". */
  readonly reportingInstance: string;
  readonly clock?: Clock;
  readonly logger?: Logger;
}

export interface EventInit {
  readonly regarding: ObjectReference;
  readonly related?: ObjectReference;
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  /** What was tried, such as "Scheduling". */
  readonly action: string;
  readonly note: string;
}

export interface SeriesRecorder {
  /** Returns at once, never throws. */
  record(event: EventInit): void;
  /** Resolves when everything recorded so far has been written or given up. */
  flush(): Promise<void>;
  /** Drops what waits; resolves when nothing is being written. */
  stop(): Promise<void>;
}

const finishMs = 6 * 60_000;
const refreshMs = 30 * 60_000;

interface Known {
  event: EventsV1Event;
  lastAt: number;
  writtenAt: number;
}

export function createSeriesRecorder(options: SeriesRecorderOptions): SeriesRecorder {
  const { client, reportingController, reportingInstance, clock = systemClock, logger = silentLogger } = options;
  const queue = new WriteQueue({ clock, logger });
  const known = new Map<string, Known>();
  let cancelSweep: (() => void) | undefined;

  const write = (key: string, event: EventsV1Event) =>
    queue.push(key, (signal) => (event.series ? patchSeries(event, signal) : create(event, signal)));

  const create = async (event: EventsV1Event, signal: AbortSignal): Promise<void> => {
    await client.create(resources.eventsV1Events, structuredClone(event), { signal });
  };

  const patchSeries = async (event: EventsV1Event, signal: AbortSignal): Promise<void> => {
    const { namespace = "", name = "" } = event.metadata;
    const body = { series: event.series };
    try {
      await client.patch(resources.eventsV1Events, { namespace, name }, { type: "strategic", body }, { signal });
    } catch (error) {
      if (!isNotFound(error)) throw error;
      await create(event, signal).catch((again) => {
        if (!isAlreadyExists(again)) throw again;
      });
    }
  };

  /** Forgets what has not repeated for a while; writes the counts of series that ended or go on for long. */
  const sweep = () => {
    const now = clock.now();
    for (const [key, entry] of known) {
      const hasEnded = now - entry.lastAt > finishMs;
      if (entry.event.series && (hasEnded || now - entry.writtenAt >= refreshMs)) {
        entry.writtenAt = now;
        write(key, entry.event);
      }
      if (hasEnded) known.delete(key);
    }
    cancelSweep = known.size > 0 ? clock.after(finishMs, sweep) : undefined;
  };

  return {
    record({ regarding, related, type, reason, action, note }) {
      const now = clock.now();
      const key = JSON.stringify([type, action, reason, regarding, related]);
      const entry = known.get(key);
      if (entry) {
        const isFirstRepeat = entry.event.series === undefined;
        const count = (entry.event.series?.count ?? 1) + 1;
        entry.event = { ...entry.event, series: { count, lastObservedTime: formatMicroTime(now) } };
        entry.lastAt = now;
        if (isFirstRepeat) write(key, entry.event);
        return;
      }
      const event: EventsV1Event = {
        metadata: { name: eventName(regarding.name ?? "", now), namespace: namespaceOfEvent(regarding) },
        eventTime: formatMicroTime(now),
        reportingController,
        reportingInstance,
        action,
        reason,
        regarding,
        ...(related && { related }),
        note,
        type,
      };
      known.set(key, { event, lastAt: now, writtenAt: now });
      cancelSweep ??= clock.after(finishMs, sweep);
      write(key, event);
    },
    flush: () => queue.flush(),
    async stop() {
      cancelSweep?.();
      known.clear();
      await queue.stop();
    },
  };
}
