// Whether a range of service addresses is ready, and whether it may go. Pure.

import {
  type CIDR,
  containsIP,
  type IPAddress,
  type KubeObject,
  overlaps,
  parseCIDRSloppy,
  parseIP,
  type ServiceCIDR,
} from "#kubernetes/api";

export const finalizer = "networking.k8s.io/service-cidr-finalizer";
const managedBy = "ipaddress.kubernetes.io/managed-by";
const allocator = "ipallocator.k8s.io";

export interface ReadyCondition {
  readonly status: "True" | "False";
  readonly reason: string;
  readonly message: string;
}

export const ready: ReadyCondition = { status: "True", reason: "", message: "Kubernetes Service CIDR is ready" };
export const blocked: ReadyCondition = {
  status: "False",
  reason: "Terminating",
  message: "There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR",
};

export function hasCondition({ status }: ServiceCIDR, wanted: ReadyCondition): boolean {
  const present = status?.conditions?.find(({ type }) => type === "Ready");
  return (
    present?.status === wanted.status && (present.reason ?? "") === wanted.reason && present.message === wanted.message
  );
}

/** Its addresses are in other ranges too, or nobody uses any. */
export function mayGo(range: ServiceCIDR, all: readonly ServiceCIDR[], addresses: readonly KubeObject[]): boolean {
  const others = all.filter(({ metadata }) => metadata.name !== range.metadata.name).flatMap(rangesOf);
  const isCovered = rangesOf(range).every((own) => others.some((other) => contains(other, own)));
  if (isCovered) return true;
  return !addresses.some((address) => {
    const parsed = managedAddress(address);
    if (!parsed) return false;
    return rangesOf(range).some((own) => containsIP(own, parsed)) && !others.some((other) => containsIP(other, parsed));
  });
}

/** The names of those whose state may hang on this one. */
export function overlapping(range: ServiceCIDR, all: readonly ServiceCIDR[]): string[] {
  return all
    .filter((other) => rangesOf(other).some((a) => rangesOf(range).some((b) => overlaps(a, b))))
    .map(({ metadata }) => metadata.name ?? "");
}

/** The names of the ranges an address is in. */
export function rangesWith(address: KubeObject, all: readonly ServiceCIDR[]): string[] {
  const parsed = managedAddress(address);
  if (!parsed) return [];
  return all
    .filter((range) => rangesOf(range).some((own) => containsIP(own, parsed)))
    .map(({ metadata }) => metadata.name ?? "");
}

function rangesOf({ spec }: ServiceCIDR): CIDR[] {
  return (spec?.cidrs ?? []).flatMap((text) => parseCIDRSloppy(text)?.range ?? []);
}

/** Ranges lie within each other or apart. */
function contains(wide: CIDR, narrow: CIDR): boolean {
  return wide.prefixLength <= narrow.prefixLength && overlaps(wide, narrow);
}

/** Undefined for one that the API server did not give away: nobody's business here. */
function managedAddress({ metadata }: KubeObject): IPAddress | undefined {
  return metadata.labels?.[managedBy] === allocator ? parseIP(metadata.name ?? "") : undefined;
}
