// Warnings about a Service: fields that its type ignores, and what is deprecated.

import { item } from "../../../field-error.ts";
import { warnOfCIDR, warnOfIP } from "../../../ip-validation.ts";
import { type DecodedService, headlessIP } from "./service-traits.ts";
import { topologyHintsAnnotation, topologyModeAnnotation } from "./validate-service.ts";

export function warnOfService({ metadata, spec }: DecodedService): string[] {
  const warnings: string[] = [];
  const { clusterIP = "", clusterIPs = [], externalIPs = [], loadBalancerIP = "", type } = spec;
  const isHeadless = type === "ClusterIP" && clusterIP === headlessIP;
  if (metadata.annotations && topologyHintsAnnotation in metadata.annotations) {
    warnings.push(`annotation ${topologyHintsAnnotation} is deprecated, please use ${topologyModeAnnotation} instead`);
  }
  if (clusterIP !== "" && clusterIP !== headlessIP) warnings.push(...warnOfIPs("spec.clusterIPs", clusterIPs));
  if (isHeadless) warnOfHeadless(spec, warnings);
  warnings.push(...warnOfIPs("spec.externalIPs", externalIPs));
  if (externalIPs.length > 0 && !isHeadless && type !== "ExternalName") {
    warnings.push("spec.externalIPs is deprecated and may no longer be implemented in some clusters");
  }
  if (loadBalancerIP !== "") warnings.push(...warnOfIP("spec.loadBalancerIP", loadBalancerIP));
  for (const [index, range] of (spec.loadBalancerSourceRanges ?? []).entries()) {
    warnings.push(...warnOfCIDR(item("spec.loadBalancerSourceRanges", index), range));
  }
  if (type === "ExternalName" && externalIPs.length > 0) {
    warnings.push('spec.externalIPs is ignored when spec.type is "ExternalName"');
  }
  if (type !== "ExternalName" && spec.externalName) {
    warnings.push('spec.externalName is ignored when spec.type is not "ExternalName"');
  }
  if (spec.trafficDistribution === "PreferClose") {
    warnings.push('spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"');
  }
  return warnings;
}

function warnOfIPs(path: string, ips: readonly string[]): string[] {
  return ips.flatMap((ip, index) => warnOfIP(item(path, index), ip));
}

function warnOfHeadless(spec: DecodedService["spec"], warnings: string[]): void {
  const ignored = "is ignored for headless services";
  if (spec.loadBalancerIP) warnings.push(`spec.loadBalancerIP ${ignored}`);
  if (spec.externalIPs?.length) warnings.push(`spec.externalIPs ${ignored}`);
  if (spec.sessionAffinity !== "None") warnings.push(`spec.SessionAffinity ${ignored}`);
}
