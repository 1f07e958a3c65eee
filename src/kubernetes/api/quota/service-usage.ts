// What a Service counts for in quotas: itself, its node ports, its load balancer.

import type { Service } from "../generated/types.ts";
import type { ResourceList } from "./resource-list.ts";

const names = new Set(["count/services", "services", "services.nodeports", "services.loadbalancers"]);

export function isServiceResource(name: string): boolean {
  return names.has(name);
}

export function serviceUsage({ spec }: Service): ResourceList {
  const isBalanced = spec?.type === "LoadBalancer";
  return {
    "count/services": "1",
    services: "1",
    "services.loadbalancers": isBalanced ? "1" : "0",
    "services.nodeports": String(nodePorts(spec)),
  };
}

function nodePorts(spec: Service["spec"]): number {
  const ports = spec?.ports ?? [];
  if (spec?.type === "NodePort") return ports.length;
  if (spec?.type !== "LoadBalancer") return 0;
  return spec.allocateLoadBalancerNodePorts === false ? ports.filter((port) => port.nodePort).length : ports.length;
}
