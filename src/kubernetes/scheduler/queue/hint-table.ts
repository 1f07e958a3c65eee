// Which plug-ins of which profile want to hear of which event, and what they make of it.

import { describeError, type Logger } from "#shared";
import { type ClusterEvent, type EventInterest, isOfInterest, isWildcard } from "../events.ts";
import type { RecordedEvent } from "./in-flight.ts";
import { hasRejectors, isRejectedBy, type QueuedPod } from "./queued-pod.ts";

/** Where a pod belongs after an event: it stays, it comes back after its back-off, or at once. */
export type Requeue = "skip" | "after-backoff" | "immediately";

export interface PluginInterests {
  readonly plugin: string;
  readonly interests: readonly EventInterest[];
}

export class HintTable {
  readonly #profiles: ReadonlyMap<string, readonly PluginInterests[]>;
  readonly #logger: Logger;
  readonly #found = new Map<string, ReadonlyMap<string, readonly PluginInterests[]>>();
  readonly #plugins = new Map<string, ReadonlySet<string>>();
  /** The event asked about last: it is asked about for pod after pod. */
  #last: { readonly event: ClusterEvent; readonly found: ReadonlyMap<string, readonly PluginInterests[]> } | undefined;

  /** By profile, the plug-ins and their interests. */
  constructor(profiles: ReadonlyMap<string, readonly PluginInterests[]>, logger: Logger) {
    this.#profiles = new Map([...profiles].map(([name, plugins]) => [name, plugins.map(withTaintUpdates)]));
    this.#logger = logger;
  }

  /** The plug-ins, of whatever profile, that may change their mind about a pod because of this event. */
  pluginsFor(event: ClusterEvent): ReadonlySet<string> {
    const key = `${event.resource} ${event.action}`;
    let plugins = this.#plugins.get(key);
    if (!plugins) {
      const interested = [...this.#interestedIn(event).values()].flat();
      plugins = new Set(interested.map(({ plugin }) => plugin));
      this.#plugins.set(key, plugins);
    }
    return plugins;
  }

  /** Whether the plug-in that keeps the pod out wants to hear of this event. */
  interestsGate(pod: QueuedPod, event: ClusterEvent): boolean {
    const interested = this.#interestedIn(event).get(profileOf(pod));
    return interested?.some(({ plugin }) => plugin === pod.gatingPlugin) ?? false;
  }

  requeue(pod: QueuedPod, recorded: RecordedEvent): Requeue {
    if (!hasRejectors(pod)) return "after-backoff";
    const { event, now } = recorded;
    if (isWildcard(event)) {
      const isAboutOther = now !== undefined && now.metadata.uid !== pod.info.uid;
      return isAboutOther ? "skip" : "after-backoff";
    }
    const interested = this.#interestedIn(event).get(profileOf(pod)) ?? [];
    let requeue: Requeue = "skip";
    for (const { plugin, interests } of interested) {
      if (!isRejectedBy(pod, plugin) || !this.#isWorthTrying(pod, plugin, interests, recorded)) continue;
      if (pod.pendingPlugins.has(plugin)) return "immediately";
      if (pod.pendingPlugins.size === 0) return "after-backoff";
      requeue = "after-backoff";
    }
    return requeue;
  }

  #isWorthTrying(
    pod: QueuedPod,
    plugin: string,
    interests: readonly EventInterest[],
    { event, old, now }: RecordedEvent,
  ): boolean {
    return interests.some((interest) => {
      try {
        return interest.isWorthTrying?.(pod.info.pod, old, now) ?? true;
      } catch (error) {
        this.#logger.error({ plugin, event: event.label, error: describeError(error) }, "queueing hint failed");
        return true;
      }
    });
  }

  /** By profile, the plug-ins with those of their interests that match. */
  #interestedIn(event: ClusterEvent): ReadonlyMap<string, readonly PluginInterests[]> {
    if (this.#last?.event === event) return this.#last.found;
    const key = `${event.resource} ${event.action}`;
    let found = this.#found.get(key);
    if (!found) {
      found = new Map([...this.#profiles].map(([name, plugins]) => [name, matching(plugins, event)]));
      this.#found.set(key, found);
    }
    this.#last = { event, found };
    return found;
  }
}

function profileOf({ info }: QueuedPod): string {
  return info.pod.spec?.schedulerName ?? "";
}

function matching(plugins: readonly PluginInterests[], event: ClusterEvent): PluginInterests[] {
  return plugins.flatMap(({ plugin, interests }) => {
    const matched = interests.filter((interest) => isOfInterest(interest, event));
    return matched.length > 0 ? [{ plugin, interests: matched }] : [];
  });
}

/** A new node often counts only when the taints it is born with have gone: whoever asks for the one hears of the other. */
function withTaintUpdates({ plugin, interests }: PluginInterests): PluginInterests {
  const ofNodes = interests.filter(({ resource }) => resource === "Node").flatMap(({ actions }) => actions);
  const isMissing = ofNodes.includes("Add") && !ofNodes.some((action) => taintActions.has(action));
  if (!isMissing) return { plugin, interests };
  return { plugin, interests: [...interests, { resource: "Node", actions: ["UpdateNodeTaint"] }] };
}

const taintActions: ReadonlySet<string> = new Set(["UpdateNodeTaint", "Update", "All"]);
