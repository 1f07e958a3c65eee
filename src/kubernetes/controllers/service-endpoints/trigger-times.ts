// Remembers what last set off a change of a service's endpoints, so that one can measure how long the change took to arrive:
// the annotation "endpoints.kubernetes.io/last-change-trigger-time".

import type { Pod, Service } from "#kubernetes/api";
import { parseTime } from "#kubernetes/runtime";
import { podCondition } from "../pods/pod-state.ts";

export const triggerTimeAnnotation = "endpoints.kubernetes.io/last-change-trigger-time";

interface Seen {
  readonly serviceMs: number;
  readonly podsMs: ReadonlyMap<string, number>;
}

export class TriggerTimes {
  readonly #seen = new Map<string, Seen>();

  /** The earliest of the changes since the last call for this key; undefined where nothing relevant has changed. */
  next(key: string, service: Service, pods: readonly Pod[]): string | undefined {
    const last = this.#seen.get(key);
    const serviceMs = parseTime(service.metadata.creationTimestamp) ?? 0;
    const podsMs = new Map<string, number>();
    let earliest = serviceMs > (last?.serviceMs ?? 0) ? serviceMs : Number.POSITIVE_INFINITY;
    for (const pod of pods) {
      const changedMs = parseTime(podCondition(pod, "Ready")?.lastTransitionTime);
      if (changedMs === undefined) continue;
      const name = pod.metadata.name ?? "";
      podsMs.set(name, changedMs);
      if (changedMs > (last?.podsMs.get(name) ?? 0)) earliest = Math.min(earliest, changedMs);
    }
    this.#seen.set(key, { serviceMs, podsMs });
    if (!last) return service.metadata.creationTimestamp;
    return Number.isFinite(earliest) ? new Date(earliest).toISOString().replace(".000Z", "Z") : undefined;
  }

  forget(key: string): void {
    this.#seen.delete(key);
  }
}

/** The annotations with the trigger's time, or without it. */
export function annotateTrigger(
  annotations: Readonly<Record<string, string>> | undefined,
  time: string | undefined,
): Record<string, string> {
  const { [triggerTimeAnnotation]: _, ...rest } = annotations ?? {};
  return time === undefined ? rest : { ...rest, [triggerTimeAnnotation]: time };
}
