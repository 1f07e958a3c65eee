// Tells trouble with single nodes from trouble with zones, or with everything: then evicting pods helps nobody. Pure.

import type { Node } from "#kubernetes/api";
import type { NodeLifecycleSettings } from "../controller-settings.ts";
import { readyStatus, zoneOf } from "../nodes/node-state.ts";

/** "full": no node is ready. "partial": at least three, and a large share, are not. */
export type ZoneState = "initial" | "normal" | "partial" | "full";

export interface Zone {
  readonly size: number;
  readonly state: ZoneState;
}

export interface DisruptionPlan {
  /**
   * "enter": everything is down, so likely it is us who hear nothing: all evictions end. "stay": they remain ended.
   * "leave": that has passed. "none": every zone for itself.
   */
  readonly change: "enter" | "stay" | "leave" | "none";
  readonly zones: ReadonlyMap<string, Zone>;
}

/** Nodes that do not count when their zone is judged. */
const excludedLabel = "node.kubernetes.io/exclude-disruption";

export function planDisruption(
  nodes: readonly Node[],
  before: ReadonlyMap<string, Zone>,
  { unhealthyZoneShare }: NodeLifecycleSettings,
): DisruptionPlan {
  const counted = nodes.filter(({ metadata }) => metadata.labels?.[excludedLabel] === undefined);
  const zones = new Map<string, Zone>();
  for (const [zone, members] of Map.groupBy(counted, zoneOf)) {
    zones.set(zone, { size: members.length, state: stateOf(members, unhealthyZoneShare) });
  }
  const isAllDown = [...zones.values()].every(({ state }) => state === "full");
  const wasAllDown = [...zones.keys()].every((zone) => before.get(zone)?.state === "full");
  if (isAllDown) return { change: wasAllDown ? "stay" : "enter", zones };
  return { change: wasAllDown ? "leave" : "none", zones };
}

/** Differs where the node counts differently. */
export function countsAs(node: Node): string {
  const isExcluded = node.metadata.labels?.[excludedLabel] !== undefined;
  return isExcluded ? "" : `${readyStatus(node) === "True"} ${zoneOf(node)}`;
}

function stateOf(nodes: readonly Node[], unhealthyZoneShare: number): ZoneState {
  const notReady = nodes.filter((node) => readyStatus(node) !== "True").length;
  if (notReady === nodes.length) return "full";
  return notReady > 2 && notReady / nodes.length >= unhealthyZoneShare ? "partial" : "normal";
}

/** How many nodes of a zone may lose their pods per second. */
export function evictionRate(
  { size, state }: Zone,
  { evictionRate: healthy, secondaryEvictionRate, largeZoneSize }: NodeLifecycleSettings,
): number {
  if (state !== "partial") return healthy;
  return size > largeZoneSize ? secondaryEvictionRate : 0;
}
