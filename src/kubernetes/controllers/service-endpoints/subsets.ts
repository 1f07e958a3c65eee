// The canonical form of Endpoints: addresses that offer the same ports share a subset.

import type { EndpointAddress, EndpointPort, EndpointSubset } from "#kubernetes/api";
import { canonicalJson } from "../canonical-json.ts";

interface Offered {
  readonly port: EndpointPort | undefined;
  /** Whether each address is ready, by the address's key. */
  readonly ready: Map<string, boolean>;
}

/** Packs subsets, in whatever form, into as few as may be; sorted, so that equal endpoints give equal answers. */
export function packSubsets(subsets: readonly EndpointSubset[]): EndpointSubset[] {
  const addresses = new Map<string, EndpointAddress>();
  const offers = new Map<string, Offered>();
  for (const subset of subsets) gather(subset, addresses, offers);
  const packed = Map.groupBy(offers.values(), ({ ready }) => addressesKey(ready));
  return [...packed.values()].map((offered) => buildSubset(offered, addresses)).sort(byText);
}

/** Pods may share an address (that of their node), so the pod counts too. */
function addressKey({ ip, targetRef }: EndpointAddress): string {
  return `${ip} ${targetRef?.uid ?? ""}`;
}

function gather(
  { addresses = [], notReadyAddresses = [], ports = [] }: EndpointSubset,
  known: Map<string, EndpointAddress>,
  offers: Map<string, Offered>,
): void {
  for (const port of ports.length > 0 ? ports : [undefined]) {
    const portKey = port ? canonicalJson(port) : "";
    const offered: Offered = offers.get(portKey) ?? { port, ready: new Map() };
    offers.set(portKey, offered);
    const add = (address: EndpointAddress, isReady: boolean) => {
      const key = addressKey(address);
      if (!known.has(key)) known.set(key, address);
      // Not ready beats ready.
      offered.ready.set(key, isReady && offered.ready.get(key) !== false);
    };
    for (const address of addresses) add(address, true);
    for (const address of notReadyAddresses) add(address, false);
  }
}

function addressesKey(ready: ReadonlyMap<string, boolean>): string {
  return [...ready]
    .map(([key, isReady]) => `${key} ${isReady}`)
    .sort()
    .join();
}

function buildSubset(offered: readonly Offered[], known: ReadonlyMap<string, EndpointAddress>): EndpointSubset {
  const sorted = [...(offered[0]?.ready ?? [])].sort(([a], [b]) => (a < b ? -1 : 1));
  const having = (wanted: boolean) =>
    sorted.filter(([, isReady]) => isReady === wanted).map(([key]) => known.get(key)!);
  const addresses = having(true);
  const notReadyAddresses = having(false);
  const ports = offered.flatMap(({ port }) => port ?? []).sort(byText);
  return {
    ...(addresses.length > 0 && { addresses }),
    ...(notReadyAddresses.length > 0 && { notReadyAddresses }),
    ...(ports.length > 0 && { ports }),
  };
}

function byText(a: EndpointPort | EndpointSubset, b: EndpointPort | EndpointSubset): number {
  return canonicalJson(a) < canonicalJson(b) ? -1 : 1;
}
