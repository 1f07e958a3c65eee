// Which devices claims have: those the API server knows of, and those given by this scheduler that it has not heard of yet.

import {
  type AllocationResult,
  parseQuantity,
  type Quantity,
  type ResourceV1ResourceClaim as ResourceClaim,
  resources,
} from "#kubernetes/api";
import type { InformerSet } from "#kubernetes/client";
import { type Amounts, addAmounts, subtractAmounts } from "./capacity.ts";
import { deviceIdOf } from "./pools.ts";

interface Held {
  readonly id: string;
  /** Of a device that others may have, too. */
  readonly share?: Amounts;
}

export class ClaimTracker {
  /** How many claims have a device to themselves. */
  readonly #users = new Map<string, number>();
  /** By device that can be given several times: how many shares there are, and what of it. */
  readonly #shared = new Map<string, { count: number; readonly amounts: Map<string, Quantity> }>();
  readonly #known = new Map<string, readonly Held[]>();
  readonly #pending = new Map<string, readonly Held[]>();
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

  /** What is taken of a device that can be given several times; undefined where nobody has a share. */
  consumedOf(deviceId: string): Amounts | undefined {
    return this.#shared.get(deviceId)?.amounts;
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

  #set(claims: Map<string, readonly Held[]>, uid: string, devices: readonly Held[]): void {
    for (const held of devices) this.#hold(held);
    for (const held of claims.get(uid) ?? []) this.#letGo(held);
    if (devices.length > 0) claims.set(uid, devices);
    else claims.delete(uid);
  }

  #hold({ id, share }: Held): void {
    if (!share) {
      this.#users.set(id, (this.#users.get(id) ?? 0) + 1);
      return;
    }
    const shared = this.#shared.get(id) ?? { count: 0, amounts: new Map<string, Quantity>() };
    this.#shared.set(id, shared);
    shared.count++;
    addAmounts(shared.amounts, share);
  }

  #letGo({ id, share }: Held): void {
    if (!share) {
      const left = this.#users.get(id)! - 1;
      if (left > 0) this.#users.set(id, left);
      else this.#users.delete(id);
      return;
    }
    const shared = this.#shared.get(id)!;
    shared.count--;
    if (shared.count === 0) this.#shared.delete(id);
    else subtractAmounts(shared.amounts, share);
  }
}

/** What administrators look at is not taken. */
function devicesOf(allocation: AllocationResult | undefined): Held[] {
  return (allocation?.devices?.results ?? [])
    .filter(({ adminAccess }) => !adminAccess)
    .map(({ driver, pool, device, shareID, consumedCapacity = {} }) => {
      const id = deviceIdOf(driver, pool, device);
      if (shareID === undefined) return { id };
      const amounts = Object.entries(consumedCapacity).map(([name, text]) => [name, parseQuantity(text)] as const);
      return { id, share: new Map(amounts) };
    });
}
