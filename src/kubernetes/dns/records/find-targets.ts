// What a service's name leads to: its cluster addresses, its endpoints, or a name elsewhere, each with the port. Pure.

import { isIP } from "node:net";
import type { Endpoint, EndpointSlice, Service } from "#kubernetes/api";
import type { ServiceName } from "./cluster-name.ts";
import type { ClusterView } from "./cluster-view.ts";

export interface Target {
  readonly address: string;
  /** Undefined where none is declared: there is nothing to say in SRV records. */
  readonly port: number | undefined;
  /** The endpoint's own label; undefined for cluster addresses. */
  readonly hostname?: string;
}

export type Found =
  | { readonly kind: "targets"; readonly targets: readonly Target[] }
  | { readonly kind: "alias"; readonly name: string }
  | { readonly kind: "nothing" };

const nothing: Found = { kind: "nothing" };

export function findTargets(name: ServiceName, view: ClusterView): Found {
  const service = view.service(name.namespace, name.service);
  const { spec } = service ?? {};
  if (!service || !spec) return nothing;
  if (spec.type === "ExternalName") return findAlias(name, spec.externalName ?? "");
  const isHeadless = spec.clusterIP === "None";
  const targets =
    isHeadless || name.endpoint !== undefined
      ? view.slicesOf(name.namespace, name.service).flatMap((slice) => endpointTargets(slice, name))
      : clusterTargets(service, name);
  return targets.length > 0 ? { kind: "targets", targets } : nothing;
}

/** Nothing lies below an alias. What looks like an address is none that could be asked for. */
function findAlias({ endpoint, protocol }: ServiceName, externalName: string): Found {
  if (endpoint !== undefined || protocol !== undefined || externalName === "" || isIP(externalName)) return nothing;
  return { kind: "alias", name: externalName };
}

function clusterTargets({ spec }: Service, name: ServiceName): Target[] {
  const addresses = spec?.clusterIPs?.length ? spec.clusterIPs : [spec?.clusterIP ?? ""];
  const ports = (spec?.ports?.length ? spec.ports : [undefined]).filter((port) => isWanted(port, name));
  return ports.flatMap((port) =>
    addresses.filter((address) => isIP(address)).map((address) => ({ address, port: port?.port })),
  );
}

function endpointTargets(slice: EndpointSlice, name: ServiceName): Target[] {
  const ports = (slice.ports?.length ? slice.ports : [undefined]).filter((port) => isWanted(port, name));
  if (ports.length === 0) return [];
  return (slice.endpoints ?? []).filter(isReady).flatMap((endpoint) =>
    endpoint.addresses
      .filter((address) => isIP(address))
      .map((address) => ({ address, hostname: hostnameOf(endpoint, address) }))
      .filter(({ hostname }) => name.endpoint === undefined || name.endpoint === hostname.toLowerCase())
      .flatMap((target) => ports.map((port) => ({ ...target, port: port?.port ?? undefined }))),
  );
}

function isWanted(port: { name?: string; protocol?: string } | undefined, wanted: ServiceName): boolean {
  const { port: name, protocol } = wanted;
  if (name !== undefined && name !== (port?.name ?? "").toLowerCase()) return false;
  return protocol === undefined || protocol === (port?.protocol ?? "").toLowerCase();
}

/** Not known counts as ready. */
export function isReady({ conditions }: Endpoint): boolean {
  return conditions?.ready ?? true;
}

/** The endpoint's hostname; without one, its address with dashes. */
export function hostnameOf({ hostname }: { hostname?: string }, address: string): string {
  if (hostname) return hostname;
  const dashed = address.replaceAll(/[.:]/g, "-");
  return dashed.endsWith("-") ? `${dashed}0` : dashed;
}
