// Which endpoints of a port this node's traffic may go to, by traffic policy, readiness and topology hints. Pure.

import type { ProxyEndpoint } from "./endpoints.ts";
import { isExternallyAccessible, type ServicePort } from "./service-port.ts";

/** Where the proxy runs. */
export interface NodePlace {
  readonly nodeName: string;
  /** The node's topology.kubernetes.io/zone; "" where it has none. */
  readonly zone: string;
}

export interface Reachable {
  /** For the policy Cluster; empty also where the port never uses it. */
  readonly cluster: readonly ProxyEndpoint[];
  /** For the policy Local; empty also where the port never uses it. */
  readonly local: readonly ProxyEndpoint[];
  /** Any node has one that works. */
  readonly hasAny: boolean;
}

/**
 * Ready endpoints; where there are none at all, those that terminate but still serve, for each policy by itself. Hints are
 * heeded only when every ready endpoint has one and one is meant for this node (or zone).
 */
export function chooseEndpoints(all: readonly ProxyEndpoint[], port: ServicePort, place: NodePlace): Reachable {
  const cluster = usesCluster(port) ? clusterEndpoints(all, place) : [];
  if (!usesLocal(port)) return { cluster, local: [], hasAny: cluster.length > 0 };
  return { cluster, local: localEndpoints(all), hasAny: all.some((each) => each.isReady || isLingering(each)) };
}

/** Also where external traffic stays local: pods and the node itself take the short way to any endpoint. */
export function usesCluster(port: ServicePort): boolean {
  return !port.isInternalLocal || isExternallyAccessible(port);
}

export function usesLocal(port: ServicePort): boolean {
  return port.isInternalLocal || (port.isExternalLocal && isExternallyAccessible(port));
}

function clusterEndpoints(all: readonly ProxyEndpoint[], place: NodePlace): readonly ProxyEndpoint[] {
  const ready = all.filter((each) => each.isReady);
  if (ready.length === 0) return all.filter(isLingering);
  const isForUs = (each: ProxyEndpoint, hint: "nodes" | "zones") =>
    each[hint].includes(hint === "nodes" ? place.nodeName : place.zone);
  for (const hint of ["nodes", "zones"] as const) {
    if (!ready.every((each) => each[hint].length > 0)) continue;
    const ours = ready.filter((each) => isForUs(each, hint));
    if (ours.length > 0) return ours;
  }
  return ready;
}

function localEndpoints(all: readonly ProxyEndpoint[]): readonly ProxyEndpoint[] {
  const local = all.filter((each) => each.isLocal);
  const ready = local.filter((each) => each.isReady);
  return ready.length > 0 ? ready : local.filter(isLingering);
}

function isLingering(each: ProxyEndpoint): boolean {
  return each.isServing && each.isTerminating;
}
