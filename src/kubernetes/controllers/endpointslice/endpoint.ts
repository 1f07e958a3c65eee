// One pod as an endpoint of a service.

import type { DiscoveryV1EndpointPort, Endpoint, Node, Pod, Service } from "#kubernetes/api";
import { isPodReady } from "../pods/pod-state.ts";
import { endpointHostname, findTargetPort, podAddresses } from "../service-endpoints/service-pods.ts";

export type AddressType = "IPv4" | "IPv6";

const zoneLabel = "topology.kubernetes.io/zone";

/** A pod on its way out is never ready, unless the service publishes pods that are not. */
export function podEndpoint(pod: Pod, node: Node | undefined, service: Service, addressType: AddressType): Endpoint {
  const serving = isPodReady(pod);
  const terminating = pod.metadata.deletionTimestamp !== undefined;
  const ready = service.spec?.publishNotReadyAddresses === true || (serving && !terminating);
  const zone = node?.metadata.labels?.[zoneLabel];
  const hostname = endpointHostname(pod, service);
  const { namespace, name, uid } = pod.metadata;
  return {
    addresses: podAddresses(pod, addressType),
    conditions: { ready, serving, terminating },
    ...(hostname !== undefined && { hostname }),
    targetRef: {
      kind: "Pod",
      ...(namespace !== undefined && { namespace }),
      ...(name !== undefined && { name }),
      ...(uid !== undefined && { uid }),
    },
    ...(pod.spec?.nodeName && { nodeName: pod.spec.nodeName }),
    ...(zone && { zone }),
  };
}

/** The ports of a pod that the service's ports lead to; those that lead nowhere are left out. */
export function podPorts(pod: Pod, { spec }: Service): DiscoveryV1EndpointPort[] {
  const ports: DiscoveryV1EndpointPort[] = [];
  for (const servicePort of spec?.ports ?? []) {
    const port = findTargetPort(pod, servicePort);
    if (port === undefined) continue;
    const { name = "", protocol = "TCP", appProtocol } = servicePort;
    ports.push({ name, port, protocol, ...(appProtocol !== undefined && { appProtocol }) });
  }
  return ports;
}

/** Equal for equal sets of ports: slices of one set hold the endpoints with these ports. */
export function portsKey(ports: readonly DiscoveryV1EndpointPort[] | undefined): string {
  return (ports ?? [])
    .map(({ name, port, protocol, appProtocol }) => JSON.stringify([name, port, protocol, appProtocol]))
    .sort()
    .join();
}

/** What makes two endpoints the same one, whatever else is said of them. */
export function endpointKey({ addresses, hostname, targetRef }: Endpoint): string {
  const sorted = addresses.length > 1 ? [...addresses].sort().join() : addresses[0];
  return `${sorted} ${hostname ?? ""} ${targetRef?.namespace ?? ""}/${targetRef?.name ?? ""}`;
}

/** Of two with the same key: whether nothing else differs. */
export function isSameEndpoint(a: Endpoint, b: Endpoint): boolean {
  return (
    a.nodeName === b.nodeName &&
    a.zone === b.zone &&
    a.conditions?.ready === b.conditions?.ready &&
    a.conditions?.serving === b.conditions?.serving &&
    a.conditions?.terminating === b.conditions?.terminating &&
    a.targetRef?.uid === b.targetRef?.uid &&
    a.targetRef?.kind === b.targetRef?.kind
  );
}
