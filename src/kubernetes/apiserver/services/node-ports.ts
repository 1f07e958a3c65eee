// The node ports of a service: taken when it comes to need them, given back when it no longer does.

import { internalError, invalid, invalidObject, item, type Service, type ServicePort } from "#kubernetes/api";
import { type PortAllocator, PortError } from "./port-allocator.ts";

export interface PortChange {
  readonly taken: readonly number[];
  readonly released: readonly number[];
}

/** Settles the ports of a new service, or of a changed one, in place. Throws Invalid where a port is not to be had. */
export async function changePorts(
  service: Service,
  old: Service | undefined,
  allocator: PortAllocator,
  dryRun: boolean,
): Promise<PortChange> {
  const before = portsOf(old);
  const ports = needsNodePorts(service) ? (service.spec!.ports ?? []) : [];
  if (old === undefined) shareByNumber(ports);
  const wanted = [...new Set(ports.flatMap((port) => port.nodePort || []))].filter((port) => !before.includes(port));
  const open = groupOpen(ports, service, old === undefined);
  const health = openHealthPort(service, old);
  if (health.wanted !== undefined) wanted.push(health.wanted);
  const taken = await take(service, allocator, wanted, open.length + (health.isOpen ? 1 : 0), dryRun);
  const fresh = taken.slice(wanted.length);
  for (const group of open) {
    const nodePort = fresh.shift()!;
    for (const port of group) port.nodePort = nodePort;
  }
  if (health.isOpen) service.spec!.healthCheckNodePort = fresh.shift()!;
  const after = portsOf(service);
  return { taken, released: before.filter((port) => !after.includes(port)) };
}

/** All ports a service holds, that of its health check included. */
export function portsOf(service: Service | undefined): number[] {
  if (!service?.spec) return [];
  const ports = needsNodePorts(service) ? (service.spec.ports ?? []).flatMap((port) => port.nodePort || []) : [];
  const health = service.spec.healthCheckNodePort;
  return [...new Set(needsHealthPort(service) && health ? [...ports, health] : ports)];
}

function needsNodePorts({ spec }: Service): boolean {
  return spec?.type === "NodePort" || spec?.type === "LoadBalancer";
}

function needsHealthPort({ spec }: Service): boolean {
  return spec?.type === "LoadBalancer" && spec.externalTrafficPolicy === "Local";
}

/** TCP and UDP on one port of the service share a node port, which one of them may have asked for. */
function shareByNumber(ports: readonly ServicePort[]): void {
  for (const port of ports) {
    if (port.nodePort) continue;
    const other = ports.find((each) => each.port === port.port && each.nodePort);
    if (other) port.nodePort = other.nodePort!;
  }
}

/** The ports still without a node port, those that will share one together. */
function groupOpen(ports: readonly ServicePort[], { spec }: Service, shares: boolean): ServicePort[][] {
  if (spec!.type === "LoadBalancer" && spec!.allocateLoadBalancerNodePorts === false) return [];
  const groups = new Map<unknown, ServicePort[]>();
  for (const port of ports) {
    if (port.nodePort) continue;
    const key = shares ? port.port : port;
    groups.set(key, [...(groups.get(key) ?? []), port]);
  }
  return [...groups.values()];
}

function openHealthPort(service: Service, old: Service | undefined): { wanted?: number; isOpen: boolean } {
  if (!needsHealthPort(service) || (old && needsHealthPort(old))) return { isOpen: false };
  const wanted = service.spec!.healthCheckNodePort;
  return wanted ? { wanted, isOpen: false } : { isOpen: true };
}

async function take(
  service: Service,
  allocator: PortAllocator,
  wanted: readonly number[],
  more: number,
  dryRun: boolean,
): Promise<number[]> {
  try {
    return await allocator.take(wanted, more, dryRun);
  } catch (error) {
    if (!(error instanceof PortError)) {
      throw internalError(`failed to allocate a nodePort: ${(error as Error).message}`, error);
    }
    const index = (service.spec!.ports ?? []).findIndex((port) => port.nodePort === error.port);
    if (index < 0) {
      throw internalError(`failed to allocate requested HealthCheck NodePort ${error.port}: ${error.message}`, error);
    }
    const problem = invalid(`${item("spec.ports", index)}.nodePort`, error.port, error.message);
    throw invalidObject({ group: "", kind: "Service" }, service.metadata.name ?? "", [problem]);
  }
}
