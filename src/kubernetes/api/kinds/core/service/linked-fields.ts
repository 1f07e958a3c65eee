// Fields of a Service that go together, some of them allocated: what a client leaves out of an update is taken over from the
// old service. The registry calls these before it allocates and before it prepares the object any further.

import type { ServicePort } from "../../../generated/types.ts";
import { type DecodedService, needsClusterIP, needsHealthCheckPort, sameList } from "./service-traits.ts";

/** clusterIPs follows clusterIP where a client knows only that; upstream's normalizeClusterIPs. */
export function normalizeClusterIPs({ spec }: DecodedService, old?: DecodedService): void {
  const { clusterIP = "" } = spec;
  if (!old) {
    if (clusterIP !== "" && !spec.clusterIPs?.length) spec.clusterIPs = [clusterIP];
    return;
  }
  const { clusterIP: oldIP = "", clusterIPs: oldIPs = [] } = old.spec;
  if (oldIP === clusterIP) {
    if (!spec.clusterIPs?.length && oldIPs.length > 0) spec.clusterIPs = oldIPs;
  } else if (sameList(oldIPs, spec.clusterIPs)) {
    if (clusterIP === "") delete spec.clusterIPs;
    else spec.clusterIPs = [clusterIP];
  }
}

/** Keeps addresses and ports that were allocated, so that the same manifest can be sent again; upstream's patchAllocatedValues. */
export function keepAllocatedValues(service: DecodedService, old: DecodedService): void {
  const { spec } = service;
  if (needsClusterIP(old) && needsClusterIP(service)) {
    if (!spec.clusterIP && old.spec.clusterIP) spec.clusterIP = old.spec.clusterIP;
    if (!spec.clusterIPs?.length && old.spec.clusterIPs?.length) spec.clusterIPs = old.spec.clusterIPs;
  }
  if (allocatesNodePorts(old) && allocatesNodePorts(service)) keepNodePorts(spec.ports ?? [], old.spec.ports ?? []);
  if (needsHealthCheckPort(old) && needsHealthCheckPort(service) && old.spec.healthCheckNodePort) {
    spec.healthCheckNodePort ||= old.spec.healthCheckNodePort;
  }
}

/** Each port of the service is to have a port on every node. */
export function allocatesNodePorts({ spec }: DecodedService): boolean {
  if (spec.type === "NodePort") return true;
  return spec.type === "LoadBalancer" && spec.allocateLoadBalancerNodePorts !== false;
}

/** A port keeps its node port by its name, unless that is in use for another now. */
function keepNodePorts(ports: readonly ServicePort[], old: readonly ServicePort[]): void {
  const claimed = new Set(ports.map(({ nodePort }) => nodePort).filter(Boolean));
  const known = new Map(old.map(({ name = "", nodePort }) => [name, nodePort]));
  for (const port of ports) {
    const nodePort = known.get(port.name ?? "");
    if (!port.nodePort && nodePort && !claimed.has(nodePort)) port.nodePort = nodePort;
  }
}
