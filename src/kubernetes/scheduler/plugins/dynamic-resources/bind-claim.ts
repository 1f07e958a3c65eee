// Writes into a claim what it was given and who uses it, over changes that came between.

import {
  type AllocationResult,
  formatTime,
  isConflict,
  keyOf,
  type ResourceV1ResourceClaim as ResourceClaim,
  resources,
} from "#kubernetes/api";
import type { Client } from "#kubernetes/client";
import type { PodInfo } from "../../cluster/pod-info.ts";

const finalizer = "resource.kubernetes.io/delete-protection";
const mostTries = 5;

export interface ClaimBinding {
  readonly pod: PodInfo;
  /** Absent of claims that have devices already. */
  readonly allocation: AllocationResult | undefined;
  readonly nowMs: number;
  readonly signal: AbortSignal;
}

/** Answers the claim as it is then. Throws an Error where it is no longer as it was found. */
export async function bindClaim(client: Client, claim: ResourceClaim, binding: ClaimBinding): Promise<ResourceClaim> {
  const { signal } = binding;
  for (let tries = 1, current = claim; ; tries++) {
    try {
      return await tryBinding(client, current, binding);
    } catch (error) {
      if (!isConflict(error) || tries === mostTries) throw error;
      current = await client.get(resources.resourceClaims, keyOf(claim), { signal });
    }
  }
}

async function tryBinding(client: Client, claim: ResourceClaim, { pod, allocation, nowMs, signal }: ClaimBinding) {
  const { metadata, status } = claim;
  const what = `claim ${metadata.namespace}/${metadata.name}`;
  if (metadata.deletionTimestamp) throw new Error(`${what} got deleted in the meantime`);
  if (allocation && status?.allocation) throw new Error(`${what} got allocated elsewhere in the meantime`);
  const given = allocation ?? status?.allocation;
  if (!given) throw new Error(`${what} got deallocated elsewhere in the meantime`);
  const held = allocation ? await protect(client, claim, signal) : claim;
  const allocationTimestamp = given.allocationTimestamp ?? formatTime(nowMs);
  const user = { resource: "pods", name: pod.name, uid: pod.uid };
  const next = {
    ...held.status,
    allocation: { ...given, allocationTimestamp },
    reservedFor: [...(status?.reservedFor ?? []), user],
  };
  return client.update(resources.resourceClaims, { ...held, status: next }, { subresource: "status", signal });
}

/** Takes a claim's devices away, so that others can be tried; where that cannot be written, it is tried again with the pod. */
export async function deallocateClaim(client: Client, claim: ResourceClaim): Promise<void> {
  const { allocation: _allocation, devices: _devices, reservedFor: _users, ...status } = claim.status ?? {};
  const options = { subresource: "status" };
  await client.update(resources.resourceClaims, { ...claim, status }, options).catch(() => {});
}

/** A claim with devices must not go before they have been given back. */
async function protect(client: Client, claim: ResourceClaim, signal: AbortSignal): Promise<ResourceClaim> {
  const { finalizers = [] } = claim.metadata;
  if (finalizers.includes(finalizer)) return claim;
  const metadata = { ...claim.metadata, finalizers: [...finalizers, finalizer] };
  return client.update(resources.resourceClaims, { ...claim, metadata }, { signal });
}
