// What can be wrong with a Service. Most fields are for some types only.

import { entry, type FieldError, forbiddenField, invalid, item, notSupported, required } from "../../../field-error.ts";
import type { ServiceSpec } from "../../../generated/types.ts";
import { validateCIDRForLegacyField, validateIPForLegacyField } from "../../../ip-validation.ts";
import { checkDNS1123Subdomain, checkPortNumber, checkQualifiedName } from "../../../names.ts";
import { validateLabels } from "../../metadata/labels.ts";
import { immutableError, reportInvalid, reportUnsupported } from "../../report.ts";
import { validateReachableIP } from "../reachable-ip.ts";
import {
  type DecodedService,
  isExternallyAccessible,
  isHeadless,
  isLoadBalancer,
  needsHealthCheckPort,
  trafficPolicies,
} from "./service-traits.ts";
import { validateClusterIPs, validateClusterIPsUpdate } from "./validate-cluster-ips.ts";
import { validateDistinctPorts, validatePorts } from "./validate-ports.ts";

const types = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];
const affinities = ["ClientIP", "None"];
const trafficDistributions = ["PreferClose", "PreferSameZone", "PreferSameNode"];
export const topologyHintsAnnotation = "service.kubernetes.io/topology-aware-hints";
export const topologyModeAnnotation = "service.kubernetes.io/topology-mode";
const sourceRangesAnnotation = "service.beta.kubernetes.io/load-balancer-source-ranges";
const mostAffinitySeconds = 86400;
const onlyLoadBalancer = "may only be used when `type` is 'LoadBalancer'";

export function validateService(service: DecodedService, old?: DecodedService): FieldError[] {
  const errors: FieldError[] = [];
  const { spec } = service;
  const { ports = [] } = spec;
  validateTopologyAnnotations(service, errors);
  if (ports.length === 0 && !isHeadless(service) && spec.type !== "ExternalName") errors.push(required("spec.ports"));
  validateTypeNeeds(service, errors);
  validatePorts(ports, "spec.ports", errors);
  validateLabels(spec.selector, "spec.selector", errors);
  validateAffinity(spec, errors);
  validateClusterIPs(service, old, errors);
  validateExternalIPs(spec, old, errors);
  if (!spec.type) errors.push(required("spec.type"));
  else reportUnsupported(errors, "spec.type", spec.type, types);
  validateDistinctPorts(ports, "spec.ports", errors, { allowNodePorts: spec.type !== "ClusterIP" });
  validateSourceRanges(service, old, errors);
  validateLoadBalancerFields(service, errors);
  validateTraffic(service, errors);
  return errors;
}

export function validateServiceUpdate(service: DecodedService, old: DecodedService): FieldError[] {
  const errors: FieldError[] = [];
  const { loadBalancerClass, healthCheckNodePort } = service.spec;
  validateClusterIPsUpdate(service, old, errors);
  if (isLoadBalancer(old) && isLoadBalancer(service) && loadBalancerClass !== old.spec.loadBalancerClass) {
    errors.push(invalid("spec.loadBalancerClass", loadBalancerClass, "may not change once set"));
  }
  validateLoadBalancerClass(service, errors);
  const checksHealth = needsHealthCheckPort(old) && needsHealthCheckPort(service);
  if (checksHealth && healthCheckNodePort !== old.spec.healthCheckNodePort) {
    errors.push(forbiddenField("spec.healthCheckNodePort", immutableError));
  }
  return [...errors, ...validateService(service, old)];
}

function validateTopologyAnnotations({ metadata }: DecodedService, errors: FieldError[]): void {
  const hints = metadata.annotations?.[topologyHintsAnnotation];
  const mode = metadata.annotations?.[topologyModeAnnotation];
  if (hints === undefined || mode === undefined || hints === mode) return;
  const why = `must match annotations[${topologyHintsAnnotation}] when both are specified`;
  errors.push(invalid(entry("metadata.annotations", topologyModeAnnotation), mode, why));
}

function validateTypeNeeds(service: DecodedService, errors: FieldError[]): void {
  const { type, clusterIPs } = service.spec;
  if (type === "ExternalName") validateExternalName(service.spec, errors);
  else if ((type === "LoadBalancer" || type === "NodePort") && isHeadless(service)) {
    errors.push(invalid("spec.clusterIPs[0]", clusterIPs?.[0], `may not be set to 'None' for ${type} services`));
  }
}

function validateExternalName(spec: ServiceSpec, errors: FieldError[]): void {
  const forbidden = "may not be set for ExternalName services";
  if (spec.clusterIPs?.length) errors.push(forbiddenField("spec.clusterIPs", forbidden));
  if (spec.ipFamilies?.length) errors.push(forbiddenField("spec.ipFamilies", forbidden));
  if (spec.ipFamilyPolicy !== undefined) errors.push(forbiddenField("spec.ipFamilyPolicy", forbidden));
  const name = (spec.externalName ?? "").replace(/\.$/, "");
  if (name === "") errors.push(required("spec.externalName"));
  else reportInvalid(errors, "spec.externalName", name, checkDNS1123Subdomain(name));
}

