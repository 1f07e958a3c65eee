// The addresses of a service's own: taken when it comes to need them, given back when it no longer does.

import { internalError, invalid, invalidObject, type Service } from "#kubernetes/api";
import type { IpAllocator } from "./ip-allocator.ts";

/** What a write has taken, and what it gives back once it has succeeded. */
export interface AddressChange {
  readonly taken: readonly string[];
  readonly released: readonly string[];
}

export type Family = "IPv4" | "IPv6";
export type IpAllocators = ReadonlyMap<Family, IpAllocator>;

const nothing: AddressChange = { taken: [], released: [] };

/** Takes what a new service needs, in place. Throws Invalid where an address is not to be had; then nothing stays taken. */
export async function takeAddresses(
  service: Service,
  allocators: IpAllocators,
  dryRun: boolean,
): Promise<AddressChange> {
  const spec = service.spec!;
  if (spec.type === "ExternalName" || spec.clusterIPs?.[0] === "None") return nothing;
  const addresses = [...(spec.clusterIPs ?? [])];
  const taken: string[] = [];
  try {
    for (const [index, family] of (spec.ipFamilies ?? []).entries()) {
      const allocator = allocators.get(family as Family)!;
      addresses[index] = await takeOne(service, allocator, addresses[index] ?? "", dryRun);
      taken.push(addresses[index]);
    }
  } catch (error) {
    if (!dryRun) await releaseAddresses(taken, allocators);
    throw error;
  }
  spec.clusterIPs = addresses;
  spec.clusterIP = addresses[0]!;
  return { taken, released: [] };
}

/** What an update changes. */
export async function changeAddresses(
  service: Service,
  old: Service,
  allocators: IpAllocators,
  dryRun: boolean,
): Promise<AddressChange> {
  const spec = service.spec!;
  const before = old.spec!;
  if (before.type === "ExternalName" && spec.type !== "ExternalName") return takeAddresses(service, allocators, dryRun);
  if (before.clusterIPs?.[0] === "None") return nothing;
  if (before.type !== "ExternalName" && spec.type === "ExternalName") {
    return { taken: [], released: before.clusterIPs ?? [] };
  }
  const [had, has] = [before.ipFamilies?.length ?? 0, spec.ipFamilies?.length ?? 0];
  if (had === 2 && has === 1) return { taken: [], released: (before.clusterIPs ?? []).slice(1) };
  if (had !== 1 || has !== 2) return nothing;
  const allocator = allocators.get(spec.ipFamilies![1] as Family)!;
  const second = await takeOne(service, allocator, spec.clusterIPs?.[1] ?? "", dryRun);
  spec.clusterIPs = [spec.clusterIPs![0]!, second];
  return { taken: [second], released: [] };
}

async function takeOne(service: Service, allocator: IpAllocator, wanted: string, dryRun: boolean): Promise<string> {
  const name = service.metadata.name ?? "";
  if (wanted === "") {
    try {
      return await allocator.allocateNext(service, dryRun);
    } catch (error) {
      const why = (error as Error).message;
      throw internalError(`failed to allocate a serviceIP for Service ${JSON.stringify(name)}: ${why}`, error);
    }
  }
  try {
    await allocator.allocate(service, wanted, dryRun);
    return wanted;
  } catch (error) {
    const detail = `failed to allocate IP ${wanted}: ${(error as Error).message}`;
    const problem = invalid("spec.clusterIPs", service.spec!.clusterIPs, detail);
    throw invalidObject({ group: "", kind: "Service" }, name, [problem]);
  }
}

/** Gives addresses back; "None" and those of families no longer offered are left alone. */
export async function releaseAddresses(addresses: readonly string[], allocators: IpAllocators): Promise<void> {
  for (const address of addresses) {
    if (address === "" || address === "None") continue;
    await allocators.get(address.includes(":") ? "IPv6" : "IPv4")?.release(address);
  }
}
