// Spreads endpoints over slices such that few slices change: whoever watches slices is told of whole slices.

import type { Endpoint, EndpointSlice, Service } from "#kubernetes/api";
import type { SliceChanges } from "../service-endpoints/own-slices.ts";
import { endpointKey, isSameEndpoint } from "./endpoint.ts";
import { mirrorsLabels, newSlice, type SliceShape, sliceLabels } from "./slice-template.ts";

export const maxEndpointsPerSlice = 100;

/** Endpoints by their key. */
export type EndpointSet = Map<string, Endpoint>;

/** Fits the wanted endpoints, all with the ports of `shape`, into the present slices and as few new ones as may be. */
export function fillSlices(
  service: Service,
  shape: SliceShape,
  present: readonly EndpointSlice[],
  wanted: ReadonlyMap<string, Endpoint>,
): SliceChanges {
  const left: EndpointSet = new Map(wanted);
  const reviewed = present.map((slice) => review(slice, service, left));
  const remove = reviewed.filter(({ fate }) => fate === "remove").map(({ slice }) => slice);
  const update = reviewed.filter(({ fate }) => fate === "update").map(({ slice }) => slice);
  const unchanged = new Set(reviewed.filter(({ fate }) => fate === "keep").map(({ slice }) => slice));

  // The fullest of those that change anyway are filled first.
  for (const slice of update.toSorted((a, b) => sizeOf(b) - sizeOf(a))) moveInto(slice, left);
  const create: EndpointSlice[] = [];
  while (left.size > 0) {
    const fitting = left.size < maxEndpointsPerSlice ? findTightest(unchanged, left.size) : undefined;
    if (fitting) unchanged.delete(fitting);
    const slice = fitting ? { ...fitting, endpoints: [...(fitting.endpoints ?? [])] } : newSlice(service, shape);
    moveInto(slice, left);
    (fitting ? update : create).push(slice);
  }
  return { create, update, remove };
}

interface Reviewed {
  readonly slice: EndpointSlice;
  readonly fate: "keep" | "update" | "remove";
}

/** Takes from `left` what the slice holds already. */
function review(slice: EndpointSlice, service: Service, left: EndpointSet): Reviewed {
  const endpoints: Endpoint[] = [];
  let isChanged = false;
  for (const endpoint of slice.endpoints ?? []) {
    const key = endpointKey(endpoint);
    const wanted = left.get(key);
    if (!wanted) continue;
    left.delete(key);
    const isSame = isSameEndpoint(endpoint, wanted);
    endpoints.push(isSame ? endpoint : wanted);
    if (!isSame) isChanged = true;
  }
  if (isChanged || endpoints.length !== sizeOf(slice)) {
    if (endpoints.length === 0) return { slice, fate: "remove" };
    return { slice: relabelled({ ...slice, endpoints }, service), fate: "update" };
  }
  if (!mirrorsLabels(slice, service)) return { slice: relabelled({ ...slice, endpoints }, service), fate: "update" };
  return { slice, fate: "keep" };
}

function relabelled(slice: EndpointSlice, service: Service): EndpointSlice {
  return { ...slice, metadata: { ...slice.metadata, labels: sliceLabels(service) } };
}

function sizeOf({ endpoints }: EndpointSlice): number {
  return endpoints?.length ?? 0;
}

/** The slice that comes closest to being full with so many more. */
function findTightest(slices: Iterable<EndpointSlice>, count: number): EndpointSlice | undefined {
  let tightest: EndpointSlice | undefined;
  for (const slice of slices) {
    const room = maxEndpointsPerSlice - sizeOf(slice) - count;
    // One that is empty wins nothing over a new one.
    const best = tightest ? maxEndpointsPerSlice - sizeOf(tightest) - count : maxEndpointsPerSlice;
    if (room >= 0 && room < best) tightest = slice;
  }
  return tightest;
}

function moveInto(slice: EndpointSlice, left: EndpointSet): void {
  const endpoints = slice.endpoints ?? [];
  for (const [key, endpoint] of left) {
    if (endpoints.length >= maxEndpointsPerSlice) return;
    endpoints.push(endpoint);
    left.delete(key);
  }
}