function validateAffinity({ sessionAffinity, sessionAffinityConfig }: ServiceSpec, errors: FieldError[]): void {
  const path = "spec.sessionAffinityConfig";
  if (!sessionAffinity) errors.push(required("spec.sessionAffinity"));
  else reportUnsupported(errors, "spec.sessionAffinity", sessionAffinity, affinities);
  if (sessionAffinity === "None" && sessionAffinityConfig) {
    errors.push(forbiddenField(path, "must not be set when session affinity is None"));
  }
  if (sessionAffinity !== "ClientIP") return;
  const why = "when session affinity type is ClientIP";
  const seconds = sessionAffinityConfig?.clientIP?.timeoutSeconds;
  if (!sessionAffinityConfig) errors.push(required(path, why));
  else if (!sessionAffinityConfig.clientIP) errors.push(required(`${path}.clientIP`, why));
  else if (seconds === undefined) errors.push(required(`${path}.clientIP.timeoutSeconds`, why));
  else if (seconds <= 0 || seconds > mostAffinitySeconds) {
    const range = `must be greater than 0 and less than ${mostAffinitySeconds}`;
    errors.push(invalid(`${path}.clientIP.timeoutSeconds`, seconds, range));
  }
}

function validateExternalIPs(
  { externalIPs }: ServiceSpec,
  old: DecodedService | undefined,
  errors: FieldError[],
): void {
  for (const [index, ip] of (externalIPs ?? []).entries()) {
    const path = item("spec.externalIPs", index);
    const problems = validateIPForLegacyField(path, ip, old?.spec.externalIPs);
    errors.push(...problems);
    if (problems.length === 0) validateReachableIP(ip, path, errors);
  }
}

/** The field, or the annotation from before there was one. */
function validateSourceRanges(service: DecodedService, old: DecodedService | undefined, errors: FieldError[]): void {
  const { metadata, spec } = service;
  const ranges = spec.loadBalancerSourceRanges ?? [];
  const annotation = metadata.annotations?.[sourceRangesAnnotation];
  if (ranges.length > 0) {
    const path = "spec.LoadBalancerSourceRanges";
    if (!isLoadBalancer(service)) errors.push(forbiddenField(path, onlyLoadBalancer));
    const known = (old?.spec.loadBalancerSourceRanges ?? []).map((range) => range.trim());
    for (const [index, range] of ranges.entries()) {
      errors.push(...validateCIDRForLegacyField(item(path, index), range.trim(), known));
    }
  } else if (annotation !== undefined) {
    const path = entry("metadata.annotations", sourceRangesAnnotation);
    if (!isLoadBalancer(service)) errors.push(forbiddenField(path, onlyLoadBalancer));
    if (old?.metadata.annotations?.[sourceRangesAnnotation] === annotation || annotation.trim() === "") return;
    for (const range of annotation.split(",")) errors.push(...validateCIDRForLegacyField(path, range.trim()));
  }
}

function validateLoadBalancerFields(service: DecodedService, errors: FieldError[]): void {
  const { allocateLoadBalancerNodePorts } = service.spec;
  if (allocateLoadBalancerNodePorts !== undefined && !isLoadBalancer(service)) {
    errors.push(forbiddenField("spec.allocateLoadBalancerNodePorts", onlyLoadBalancer));
  }
  if (allocateLoadBalancerNodePorts === undefined && isLoadBalancer(service)) {
    errors.push(required("allocateLoadBalancerNodePorts"));
  }
  validateLoadBalancerClass(service, errors);
}

function validateLoadBalancerClass(service: DecodedService, errors: FieldError[]): void {
  const { loadBalancerClass } = service.spec;
  const path = "spec.loadBalancerClass";
  if (loadBalancerClass === undefined) return;
  if (!isLoadBalancer(service)) errors.push(forbiddenField(path, onlyLoadBalancer));
  else reportInvalid(errors, path, loadBalancerClass, checkQualifiedName(loadBalancerClass));
}

function validateTraffic(service: DecodedService, errors: FieldError[]): void {
  const { type, externalTrafficPolicy, internalTrafficPolicy, trafficDistribution } = service.spec;
  if (!isExternallyAccessible(service)) {
    if (externalTrafficPolicy) {
      const why = "may only be set for externally-accessible services";
      errors.push(invalid("spec.externalTrafficPolicy", externalTrafficPolicy, why));
    }
  } else if (!externalTrafficPolicy) errors.push(required("spec.externalTrafficPolicy"));
  else reportUnsupported(errors, "spec.externalTrafficPolicy", externalTrafficPolicy, trafficPolicies);
  validateHealthCheckPort(service, errors);
  if (internalTrafficPolicy === undefined && ["NodePort", "LoadBalancer", "ClusterIP"].includes(type ?? "")) {
    errors.push(required("spec.internalTrafficPolicy"));
  }
  reportUnsupported(errors, "spec.internalTrafficPolicy", internalTrafficPolicy, trafficPolicies);
  if (trafficDistribution !== undefined && !trafficDistributions.includes(trafficDistribution)) {
    errors.push(notSupported("spec.trafficDistribution", trafficDistribution, trafficDistributions));
  }
}

function validateHealthCheckPort(service: DecodedService, errors: FieldError[]): void {
  const port = service.spec.healthCheckNodePort ?? 0;
  const path = "spec.healthCheckNodePort";
  if (needsHealthCheckPort(service)) {
    if (port === 0) errors.push(required(path));
    else reportInvalid(errors, path, port, checkPortNumber(port));
  } else if (port !== 0) {
    const why = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'";
    errors.push(invalid(path, port, why));
  }
}
