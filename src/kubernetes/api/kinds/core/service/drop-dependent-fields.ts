// When a service changes its type, fields that the server may have set for the old type go, if the client left them as they
// were. A client that changed them too is told by validation.

import type { ServicePort } from "../../../generated/types.ts";
import {
  type DecodedService,
  isExternallyAccessible,
  isLoadBalancer,
  needsClusterIP,
  needsHealthCheckPort,
  sameList,
  trafficPolicies,
} from "./service-traits.ts";

export function dropTypeDependentFields(service: DecodedService, old: DecodedService): void {
  const { spec } = service;
  if (needsClusterIP(old) && !needsClusterIP(service)) dropClusterIPs(service, old);
  if (hasNodePorts(old) && !hasNodePorts(service)) dropNodePorts(spec.ports ?? [], old.spec.ports ?? []);
  const stops = (applies: (service: DecodedService) => boolean): boolean => applies(old) && !applies(service);
  if (stops(needsHealthCheckPort)) dropUnchanged(service, old, "healthCheckNodePort");
  if (stops(isLoadBalancer)) {
    dropUnchanged(service, old, "allocateLoadBalancerNodePorts");
    dropUnchanged(service, old, "loadBalancerClass");
  }
  if (stops(isExternallyAccessible)) dropUnchanged(service, old, "externalTrafficPolicy");
  if (!isLoadBalancer(service)) service.status = { ...service.status, loadBalancer: {} };
}

type Droppable =
  | "healthCheckNodePort"
  | "allocateLoadBalancerNodePorts"
  | "loadBalancerClass"
  | "externalTrafficPolicy"
  | "ipFamilyPolicy";

function dropUnchanged({ spec }: DecodedService, old: DecodedService, field: Droppable): void {
  if (spec[field] === old.spec[field]) delete spec[field];
}

function dropClusterIPs(service: DecodedService, old: DecodedService): void {
  const { spec } = service;
  if (spec.clusterIP === old.spec.clusterIP && sameList(spec.clusterIPs, old.spec.clusterIPs)) {
    delete spec.clusterIP;
    delete spec.clusterIPs;
  }
  if (sameList(spec.ipFamilies, old.spec.ipFamilies)) delete spec.ipFamilies;
  dropUnchanged(service, old, "ipFamilyPolicy");
}

function hasNodePorts({ spec }: DecodedService): boolean {
  return spec.type === "NodePort" || spec.type === "LoadBalancer";
}

/** Unless there is one among them that the old ports have not. */
function dropNodePorts(ports: readonly ServicePort[], old: readonly ServicePort[]): void {
  const known = new Set(old.map(({ nodePort }) => nodePort));
  if (!ports.every(({ nodePort }) => !nodePort || known.has(nodePort))) return;
  for (const port of ports) delete port.nodePort;
}

/** It means nothing to a mere name, and upstream stores but never shows it. A wrong one stays for validation to find. */
export function dropUnusedTrafficPolicy({ spec }: DecodedService): void {
  const { type, internalTrafficPolicy = "" } = spec;
  if (type === "ExternalName" && trafficPolicies.includes(internalTrafficPolicy)) delete spec.internalTrafficPolicy;
}
