// What the server does around writes of Services: addresses and node ports, taken before the write and given back if it fails.

import {
  type DecodedService,
  type FieldError,
  invalidObject,
  type KubeObject,
  keepAllocatedValues,
  normalizeClusterIPs,
  type Service,
  settleIPFamilies,
} from "#kubernetes/api";
import type { ResourceHooks } from "../registry/resources/served-resource.ts";
import {
  type AddressChange,
  changeAddresses,
  type IpAllocators,
  releaseAddresses,
  takeAddresses,
} from "./cluster-addresses.ts";
import { changePorts, portsOf } from "./node-ports.ts";
import type { PortAllocator } from "./port-allocator.ts";

export interface ServiceAllocators {
  /** The primary family first. */
  readonly addresses: IpAllocators;
  readonly ports: PortAllocator;
}

export function createServiceHooks(allocators: ServiceAllocators): ResourceHooks {
  const families = [...allocators.addresses.keys()];
  const settle = async (service: DecodedService, old: DecodedService | undefined, dryRun: boolean) => {
    throwIfInvalid(service, settleIPFamilies(service, old, families));
    const addresses = old
      ? await changeAddresses(service, old, allocators.addresses, dryRun)
      : await takeAddresses(service, allocators.addresses, dryRun);
    return finishWith(allocators, service, old, addresses, dryRun);
  };
  return {
    async beginCreate(object, { dryRun }) {
      const service = object as DecodedService;
      normalizeClusterIPs(service);
      return settle(service, undefined, dryRun);
    },
    async beginUpdate(object, previous, { dryRun }) {
      const service = object as DecodedService;
      const old = previous as DecodedService;
      keepAllocatedValues(service, old);
      normalizeClusterIPs(service, old);
      return settle(service, old, dryRun);
    },
    async afterDelete(object: KubeObject) {
      const service = object as Service;
      await releaseAddresses(
        service.spec?.type === "ExternalName" ? [] : (service.spec?.clusterIPs ?? []),
        allocators.addresses,
      );
      await allocators.ports.release(portsOf(service));
    },
  };
}

async function finishWith(
  allocators: ServiceAllocators,
  service: Service,
  old: Service | undefined,
  addresses: AddressChange,
  dryRun: boolean,
): Promise<((succeeded: boolean) => Promise<void>) | undefined> {
  try {
    const ports = await changePorts(service, old, allocators.ports, dryRun);
    if (dryRun) return undefined;
    return async (succeeded) => {
      await releaseAddresses(succeeded ? addresses.released : addresses.taken, allocators.addresses);
      await allocators.ports.release(succeeded ? ports.released : ports.taken);
    };
  } catch (error) {
    if (!dryRun) await releaseAddresses(addresses.taken, allocators.addresses);
    throw error;
  }
}

function throwIfInvalid(service: Service, errors: readonly FieldError[]): void {
  if (errors.length > 0) throw invalidObject({ group: "", kind: "Service" }, service.metadata.name ?? "", errors);
}
