// The plan for one service: for each of its ports where traffic goes from this node. What the rules are made of. Pure.

import type { EndpointSlice, Service } from "#kubernetes/api";
import type { IPFamily } from "../nft/family.ts";
import { endpointsOfPort, type ProxyEndpoint, readSlices } from "./endpoints.ts";
import { headlessLabel, isForAnotherProxy, type ServicePort, servicePortsOf } from "./service-port.ts";
import { chooseEndpoints, type NodePlace } from "./topology.ts";

export interface ServicePlan {
  readonly ports: readonly PortPlan[];
}

/** Endpoints are "address . port", each in the place it keeps until it goes. */
export interface PortPlan {
  readonly port: ServicePort;
  readonly cluster: readonly string[];
  readonly local: readonly string[];
  /** Of both, those on this node: they may be sent their own traffic. */
  readonly onThisNode: readonly string[];
  /** Some node has an endpoint that works. Without any, clients are refused; with some that may not be used, dropped. */
  readonly hasEndpoints: boolean;
}

/** Undefined where there are no rules to make. `before` is the plan so far: endpoints that stay keep their places. */
export function planService(
  service: Service,
  slices: readonly EndpointSlice[],
  { family, place, before }: { family: IPFamily; place: NodePlace; before?: ServicePlan | undefined },
): ServicePlan | undefined {
  const ports = servicePortsOf(service, family);
  if (ports.length === 0) return undefined;
  const ours = slices.filter((slice) => !isForAnotherProxy(slice) && !(headlessLabel in (slice.metadata.labels ?? {})));
  const endpoints = readSlices(ours, family, place.nodeName);
  return {
    ports: ports.map((port) => {
      const old = before?.ports.find((each) => isSamePort(each.port, port));
      return planPort(port, endpointsOfPort(endpoints, port), place, old);
    }),
  };
}

function planPort(
  port: ServicePort,
  endpoints: readonly ProxyEndpoint[],
  place: NodePlace,
  before: PortPlan | undefined,
): PortPlan {
  const { cluster, local, hasAny } = chooseEndpoints(endpoints, port, place);
  const onThisNode = new Set([...cluster, ...local].filter(({ isLocal }) => isLocal).map(({ target }) => target));
  return {
    port,
    cluster: keepPlaces(before?.cluster, cluster),
    local: keepPlaces(before?.local, local),
    onThisNode: [...onThisNode],
    hasEndpoints: hasAny,
  };
}

function isSamePort(a: ServicePort, b: ServicePort): boolean {
  return a.portName === b.portName && a.protocol === b.protocol;
}

/**
 * The endpoints in an order that changes few places: those that stay keep theirs, new ones fill the gaps, and gaps that are left
 * are filled from the end.
 */
export function keepPlaces(
  before: readonly string[] | undefined,
  endpoints: readonly Pick<ProxyEndpoint, "target">[],
): readonly string[] {
  const targets = endpoints.map(({ target }) => target);
  if (!before || before.length === 0 || targets.length === 0) return targets;
  const wished = new Set(targets);
  const places: (string | undefined)[] = before.map((target) => (wished.delete(target) ? target : undefined));
  const fresh = [...wished];
  for (let place = 0; fresh.length > 0; place++) if (places[place] === undefined) places[place] = fresh.shift()!;
  for (let place = 0; place < places.length; place++) {
    while (places.length > 0 && places.at(-1) === undefined) places.pop();
    if (place < places.length && places[place] === undefined) places[place] = places.pop()!;
  }
  return places as string[];
}
