// The endpoints of a service, gathered from its EndpointSlices, by port. Pure.

import type { DiscoveryV1EndpointPort, Endpoint, EndpointSlice } from "#kubernetes/api";
import { addressIn, type IPFamily } from "../nft/family.ts";
import type { ServicePort } from "./service-port.ts";

/** One place a port's traffic may go to. */
export interface ProxyEndpoint {
  readonly address: string;
  readonly port: number;
  /** "address . port", as nftables writes it: also what tells endpoints of a port apart. */
  readonly target: string;
  /** It runs on this node. */
  readonly isLocal: boolean;
  /** Ready and not terminating, or published in any state. */
  readonly isReady: boolean;
  /** Would answer, terminating or not. */
  readonly isServing: boolean;
  readonly isTerminating: boolean;
  /** Zones and nodes whose traffic it is meant for; empty: not said. */
  readonly zones: readonly string[];
  readonly nodes: readonly string[];
}

/** Of one service in one family: endpoints by port, in the order of their targets. */
export type EndpointsByPort = ReadonlyMap<string, readonly ProxyEndpoint[]>;

export function endpointsOfPort(
  byPort: EndpointsByPort,
  { portName, protocol }: ServicePort,
): readonly ProxyEndpoint[] {
  return byPort.get(portKey(portName, protocol)) ?? [];
}

/**
 * Reads a service's slices. An address that is in two slices at once (it moves, or a new pod has the address of one that ends)
 * counts once, and as the one that does not terminate.
 */
export function readSlices(slices: readonly EndpointSlice[], family: IPFamily, nodeName: string): EndpointsByPort {
  const gathered = new Map<string, Map<string, ProxyEndpoint>>();
  for (const slice of slices) {
    if (slice.addressType !== family) continue;
    for (const port of slice.ports ?? []) gatherPort(gathered, slice.endpoints ?? [], port, { family, nodeName });
  }
  const sorted = new Map<string, readonly ProxyEndpoint[]>();
  for (const [key, endpoints] of gathered) sorted.set(key, [...endpoints.values()].sort(byTarget));
  return sorted;
}

interface Reading {
  readonly family: IPFamily;
  readonly nodeName: string;
}

function gatherPort(
  gathered: Map<string, Map<string, ProxyEndpoint>>,
  endpoints: readonly Endpoint[],
  { name = "", port, protocol = "TCP" }: DiscoveryV1EndpointPort,
  reading: Reading,
): void {
  if (!port) return;
  const key = portKey(name, protocol.toLowerCase());
  let known = gathered.get(key);
  if (!known) {
    known = new Map();
    gathered.set(key, known);
  }
  for (const each of endpoints) {
    const endpoint = readEndpoint(each, port, reading);
    if (endpoint && (!endpoint.isTerminating || !known.has(endpoint.target))) known.set(endpoint.target, endpoint);
  }
}

function readEndpoint(endpoint: Endpoint, port: number, { family, nodeName }: Reading): ProxyEndpoint | undefined {
  const { addresses, conditions = {}, hints } = endpoint;
  const address = addressIn(family, addresses[0] ?? "");
  if (address === undefined) return undefined;
  return {
    address,
    port,
    target: `${address} . ${port}`,
    isLocal: nodeName !== "" && endpoint.nodeName === nodeName,
    isReady: conditions.ready !== false,
    isServing: conditions.serving !== false,
    isTerminating: conditions.terminating === true,
    zones: hints?.forZones?.map(({ name }) => name) ?? none,
    nodes: hints?.forNodes?.map(({ name }) => name) ?? none,
  };
}

const none: readonly string[] = [];

function portKey(name: string, protocol: string): string {
  return `${name}/${protocol}`;
}

function byTarget(a: ProxyEndpoint, b: ProxyEndpoint): number {
  return a.target < b.target ? -1 : a.target > b.target ? 1 : 0;
}
