// The node ports of a service: taken when it comes to need them, given back when it no longer does.

import {
  internalError,
  invalid,
  invalidObject,
  item,
  type Service,
  type ServicePort,
  StatusError,
} from "#kubernetes/api";
import { type PortAllocator, PortError, type PortOperation } from "./port-allocator.ts";

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
  if (ports.length > 0 || needsHealthPort(service)) {
    const chosen = await allocator.run((operation) => {
      const nodePorts = old ? changeEach(service, ports, before, operation) : chooseEach(service, ports, operation);
      return { nodePorts, health: chooseHealthPort(service, old, operation) };
    }, dryRun);
    for (const [index, port] of ports.entries()) if (chosen.nodePorts[index]) port.nodePort = chosen.nodePorts[index]!;
    if (chosen.health !== undefined) service.spec!.healthCheckNodePort = chosen.health;
  }
  const after = portsOf(service);
  return {
    taken: after.filter((port) => !before.includes(port)),
    released: before.filter((port) => !after.includes(port)),
  };
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

/** A load balancer may do without, but what is asked for by number is respected. */
function doesWithout({ spec }: Service, port: ServicePort): boolean {
  return !port.nodePort && spec!.type === "LoadBalancer" && spec!.allocateLoadBalancerNodePorts === false;
}

/** Of a new service, by the places of its ports: TCP and UDP on one port share a node port, which one of them may have asked for. */
function chooseEach(service: Service, ports: readonly ServicePort[], operation: PortOperation): number[] {
  const byNumber = new Map<number, number>();
  return ports.map((port, index) => {
    if (doesWithout(service, port)) return 0;
    const shared = byNumber.get(port.port);
    if (shared !== undefined) {
      if (!port.nodePort || port.nodePort === shared) return shared;
      take(service, index, port.nodePort, operation);
      return port.nodePort;
    }
    const wanted = ports.find((other) => other.port === port.port && other.nodePort)?.nodePort;
    if (wanted) take(service, index, wanted, operation);
    const chosen = wanted || takeNext(operation);
    byNumber.set(port.port, chosen);
    return chosen;
  });
}

/** Of a changed one: what it has (`before`) it need not take. */
function changeEach(
  service: Service,
  ports: readonly ServicePort[],
  before: readonly number[],
  operation: PortOperation,
): number[] {
  const taken = new Set(before);
  const seen = new Set<string>();
  return ports.map((port, index) => {
    if (doesWithout(service, port)) return 0;
    if (port.nodePort && !taken.has(port.nodePort)) take(service, index, port.nodePort, operation);
    const chosen = port.nodePort || takeNext(operation);
    taken.add(chosen);
    const key = `{${port.protocol} ${chosen}}`;
    if (seen.has(key)) throw new StatusError({ code: 500, reason: "", message: `duplicate nodePort: ${key}` });
    seen.add(key);
    return chosen;
  });
}

/** Undefined where nothing is to change. */
function chooseHealthPort(service: Service, old: Service | undefined, operation: PortOperation): number | undefined {
  if (!needsHealthPort(service) || (old && needsHealthPort(old))) return undefined;
  const wanted = service.spec!.healthCheckNodePort;
  if (!wanted) return takeNext(operation);
  try {
    operation.take(wanted);
  } catch (error) {
    throw internalError(
      `failed to allocate requested HealthCheck NodePort ${wanted}: ${(error as Error).message}`,
      error,
    );
  }
  return wanted;
}

function take(service: Service, index: number, port: number, operation: PortOperation): void {
  try {
    operation.take(port);
  } catch (error) {
    if (!(error instanceof PortError)) throw error;
    const problem = invalid(`${item("spec.ports", index)}.nodePort`, port, error.message);
    throw invalidObject({ group: "", kind: "Service" }, service.metadata.name ?? "", [problem]);
  }
}

function takeNext(operation: PortOperation): number {
  try {
    return operation.takeNext();
  } catch (error) {
    throw internalError(`failed to allocate a nodePort: ${(error as Error).message}`, error);
  }
}
