// Defaults of a Service that need no knowledge of the cluster; addresses and ports are allocated by the registry.

import { type DecodedService, isExternallyAccessible } from "./service-traits.ts";

const defaultAffinitySeconds = 10800;

export function setServiceDefaults(service: DecodedService): void {
  const { spec } = service;
  setAffinityDefaults(service);
  spec.type ||= "ClusterIP";
  for (const port of spec.ports ?? []) {
    port.protocol ||= "TCP";
    port.targetPort ||= port.port;
  }
  if (isExternallyAccessible(service)) spec.externalTrafficPolicy ||= "Cluster";
  if (["NodePort", "LoadBalancer", "ClusterIP"].includes(spec.type)) spec.internalTrafficPolicy ??= "Cluster";
  if (spec.type === "LoadBalancer") setLoadBalancerDefaults(service);
}

function setAffinityDefaults({ spec }: DecodedService): void {
  spec.sessionAffinity ||= "None";
  if (spec.sessionAffinity === "None") delete spec.sessionAffinityConfig;
  if (spec.sessionAffinity !== "ClientIP") return;
  if (spec.sessionAffinityConfig?.clientIP?.timeoutSeconds === undefined) {
    spec.sessionAffinityConfig = { clientIP: { timeoutSeconds: defaultAffinitySeconds } };
  }
}

function setLoadBalancerDefaults({ spec, status }: DecodedService): void {
  spec.allocateLoadBalancerNodePorts ??= true;
  for (const ingress of status.loadBalancer?.ingress ?? []) {
    if (ingress.ip) ingress.ipMode ??= "VIP";
  }
}
