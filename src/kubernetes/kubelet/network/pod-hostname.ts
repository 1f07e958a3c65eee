// What a pod is called: its host name and domain, and what its kernel says.

import { checkDNS1123Label, checkDNS1123Subdomain } from "#kubernetes/api";
import type { BoundPod } from "../pod/bound-pod.ts";

export interface PodHostname {
  readonly hostname: string;
  /** "" where the pod has no subdomain. */
  readonly domain: string;
}

const longestHostname = 63;
const longestKernelName = 64;

/** By hostnameOverride, else hostname, else the pod's name; cut to what a kernel takes. Throws where it is no DNS name. */
export function podHostname(pod: BoundPod, clusterDomain: string): PodHostname {
  const { hostname, hostnameOverride, subdomain } = pod.spec;
  if (hostnameOverride !== undefined) {
    const problems = checkDNS1123Subdomain(hostnameOverride);
    if (problems.length > 0) {
      throw new Error(
        `pod HostnameOverride ${JSON.stringify(hostnameOverride)} is not a valid DNS subdomain: ${problems.join(";")}`,
      );
    }
    return { hostname: cut(pod, hostnameOverride), domain: "" };
  }
  if (hostname) requireLabel("Hostname", hostname);
  if (subdomain) requireLabel("Subdomain", subdomain);
  return {
    hostname: cut(pod, hostname || pod.metadata.name),
    domain: subdomain ? `${subdomain}.${pod.metadata.namespace}.svc.${clusterDomain}` : "",
  };
}

/** What `hostname` prints in the pod: the fully qualified name where the pod asks for it. Throws where that is too long. */
export function kernelHostname(pod: BoundPod, { hostname, domain }: PodHostname): string {
  if (domain === "" || !pod.spec.setHostnameAsFQDN) return hostname;
  const fqdn = `${hostname}.${domain}`;
  if (fqdn.length <= longestKernelName) return fqdn;
  throw new Error(
    `failed to construct FQDN from pod hostname and cluster domain, FQDN ${fqdn} is too long (${longestKernelName} characters is the max, ${fqdn.length} characters requested)`,
  );
}

function requireLabel(field: string, value: string): void {
  const problems = checkDNS1123Label(value);
  if (problems.length === 0) return;
  throw new Error(`pod ${field} ${JSON.stringify(value)} is not a valid DNS label: ${problems.join(";")}`);
}

function cut(pod: BoundPod, hostname: string): string {
  if (hostname.length <= longestHostname) return hostname;
  const short = hostname.slice(0, longestHostname).replace(/[-.]+$/, "");
  if (short !== "") return short;
  throw new Error(`hostname for pod ${JSON.stringify(pod.metadata.name)} was invalid: ${JSON.stringify(hostname)}`);
}
