// Which devices claims have: those the API server knows of, and those given by this scheduler that it has not heard of yet.

import { type AllocationResult, type ResourceV1ResourceClaim as ResourceClaim, resources } from "#kubernetes/api";
import type { InformerSet } from "#kubernetes/client";
import { deviceIdOf } from "./pools.ts";

export class ClaimTracker {
  /** How many claims have a device. */
  readonly #users = new Map<string, number>();
  readonly #known = new Map<string, readonly string[]>();
  readonly #pending = new Map<string, readonly string[]>();
  readonly #detach: () => void;

  constructor(informers: InformerSet) {
    const changed = (claim: ResourceClaim) => this.#learn(claim);
    const deleted = ({ metadata }: ResourceClaim) => this.#forget(metadata.uid ?? "");
    this.#detach = informers
      .informer(resources.resourceClaims)
      .addHandler({ added: changed, updated: changed, deleted });
  }

  isInUse(deviceId: string): boolean {
    return this.#users.has(deviceId);
  }

  /** Whether the claim is being given devices. */
  isPending(uid: string): boolean {
    return this.#pending.has(uid);
  }

  /** The devices are this claim's until the API server says so, or `release` takes them back. */
  reserve(uid: string, allocation: AllocationResult): void {
    this.#set(this.#pending, uid, devicesOf(allocation));
  }

  release(uid: string): void {
    this.#set(this.#pending, uid, []);
  }

  stop(): void {
    this.#detach();
  }

  #learn({ metadata, status }: ResourceClaim): void {
    const uid = metadata.uid ?? "";
    this.#set(this.#known, uid, devicesOf(status?.allocation));
    if (status?.allocation) this.release(uid);
  }

  #forget(uid: string): void {
    this.#set(this.#known, uid, []);
    this.release(uid);
  }

  #set(claims: Map<string, readonly string[]>, uid: string, devices: readonly string[]): void {
    for (const id of devices) this.#users.set(id, (this.#users.get(id) ?? 0) + 1);
    for (const id of claims.get(uid) ?? []) {
      const left = this.#users.get(id)! - 1;
      if (left > 0) this.#users.set(id, left);
      else this.#users.delete(id);
    }
    if (devices.length > 0) claims.set(uid, devices);
    else claims.delete(uid);
  }
}

/** What administrators look at is not taken. */
function devicesOf(allocation: AllocationResult | undefined): string[] {
  return (allocation?.devices?.results ?? [])
    .filter(({ adminAccess }) => !adminAccess)
    .map(({ driver, pool, device }) => deviceIdOf(driver, pool, device));
}
