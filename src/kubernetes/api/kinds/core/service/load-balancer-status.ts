// Where a load balancer can be reached, in the status of a Service (and in that of an Ingress).

import { child, type FieldError, forbiddenField, invalid, item, notSupported, required } from "../../../field-error.ts";
import type { LoadBalancerIngress } from "../../../generated/types.ts";
import { parseIPSloppy } from "../../../ip.ts";
import { validateIPForLegacyField, warnOfIP } from "../../../ip-validation.ts";
import { checkDNS1123Subdomain } from "../../../names.ts";
import { reportInvalid } from "../../report.ts";
import { type DecodedService, isLoadBalancer } from "./service-traits.ts";

const ipModes = ["Proxy", "VIP"];
const path = "status.loadBalancer.ingress";

export function validateServiceStatusUpdate(service: DecodedService, old: DecodedService): FieldError[] {
  const errors: FieldError[] = [];
  const ingress = service.status.loadBalancer?.ingress ?? [];
  if (!isLoadBalancer(service) && ingress.length > 0) {
    return [forbiddenField(path, "may only be used when `spec.type` is 'LoadBalancer'")];
  }
  const known = (old.status.loadBalancer?.ingress ?? []).flatMap(({ ip }) => (ip ? [ip] : []));
  for (const [index, place] of ingress.entries()) validatePlace(place, item(path, index), known, errors);
  return errors;
}

function validatePlace(
  { ip, ipMode, hostname }: LoadBalancerIngress,
  placePath: string,
  known: readonly string[],
  errors: FieldError[],
): void {
  if (ip) errors.push(...validateIPForLegacyField(child(placePath, "ip"), ip, known));
  const modePath = child(placePath, "ipMode");
  if (ipMode === undefined) {
    if (ip) errors.push(required(modePath, "must be specified when `ip` is set"));
  } else if (!ip) errors.push(forbiddenField(modePath, "may not be specified when `ip` is not set"));
  else if (!ipModes.includes(ipMode)) errors.push(notSupported(modePath, ipMode, ipModes));
  if (!hostname) return;
  const hostPath = child(placePath, "hostname");
  reportInvalid(errors, hostPath, hostname, checkDNS1123Subdomain(hostname));
  if (parseIPSloppy(hostname)) errors.push(invalid(hostPath, hostname, "must be a DNS name, not an IP address"));
}

export function warnOfServiceStatus({ status }: DecodedService): string[] {
  return (status.loadBalancer?.ingress ?? []).flatMap(({ ip }, index) => (ip ? warnOfIP(item(path, index), ip) : []));
}
