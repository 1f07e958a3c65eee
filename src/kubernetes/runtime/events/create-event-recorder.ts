// Records core v1 events as most of Kubernetes does: repeated ones are counted up, floods are folded together.

import { type Event, isNotFound, type ObjectReference, resources } from "#kubernetes/api";
import type { Client } from "#kubernetes/client";
import { type Clock, type Logger, silentLogger, systemClock } from "#shared";
import { formatTime } from "../time.ts";
import { EventCorrelator } from "./correlate-events.ts";
import { type EventRecorder, eventName, namespaceOfEvent } from "./event-recorder.ts";
import { WriteQueue } from "./write-queue.ts";

export interface EventRecorderOptions {
  readonly client: Client;
  /** Who says so, such as "replicaset-controller". */
  readonly component: string;
  /** The node it runs on, where that matters (kubelet, kube-proxy). */
  readonly host?: string;
  readonly clock?: Clock;
  readonly logger?: Logger;
}

export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  const { client, component, host = "", clock = systemClock, logger = silentLogger } = options;
  const correlator = new EventCorrelator(clock);
  const queue = new WriteQueue({ clock, logger });

  const record = (type: "Normal" | "Warning", involvedObject: ObjectReference, reason: string, message: string) => {
    const now = formatTime(clock.now());
    const correlation = correlator.correlate({
      metadata: {
        name: eventName(involvedObject.name ?? "", clock.now()),
        namespace: namespaceOfEvent(involvedObject),
      },
      involvedObject,
      reason,
      message,
      source: { component, ...(host && { host }) },
      firstTimestamp: now,
      lastTimestamp: now,
      count: 1,
      type,
      reportingComponent: component,
      reportingInstance: host,
    });
    if (correlation.action === "drop") return;
    const { action, event, key } = correlation;
    queue.push(key, (signal) => (action === "create" ? create(event, signal) : countUp(event, signal)));
  };

  const create = async (event: Event, signal: AbortSignal): Promise<void> => {
    await client.create(resources.events, structuredClone(event), { signal });
  };

  const countUp = async (event: Event, signal: AbortSignal): Promise<void> => {
    const { namespace = "", name = "" } = event.metadata;
    const { count, lastTimestamp, message } = event;
    const body = { count, lastTimestamp, message };
    try {
      await client.patch(resources.events, { namespace, name }, { type: "strategic", body }, { signal });
    } catch (error) {
      // Events go after an hour; this one happens still.
      if (!isNotFound(error)) throw error;
      await create(event, signal);
    }
  };

  return {
    normal: (regarding, reason, message) => record("Normal", regarding, reason, message),
    warning: (regarding, reason, message) => record("Warning", regarding, reason, message),
    flush: () => queue.flush(),
    stop: () => queue.stop(),
  };
}
