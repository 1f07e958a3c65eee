// Events: one object, stored as core/v1, also served as events.k8s.io/v1, which calls some of its fields otherwise.

import type { KubeObject } from "#kubernetes/api";

/** Names in core/v1 and in events.k8s.io/v1. */
const renamed: readonly (readonly [core: string, current: string])[] = [
  ["involvedObject", "regarding"],
  ["message", "note"],
  ["source", "deprecatedSource"],
  ["firstTimestamp", "deprecatedFirstTimestamp"],
  ["lastTimestamp", "deprecatedLastTimestamp"],
  ["count", "deprecatedCount"],
  ["reportingComponent", "reportingController"],
];

export function coreEventToNew(object: KubeObject): KubeObject {
  return rename(object, "events.k8s.io/v1", new Map(renamed));
}

export function newEventToCore(object: KubeObject): KubeObject {
  return rename(object, "v1", new Map(renamed.map(([core, current]) => [current, core])));
}

function rename(object: KubeObject, apiVersion: string, names: ReadonlyMap<string, string>): KubeObject {
  const result: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(object)) result[names.get(key) ?? key] = value;
  result["apiVersion"] = apiVersion;
  return result as unknown as KubeObject;
}
