// Events in the two groups that serve them: stored as core/v1, and as events.k8s.io/v1, which calls some fields otherwise.

import type { EventsV1Event } from "../../generated/types.ts";
import type { DecodedEvent } from "../core/event.ts";
import type { Decoded } from "../define-kind.ts";

export type DecodedNewEvent = Decoded<EventsV1Event, "regarding" | "deprecatedSource">;

const renamed: readonly (readonly [core: string, current: string])[] = [
  ["involvedObject", "regarding"],
  ["message", "note"],
  ["source", "deprecatedSource"],
  ["firstTimestamp", "deprecatedFirstTimestamp"],
  ["lastTimestamp", "deprecatedLastTimestamp"],
  ["count", "deprecatedCount"],
  ["reportingComponent", "reportingController"],
];
const toNew = new Map(renamed);
const toCore = new Map(renamed.map(([core, current]) => [current, core]));

/** The object given stays as it is; its parts are shared. */
export function eventToNew(event: DecodedEvent): DecodedNewEvent {
  const result = rename(event, "events.k8s.io/v1", toNew);
  // Here these vanish when they are empty; in core they are written.
  for (const field of ["reportingController", "reportingInstance"]) if (result[field] === "") delete result[field];
  if (event.series) result["series"] = { ...event.series, count: event.series.count ?? 0 };
  return result as unknown as DecodedNewEvent;
}

/** The object given stays as it is; its parts are shared. */
export function eventToCore(event: DecodedNewEvent): DecodedEvent {
  const result = rename(event, "v1", toCore);
  for (const field of ["reportingComponent", "reportingInstance"]) result[field] ??= "";
  if (event.series) {
    const { count, ...series } = event.series;
    result["series"] = count === 0 ? series : event.series;
  }
  return result as unknown as DecodedEvent;
}

function rename(event: object, apiVersion: string, names: ReadonlyMap<string, string>): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(event)) result[names.get(key) ?? key] = value;
  result["apiVersion"] = apiVersion;
  return result;
}
