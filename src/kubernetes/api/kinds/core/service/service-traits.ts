// What of a Service decides which of its fields mean something: its type above all.

import type { Service } from "../../../generated/types.ts";
import type { Decoded } from "../../define-kind.ts";

export type DecodedService = Decoded<Service, "spec" | "status">;

/** Of upstream's ClusterIPNone: the service has no address of its own. */
export const headlessIP = "None";

export const trafficPolicies: readonly string[] = ["Cluster", "Local"];

export function isHeadless({ spec }: DecodedService): boolean {
  return spec.clusterIPs?.length === 1 && spec.clusterIPs[0] === headlessIP;
}

export function isLoadBalancer({ spec }: DecodedService): boolean {
  return spec.type === "LoadBalancer";
}

/** Is more than a name: has addresses of the cluster. */
export function needsClusterIP({ spec }: DecodedService): boolean {
  return spec.type !== "ExternalName";
}

/** Traffic from outside the cluster can reach it. */
export function isExternallyAccessible({ spec }: DecodedService): boolean {
  if (spec.type === "ClusterIP") return (spec.externalIPs ?? []).length > 0;
  return spec.type === "LoadBalancer" || spec.type === "NodePort";
}

/** Load balancers must ask the nodes which of them have endpoints, at a port of its own. */
export function needsHealthCheckPort({ spec }: DecodedService): boolean {
  return spec.type === "LoadBalancer" && spec.externalTrafficPolicy === "Local";
}

export function sameList(a: readonly string[] | undefined, b: readonly string[] | undefined): boolean {
  const [left, right] = [a ?? [], b ?? []];
  return left.length === right.length && left.every((value, index) => value === right[index]);
}
