// How a pod resolves names, and the names it has itself.

import {
  child,
  type FieldError,
  forbiddenField,
  invalid,
  item,
  notSupported,
  required,
  tooLong,
} from "../../../field-error.ts";
import type { HostAlias, PodDNSConfig, PodSpec } from "../../../generated/types.ts";
import { validateIPForLegacyField } from "../../../ip-validation.ts";
import { checkDNS1123Label, checkDNS1123Subdomain, checkDNS1123SubdomainWithUnderscore } from "../../../names.ts";
import { reportInvalid } from "../../report.ts";

const policies = ["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"];

export function validateDNSPolicy(policy: string | undefined, path: string, errors: FieldError[]): void {
  if (!policy) errors.push(required(path));
  else if (!policies.includes(policy)) errors.push(notSupported(path, policy, policies));
}

const mostNameservers = 3;
const mostSearches = 32;
const longestSearchList = 2048;

export function validateDNSConfig({ dnsConfig, dnsPolicy }: PodSpec, path: string, errors: FieldError[]): void {
  if (dnsPolicy === "None") {
    if (!dnsConfig) {
      errors.push(required(path, "must provide `dnsConfig` when `dnsPolicy` is None"));
      return;
    }
    if (!dnsConfig.nameservers?.length) {
      const why = "must provide at least one DNS nameserver when `dnsPolicy` is None";
      errors.push(required(child(path, "nameservers"), why));
      return;
    }
  }
  if (dnsConfig) validateResolver(dnsConfig, path, errors);
}

function validateResolver(config: PodDNSConfig, path: string, errors: FieldError[]): void {
  const { nameservers = [], searches = [], options = [] } = config;
  const nameserversPath = child(path, "nameservers");
  if (nameservers.length > mostNameservers) {
    errors.push(invalid(nameserversPath, nameservers, `must not have more than ${mostNameservers} nameservers`));
  }
  for (const [index, nameserver] of nameservers.entries()) {
    errors.push(...validateIPForLegacyField(item(nameserversPath, index), nameserver));
  }
  validateSearches(searches, child(path, "searches"), errors);
  for (const [index, { name }] of options.entries()) {
    if (!name) errors.push(required(item(child(path, "options"), index), "must not be empty"));
  }
}

function validateSearches(searches: readonly string[], path: string, errors: FieldError[]): void {
  if (searches.length > mostSearches) {
    errors.push(invalid(path, searches, `must not have more than ${mostSearches} search paths`));
  }
  if (Buffer.byteLength(searches.join(" ")) > longestSearchList) {
    const why = `must not have more than ${longestSearchList} characters (including spaces) in the search list`;
    errors.push(invalid(path, searches, why));
  }
  for (const [index, search] of searches.entries()) {
    if (search === ".") continue;
    const name = search.endsWith(".") ? search.slice(0, -1) : search;
    reportInvalid(errors, item(path, index), name, checkDNS1123SubdomainWithUnderscore(name));
  }
}

export function validateHostAliases(aliases: readonly HostAlias[], path: string, errors: FieldError[]): void {
  for (const [index, { ip, hostnames }] of aliases.entries()) {
    errors.push(...validateIPForLegacyField(child(item(path, index), "ip"), ip));
    for (const [place, hostname] of (hostnames ?? []).entries()) {
      const field = item(child(item(path, index), "hostnames"), place);
      reportInvalid(errors, field, hostname, checkDNS1123Subdomain(hostname));
    }
  }
}

const longestOverride = 64;

/** The whole host name, instead of one made of the pod's name and subdomain. */
export function validateHostnameOverride(spec: PodSpec, path: string, errors: FieldError[]): void {
  const { hostnameOverride: name } = spec;
  if (name === undefined) return;
  const field = child(path, "hostnameOverride");
  if (spec.setHostnameAsFQDN) {
    errors.push(forbiddenField(field, "may not be specified when setHostnameAsFQDN is true"));
  }
  if (spec.hostNetwork) errors.push(forbiddenField(field, "may not be specified when hostNetwork is true"));
  if (Buffer.byteLength(name) > longestOverride) errors.push(tooLong(field, longestOverride));
  reportInvalid(errors, field, name, checkDNS1123Subdomain(name));
}

export function validateHostname({ hostname, subdomain }: PodSpec, path: string, errors: FieldError[]): void {
  if (hostname) reportInvalid(errors, child(path, "hostname"), hostname, checkDNS1123Label(hostname));
  if (subdomain) reportInvalid(errors, child(path, "subdomain"), subdomain, checkDNS1123Label(subdomain));
}
