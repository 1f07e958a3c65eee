// A service's own addresses and their families: one of each family at most, the first in a field of its own.

import { child, duplicate, type FieldError, invalid, item, notSupported, required } from "../../../field-error.ts";
import { parseIPSloppy } from "../../../ip.ts";
import { validateIPForLegacyField } from "../../../ip-validation.ts";
import { reportUnsupported } from "../../report.ts";
import { type DecodedService, headlessIP, isHeadless } from "./service-traits.ts";

const ipFamilies = ["IPv4", "IPv6"];
const ipFamilyPolicies = ["PreferDualStack", "RequireDualStack", "SingleStack"];
const ipsPath = "spec.clusterIPs";

/** Upstream's ValidateServiceClusterIPsRelatedFields, which allocation asks too. Addresses that were there may be odd. */
export function validateClusterIPs(
  service: DecodedService,
  old: DecodedService | undefined,
  errors: FieldError[],
): void {
  const { spec } = service;
  if (spec.type === "ExternalName") return;
  const { clusterIPs = [] } = spec;
  validateFirst(service, errors);
  validateFamilies(spec.ipFamilies ?? [], errors);
  reportUnsupported(errors, "spec.ipFamilyPolicy", spec.ipFamilyPolicy, ipFamilyPolicies);
  const areValid = validateAddresses(clusterIPs, old?.spec.clusterIPs ?? [], errors);
  if (clusterIPs.length > 2) errors.push(invalid(ipsPath, clusterIPs, "may only hold up to 2 values"));
  if (!areValid) return;
  if (clusterIPs.length > 1 && new Set(clusterIPs.map(familyOf)).size < 2) {
    errors.push(invalid(ipsPath, clusterIPs, "may specify no more than one IP for each IP family"));
  }
  if (!isHeadless(service)) validateMatch(clusterIPs, spec.ipFamilies ?? [], errors);
}

/** The family of a well-formed address, as ipFamilies names it. */
export function familyOf(ip: string): "IPv4" | "IPv6" {
  return parseIPSloppy(ip)?.family === 6 ? "IPv6" : "IPv4";
}

function validateFirst({ spec: { clusterIP, clusterIPs = [] } }: DecodedService, errors: FieldError[]): void {
  if (clusterIP) {
    if (clusterIPs.length === 0) errors.push(required(ipsPath));
    else if (clusterIPs[0] !== clusterIP) {
      errors.push(invalid(ipsPath, clusterIPs, "first value must match `clusterIP`"));
    }
  } else if (clusterIPs.length > 0) {
    errors.push(invalid(ipsPath, clusterIPs, "must be empty when `clusterIP` is not specified"));
  }
}

function validateFamilies(families: readonly string[], errors: FieldError[]): void {
  const known = new Set<string>();
  for (const [index, family] of families.entries()) {
    const path = item("spec.ipFamilies", index);
    if (!ipFamilies.includes(family)) errors.push(notSupported(path, family, ipFamilies));
    if (known.has(family)) errors.push(duplicate(path, family));
    known.add(family);
  }
}

function validateAddresses(ips: readonly string[], oldIPs: readonly string[], errors: FieldError[]): boolean {
  const errorsBefore = errors.length;
  for (const [index, ip] of ips.entries()) {
    if (index > 0 || ip !== headlessIP) errors.push(...validateIPForLegacyField(item(ipsPath, index), ip, oldIPs));
    else if (ips.length > 1) errors.push(invalid(ipsPath, ips, "'None' must be the first and only value"));
  }
  return errors.length === errorsBefore;
}

function validateMatch(ips: readonly string[], families: readonly string[], errors: FieldError[]): void {
  for (const [index, ip] of ips.entries()) {
    const family = families[index];
    if (family === undefined || !ipFamilies.includes(family) || familyOf(ip) === family) continue;
    const why = `expected an ${family} value as indicated by \`ipFamilies[${index}]\``;
    errors.push(invalid(item(ipsPath, index), ip, why));
  }
}

/** Between two services with addresses: the first stays, a second comes and goes with the policy that says so. */
export function validateClusterIPsUpdate({ spec }: DecodedService, old: DecodedService, errors: FieldError[]): void {
  const { clusterIPs = [], ipFamilies: families } = spec;
  const { clusterIPs: oldIPs = [], ipFamilies: oldFamilies = [] } = old.spec;
  if (spec.type === "ExternalName" || old.spec.type === "ExternalName") return;
  const [isNowHeadless, wasHeadless] = [isHeadless({ spec } as DecodedService), isHeadless(old)];
  if (!isNowHeadless || !wasHeadless) {
    validateListUpdate({ path: ipsPath, what: "clusterIP", shown: spec.clusterIPs }, clusterIPs, oldIPs, spec, errors);
  }
  if (isNowHeadless || wasHeadless) return;
  const list = { path: "spec.ipFamilies", what: "ipFamily", shown: families };
  validateListUpdate(list, families ?? [], oldFamilies, spec, errors);
}

function validateListUpdate(
  { path, what, shown }: { path: string; what: string; shown: unknown },
  values: readonly string[],
  old: readonly string[],
  spec: DecodedService["spec"],
  errors: FieldError[],
): void {
  const isFamilies = what === "ipFamily";
  const reportChange = (index: number, value: unknown): void => {
    errors.push(invalid(item(path, index), value, "may not change once set"));
  };
  if (values.length === old.length) {
    for (const [index, value] of old.entries()) {
      if (value !== values[index]) reportChange(isFamilies ? 0 : index, shown);
    }
    return;
  }
  if (values.length < old.length) {
    const first = isFamilies ? spec.clusterIPs : values;
    if (!first?.length) errors.push(invalid(item(path, 0), shown, `primary ${what} can not be unset`));
  }
  // Upstream shows the addresses here, whichever list it is about.
  if (values.length > 0 && old.length > 0 && values[0] !== old[0]) reportChange(0, spec.clusterIPs);
  if (values.length === 1 && values.length < old.length && spec.ipFamilyPolicy !== "SingleStack") {
    const why = `must be set to 'SingleStack' when releasing the secondary ${what}`;
    errors.push(invalid(child("spec", "ipFamilyPolicy"), spec.ipFamilyPolicy, why));
  }
}
