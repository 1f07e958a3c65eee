// What others are told of the services: load balancers' health checks, the metrics, and the cleaner of UDP flows. Pure.

import { type EndpointSlice, formatKey, keyOf, type Service } from "#kubernetes/api";
import type { UdpService } from "../conntrack/stale-flows.ts";
import type { HealthCheckedService } from "../health/service-health.ts";
import type { IPFamily } from "../nft/family.ts";
import { endpointsOfPort, readSlices } from "./endpoints.ts";
import type { ServicePlan } from "./plan.ts";
import { healthCheckNodePort, isExternallyAccessible, isForAnotherProxy, servicePortsOf } from "./service-port.ts";

type SlicesOf = (key: string) => readonly EndpointSlice[];

/** The services load balancers ask about, by key. */
export function servicesToCheck(
  services: readonly Service[],
  slicesOf: SlicesOf,
  nodeName: string,
): Map<string, HealthCheckedService> {
  const found = new Map<string, HealthCheckedService>();
  for (const service of services) {
    const port = healthCheckNodePort(service);
    if (port === undefined || isForAnotherProxy(service)) continue;
    const key = formatKey(keyOf(service));
    found.set(key, { port, localEndpoints: countLocalReady(slicesOf(key), nodeName) });
  }
  return found;
}

/** How many addresses on this node are ready to serve. */
export function countLocalReady(slices: readonly EndpointSlice[], nodeName: string): number {
  const addresses = new Set<string>();
  for (const { endpoints } of slices) {
    for (const { nodeName: node, conditions, addresses: of } of endpoints ?? []) {
      if (node === nodeName && conditions?.ready !== false && of[0] !== undefined) addresses.add(of[0]);
    }
  }
  return addresses.size;
}

/** The service's UDP ports with their endpoints in any state. */
export function udpServices(
  service: Service,
  slices: readonly EndpointSlice[],
  { family, nodeName }: { family: IPFamily; nodeName: string },
): UdpService[] {
  const ports = servicePortsOf(service, family).filter(({ protocol }) => protocol === "udp");
  if (ports.length === 0) return [];
  const endpoints = readSlices(slices, family, nodeName);
  return ports.map((port) => ({ port, endpoints: endpointsOfPort(endpoints, port) }));
}

export function hasUdp(plan: ServicePlan | undefined): boolean {
  return plan?.ports.some(({ port }) => port.protocol === "udp") ?? false;
}

/** Ports whose traffic must stay on this node, which has no endpoint for it. */
export function countWithoutLocal(plans: Iterable<ServicePlan>): { internal: number; external: number } {
  const counts = { internal: 0, external: 0 };
  for (const { ports } of plans) {
    for (const { port, local, hasEndpoints } of ports) {
      if (!hasEndpoints || local.length > 0) continue;
      if (port.isInternalLocal) counts.internal++;
      if (port.isExternalLocal && isExternallyAccessible(port)) counts.external++;
    }
  }
  return counts;
}
