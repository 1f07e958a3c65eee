// Hints to proxies which endpoints are near: by the service's trafficDistribution, for endpoints that are ready.

import type { Endpoint, EndpointHints, EndpointSlice, Service } from "#kubernetes/api";
import { isSameJson } from "../canonical-json.ts";
import type { SliceChanges } from "../service-endpoints/own-slices.ts";

type Distribution = "zone" | "node" | undefined;

const distributions: Readonly<Record<string, Distribution>> = {
  PreferClose: "zone",
  PreferSameZone: "zone",
  PreferSameNode: "node",
};

/** Sets or removes hints, in the slices that change, and in others where they are not as they should be. */
export function addHints(service: Service, changes: SliceChanges, untouched: readonly EndpointSlice[]): SliceChanges {
  const distribution = distributions[service.spec?.trafficDistribution ?? ""];
  const hinted = (slice: EndpointSlice) => withHints(slice, distribution);
  const alsoUpdate = untouched.map(hinted).filter((slice, position) => slice !== untouched[position]);
  return {
    create: changes.create.map(hinted),
    update: [...changes.update.map(hinted), ...alsoUpdate],
    remove: changes.remove,
  };
}

/** The same slice where nothing changes. */
function withHints(slice: EndpointSlice, distribution: Distribution): EndpointSlice {
  let isChanged = false;
  const endpoints = slice.endpoints?.map((endpoint) => {
    const hints = hintsFor(endpoint, distribution);
    if (hints === endpoint.hints || isSameJson(hints, endpoint.hints)) return endpoint;
    isChanged = true;
    const { hints: _, ...rest } = endpoint;
    return hints ? { ...rest, hints } : rest;
  });
  return isChanged && endpoints ? { ...slice, endpoints } : slice;
}

function hintsFor(endpoint: Endpoint, distribution: Distribution): EndpointHints | undefined {
  if (!distribution) return undefined;
  // One that is not ready keeps what it had.
  if (!endpoint.conditions?.ready) return endpoint.hints;
  const { zone, nodeName } = endpoint;
  const forZones = zone === undefined ? undefined : [{ name: zone }];
  const forNodes = distribution === "node" && nodeName !== undefined ? [{ name: nodeName }] : undefined;
  if (!forZones && !forNodes) return undefined;
  return { ...(forNodes && { forNodes }), ...(forZones && { forZones }) };
}
