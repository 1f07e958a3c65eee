// Services and slices for the tests of the rules.

import type { Endpoint, EndpointSlice, Service, ServiceSpec } from "#kubernetes/api";
import type { ProxySettings } from "./fixed-rules.ts";
import { planService, type ServicePlan } from "./plan.ts";

export const settings: ProxySettings = {
  family: "IPv4",
  clusterCIDRs: ["10.244.0.0/16"],
  masqueradeAll: false,
  serviceCIDRs: ["10.96.0.0/16"],
  nodePortAddresses: undefined,
  nodeAddress: "10.90.0.2",
};

/** A ClusterIP service "default/<name>" with port "http" (80) unless the spec says otherwise. */
export function serviceOf(
  name: string,
  clusterIP: string,
  spec: ServiceSpec = {},
  status?: Service["status"],
): Service {
  const family = clusterIP.includes(":") ? "IPv6" : "IPv4";
  const ports = [{ name: "http", port: 80, protocol: "TCP" }];
  return {
    metadata: { namespace: "default", name },
    spec: { type: "ClusterIP", clusterIP, clusterIPs: [clusterIP], ipFamilies: [family], ports, ...spec },
    ...(status && { status }),
  };
}

/** "10.244.1.5@n1": an endpoint on node n1; more of it as given. */
export function endpointOf(place: string, more: Partial<Endpoint> = {}): Endpoint {
  const [address = "", nodeName] = place.split("@");
  return { addresses: [address], ...(nodeName && { nodeName }), ...more };
}

/** A slice with port "http" at 8080. */
export function sliceOf(endpoints: readonly Endpoint[], more: Partial<EndpointSlice> = {}): EndpointSlice {
  const addressType = endpoints[0]?.addresses[0]?.includes(":") ? "IPv6" : "IPv4";
  const ports = [{ name: "http", port: 8080, protocol: "TCP" }];
  return { metadata: { name: "slice" }, addressType, ports, endpoints: [...endpoints], ...more };
}

export function planOf(
  service: Service,
  endpoints: readonly Endpoint[],
  before?: ServicePlan,
): ServicePlan | undefined {
  const place = { nodeName: "n1", zone: "a" };
  const family = service.spec?.clusterIP?.includes(":") ? "IPv6" : "IPv4";
  return planService(service, [sliceOf(endpoints)], { family, place, before });
}
