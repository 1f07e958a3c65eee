// The node's lease: renewed every few seconds, it says that the node lives, at little cost.

import { isAlreadyExists, isConflict, isNotFound, type Lease, type OwnerReference, resources } from "#kubernetes/api";
import type { Client } from "#kubernetes/client";
import { formatMicroTime } from "#kubernetes/runtime";
import type { Clock } from "#shared";

export const leaseNamespace = "kube-node-lease";
const leaseSeconds = 40;

export interface NodeLease {
  /** Throws what the API server says; then try again. */
  renew(signal?: AbortSignal): Promise<void>;
}

/** `owner` is the node's reference, once it is registered: the lease goes with it. */
export function createNodeLease(
  client: Client,
  name: string,
  clock: Clock,
  owner: () => OwnerReference | undefined,
): NodeLease {
  const key = { namespace: leaseNamespace, name };
  let known: Lease | undefined;

  const specNow = () => ({
    holderIdentity: name,
    leaseDurationSeconds: leaseSeconds,
    renewTime: formatMicroTime(clock.now()),
  });

  const ownerReferences = () => {
    const reference = owner();
    return reference ? { ownerReferences: [reference] } : {};
  };

  const create = async (signal?: AbortSignal): Promise<Lease> => {
    const lease: Lease = { metadata: { ...key, ...ownerReferences() }, spec: specNow() };
    try {
      return await client.create(resources.leases, lease, signalOf(signal));
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
      return update(await client.get(resources.leases, key, signalOf(signal)), signal);
    }
  };

  const update = (lease: Lease, signal?: AbortSignal): Promise<Lease> => {
    const metadata = lease.metadata.ownerReferences?.length
      ? lease.metadata
      : { ...lease.metadata, ...ownerReferences() };
    const next: Lease = { ...lease, metadata, spec: { ...lease.spec, ...specNow() } };
    return client.update(resources.leases, next, signalOf(signal));
  };

  return {
    async renew(signal) {
      try {
        known = known ? await update(known, signal) : await create(signal);
      } catch (error) {
        known = undefined;
        if (isConflict(error) || isNotFound(error)) known = await create(signal);
        else throw error;
      }
    },
  };
}

function signalOf(signal: AbortSignal | undefined): { signal?: AbortSignal } {
  return signal ? { signal } : {};
}
