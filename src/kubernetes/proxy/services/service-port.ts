// What of a Service the rules of one address family need: its ports, each with the addresses it is reached at. Pure.

import { parseCIDRSloppy, type Service, type ServicePort as SpecPort } from "#kubernetes/api";
import { addressIn, type IPFamily } from "../nft/family.ts";

export type Protocol = "tcp" | "udp" | "sctp";

/** One port of a service, in one family. */
export interface ServicePort {
  readonly namespace: string;
  readonly service: string;
  /** The port's own name; "" for the only port of a service. */
  readonly portName: string;
  readonly protocol: Protocol;
  readonly port: number;
  /** The address inside the cluster. */
  readonly clusterIP: string;
  /** 0: none. */
  readonly nodePort: number;
  readonly externalIPs: readonly string[];
  /** Addresses of load balancers that leave the packets' destination as it is. */
  readonly loadBalancerIPs: readonly string[];
  /** Ranges from which load balancer addresses may be reached; empty: from anywhere. */
  readonly loadBalancerSourceRanges: readonly string[];
  /** How long a client stays with the endpoint it got; 0: not at all. */
  readonly affinitySeconds: number;
  readonly isInternalLocal: boolean;
  readonly isExternalLocal: boolean;
}

const proxyNameLabel = "service.kubernetes.io/service-proxy-name";
export const headlessLabel = "service.kubernetes.io/headless";

/** Whether another proxy has been asked to look after the object. */
export function isForAnotherProxy({ metadata }: Pick<Service, "metadata">): boolean {
  return metadata.labels?.[proxyNameLabel] !== undefined;
}

/** The ports to make rules for; none for headless and external-name services, and for those without an address in the family. */
export function servicePortsOf(service: Service, family: IPFamily): ServicePort[] {
  const { spec } = service;
  if (!spec || spec.type === "ExternalName" || isForAnotherProxy(service)) return [];
  const clusterIP = clusterIPOf(service, family);
  if (clusterIP === undefined) return [];
  const common = {
    namespace: service.metadata.namespace ?? "",
    service: service.metadata.name ?? "",
    clusterIP,
    externalIPs: addressesIn(family, spec.externalIPs),
    loadBalancerIPs: loadBalancerIPs(service, family),
    loadBalancerSourceRanges: sourceRanges(spec.loadBalancerSourceRanges, family),
    affinitySeconds: affinitySeconds(service),
    isInternalLocal: spec.internalTrafficPolicy === "Local",
    isExternalLocal: spec.externalTrafficPolicy === "Local" && mayBeReachedFromOutside(service),
  };
  return (spec.ports ?? []).map((port) => ({ ...common, ...portNumbers(port) }));
}

/** "namespace/name:port", as upstream names a port of a service. */
export function nameOfPort({ namespace, service, portName }: ServicePort): string {
  return portName === "" ? `${namespace}/${service}` : `${namespace}/${service}:${portName}`;
}

export function isExternallyAccessible({ nodePort, externalIPs, loadBalancerIPs }: ServicePort): boolean {
  return nodePort !== 0 || externalIPs.length > 0 || loadBalancerIPs.length > 0;
}

/** Where load balancers ask whether this node has endpoints of the service; undefined: nowhere. */
export function healthCheckNodePort({ spec }: Service): number | undefined {
  if (spec?.type !== "LoadBalancer" || spec.externalTrafficPolicy !== "Local") return undefined;
  return spec.healthCheckNodePort || undefined;
}

function portNumbers({ name = "", protocol = "TCP", port, nodePort = 0 }: SpecPort) {
  return { portName: name, protocol: protocol.toLowerCase() as Protocol, port, nodePort };
}

function clusterIPOf({ spec = {} }: Service, family: IPFamily): string | undefined {
  const { ipFamilies = [], clusterIPs = [], clusterIP = "" } = spec;
  if (ipFamilies.length === 0) return addressIn(family, clusterIP);
  const index = ipFamilies.indexOf(family);
  return index < 0 ? undefined : addressIn(family, clusterIPs[index] ?? (index === 0 ? clusterIP : ""));
}

function mayBeReachedFromOutside({ spec = {} }: Service): boolean {
  return spec.type === "LoadBalancer" || spec.type === "NodePort" || (spec.externalIPs ?? []).length > 0;
}

function addressesIn(family: IPFamily, texts: readonly string[] | undefined): string[] {
  const addresses = (texts ?? []).map((text) => addressIn(family, text));
  return [...new Set(addresses.filter((address) => address !== undefined))];
}

function loadBalancerIPs({ status }: Service, family: IPFamily): string[] {
  const ingress = status?.loadBalancer?.ingress ?? [];
  return addressesIn(
    family,
    ingress.filter(({ ip, ipMode = "VIP" }) => ip && ipMode === "VIP").map(({ ip }) => ip!),
  );
}

/** A range of everything means the same as none at all. */
function sourceRanges(texts: readonly string[] | undefined, family: IPFamily): string[] {
  const wanted = family === "IPv4" ? 4 : 6;
  const ranges = (texts ?? []).map((text) => ({ text: text.trim(), range: parseCIDRSloppy(text.trim())?.range }));
  const ours = ranges.filter(({ range }) => range?.family === wanted);
  return ours.some(({ range }) => range?.prefixLength === 0) ? [] : ours.map(({ text }) => text);
}

function affinitySeconds({ spec = {} }: Service): number {
  if (spec.sessionAffinity !== "ClientIP") return 0;
  return spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? defaultAffinitySeconds;
}

/** Three hours, as the API server fills it in. */
const defaultAffinitySeconds = 10800;
