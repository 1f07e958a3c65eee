// Which families of addresses a service gets: as it says, as its addresses say, or as the cluster is configured.

import { type FieldError, invalid, item } from "../../../field-error.ts";
import { type DecodedService, headlessIP, sameList } from "./service-traits.ts";
import { familyOf, validateClusterIPs } from "./validate-cluster-ips.ts";

type IPFamily = "IPv4" | "IPv6";

const policyPath = "spec.ipFamilyPolicy";

/**
 * Sets spec.ipFamilyPolicy and spec.ipFamilies before addresses are allocated; upstream's initIPFamilyFields. `configured` are the
 * families the cluster has addresses of, the default first. Answers what makes that impossible; the service is then refused.
 */
export function settleIPFamilies(
  service: DecodedService,
  old: DecodedService | undefined,
  configured: readonly IPFamily[],
): FieldError[] {
  const { spec } = service;
  if (spec.type === "ExternalName" || (old && keepsPreference(service, old))) return [];
  const isSelectorless = spec.clusterIP === headlessIP && Object.keys(spec.selector ?? {}).length === 0;
  spec.ipFamilyPolicy ??= old?.spec.ipFamilyPolicy ?? (isSelectorless ? "RequireDualStack" : "SingleStack");
  const errors: FieldError[] = [];
  validateClusterIPs(service, old, errors);
  if (errors.length > 0) return errors;
  if (old) settleRelease(service, old, errors);
  if (spec.ipFamilyPolicy === "SingleStack") reportSecondValues(service, errors);
  inferFamilies(service, configured, errors);
  if (errors.length > 0) return errors;
  if (!isSelectorless) reportUnconfigured(service, configured, errors);
  if (errors.length > 0) return errors;
  completeFamilies(service, configured, isSelectorless);
  return [];
}

/** A service that prefers two families keeps what it has while nothing about that changes, whatever the cluster offers now. */
function keepsPreference({ spec }: DecodedService, { spec: old }: DecodedService): boolean {
  return (
    spec.ipFamilyPolicy === "PreferDualStack" &&
    (old.ipFamilyPolicy ?? "PreferDualStack") === "PreferDualStack" &&
    spec.type === old.type &&
    sameList(spec.clusterIPs, old.clusterIPs) &&
    sameList(spec.ipFamilies, old.ipFamilies)
  );
}

/** A second family goes where the policy says so, and only there. */
function settleRelease({ spec }: DecodedService, { spec: old }: DecodedService, errors: FieldError[]): void {
  for (const [field, what] of [
    ["clusterIPs", "cluster IP"],
    ["ipFamilies", "IP family"],
  ] as const) {
    const [values = [], oldValues = []] = [spec[field], old[field]];
    if (spec.ipFamilyPolicy === "SingleStack") {
      if (sameList(values, oldValues) && values.length > 1) spec[field] = values.slice(0, 1);
    } else if (values.length > 0 && values.length < oldValues.length) {
      errors.push(invalid(policyPath, spec.ipFamilyPolicy, `must be 'SingleStack' to release the secondary ${what}`));
    }
  }
}

function reportSecondValues({ spec }: DecodedService, errors: FieldError[]): void {
  const needed = "must be 'RequireDualStack' or 'PreferDualStack' when multiple";
  if (spec.clusterIPs?.length === 2) {
    errors.push(invalid(policyPath, spec.ipFamilyPolicy, `${needed} cluster IPs are specified`));
  }
  if (spec.ipFamilies?.length === 2) {
    errors.push(invalid(policyPath, spec.ipFamilyPolicy, `${needed} IP families are specified`));
  }
}

function inferFamilies({ spec }: DecodedService, configured: readonly IPFamily[], errors: FieldError[]): void {
  const { clusterIPs = [] } = spec;
  if (clusterIPs[0] === headlessIP) return;
  for (const [index, ip] of clusterIPs.entries()) {
    const family = familyOf(ip);
    const known = spec.ipFamilies ?? [];
    if (index < known.length) continue;
    if (configured.includes(family)) spec.ipFamilies = [...known, family];
    else
      errors.push(invalid(item("spec.clusterIPs", index), clusterIPs, `${family} is not configured on this cluster`));
  }
}

function reportUnconfigured({ spec }: DecodedService, configured: readonly IPFamily[], errors: FieldError[]): void {
  if (spec.ipFamilyPolicy === "RequireDualStack" && configured.length < 2) {
    errors.push(invalid(policyPath, spec.ipFamilyPolicy, "this cluster is not configured for dual-stack services"));
  }
  for (const [index, family] of (spec.ipFamilies ?? []).entries()) {
    if (configured.includes(family as IPFamily)) continue;
    errors.push(invalid(item("spec.ipFamilies", index), family, "not configured on this cluster"));
  }
}

/** Without a selector nobody knows the families of the endpoints: those may be of either, whatever the cluster has. */
function completeFamilies({ spec }: DecodedService, configured: readonly IPFamily[], isSelectorless: boolean): void {
  const families = spec.ipFamilies?.length ? spec.ipFamilies : configured.slice(0, 1);
  const wantsTwo = spec.ipFamilyPolicy !== "SingleStack" && (isSelectorless || configured.length === 2);
  const other = families[0] === "IPv4" ? "IPv6" : "IPv4";
  spec.ipFamilies = wantsTwo && families.length === 1 ? [...families, other] : families;
}
