// Finds devices for claims on one node: tries one device after the other for one request after the other, and goes back where that
// leads nowhere. The first whole solution counts. Pure but for the matcher's memory.

import type { AllocationResult, Node, ResourceV1ResourceClaim as ResourceClaim } from "#kubernetes/api";
import type { Clock } from "#shared";
import { allocationResult, type Grant } from "./allocation-result.ts";
import { type Amounts, CapacityBook, consumptionOf } from "./capacity.ts";
import { type Constraint, constraintsOf } from "./constraints.ts";
import { CounterBook } from "./counters.ts";
import type { DeviceMatcher } from "./device-matcher.ts";
import { gatherPools, type Pool, type PoolDevice, type SliceSource } from "./pools.ts";
import { mostDevices, toleratesTaints, type Wish } from "./wishes.ts";

/** A claim with the alternatives of each of its requests. */
export interface WishedClaim {
  readonly claim: ResourceClaim;
  readonly requests: readonly (readonly Wish[])[];
}

export interface AllocationScene {
  readonly slices: SliceSource;
  readonly matcher: DeviceMatcher;
  readonly clock: Pick<Clock, "now">;
  /** Whether claims have it to themselves. */
  isInUse(deviceId: string): boolean;
  /** What claims have of a device that can be given several times; undefined where nobody shares it. */
  consumedOf(deviceId: string): Amounts | undefined;
}

/** Upstream's FilterTimeout: constraints and alternatives can make the search long, and the scheduler does nothing else meanwhile. */
const longestSearchMs = 10_000;

/**
 * What each claim would be given on the node; undefined where not all can be served. Throws an Error for what is wrong itself, and
 * where the search takes longer than 10 s.
 */
export function allocate(
  node: Node,
  claims: readonly WishedClaim[],
  scene: AllocationScene,
): AllocationResult[] | undefined {
  const search = new Search(claims, node, scene);
  return search.tryFrom(0, 0) === "found" ? search.results() : undefined;
}

/** "tooMany": whatever is chosen, the claim would have more devices than an allocation can hold. */
type Outcome = "found" | "none" | "tooMany";

interface ClaimState {
  readonly claim: ResourceClaim;
  readonly name: string;
  readonly requests: readonly (readonly Wish[])[];
  readonly constraints: readonly Constraint[];
  readonly grants: Grant[];
  /** Of each request the alternative that is being tried. */
  readonly chosen: Wish[];
}

interface Way {
  readonly state: ClaimState;
  /** What is tried once the wish has all its devices. */
  readonly next: () => Outcome;
  /** Devices before it have been tried: which of a wish's devices comes first makes no difference. Default 0. */
  readonly from?: number;
}

class Search {
  readonly #claims: readonly ClaimState[];
  readonly #pools: readonly Pool[];
  /** All that might be chosen, in the order they are tried. */
  readonly #candidates: readonly PoolDevice[];
  readonly #nodeName: string;
  readonly #deadline: number;
  readonly #scene: AllocationScene;
  readonly #counters: CounterBook;
  readonly #capacities: CapacityBook;
  /** Devices being taken, and by which claims: administrators share them. */
  readonly #taken = new Map<string, Set<ClaimState>>();
  readonly #all = new Map<Wish, readonly PoolDevice[]>();

  constructor(claims: readonly WishedClaim[], node: Node, scene: AllocationScene) {
    this.#pools = gatherPools(node, scene.slices);
    this.#candidates = this.#pools.flatMap(({ state, devices }) => (state === "complete" ? devices : []));
    this.#nodeName = node.metadata.name ?? "";
    this.#deadline = scene.clock.now() + longestSearchMs;
    this.#scene = scene;
    this.#counters = new CounterBook((id) => scene.isInUse(id) || scene.consumedOf(id) !== undefined);
    this.#capacities = new CapacityBook((id) => scene.consumedOf(id));
    this.#claims = claims.map(({ claim, requests }) => ({
      claim,
      name: `${claim.metadata.namespace}/${claim.metadata.name}`,
      requests,
      constraints: constraintsOf(claim),
      grants: [],
      chosen: [],
    }));
  }

  results(): AllocationResult[] {
    const nodeName = this.#nodeName;
    return this.#claims.map(({ claim, chosen, grants }) =>
      allocationResult(claim, { wishes: chosen, grants, nodeName }),
    );
  }

  tryFrom(claimIndex: number, requestIndex: number): Outcome {
    const state = this.#claims[claimIndex];
    if (!state) return "found";
    const alternatives = state.requests[requestIndex];
    if (!alternatives) {
      // Another way through this claim may leave the next one more room.
      const outcome = this.tryFrom(claimIndex + 1, 0);
      return outcome === "tooMany" ? "none" : outcome;
    }
    let outcome: Outcome = "tooMany";
    for (const wish of alternatives) {
      state.chosen[requestIndex] = wish;
      const tried = this.#grant(wish, 0, { state, next: () => this.tryFrom(claimIndex, requestIndex + 1) });
      if (tried === "found") return "found";
      if (tried === "none") outcome = "none";
    }
    return outcome;
  }

  #grant(wish: Wish, index: number, way: Way): Outcome {
    if (this.#scene.clock.now() > this.#deadline) {
      throw new Error(`node ${this.#nodeName}: timed out trying to allocate devices`);
    }
    const { state, next, from = 0 } = way;
    const all = wish.wantsAll ? this.#allFor(wish, state) : undefined;
    if (all?.length === 0) return "none";
    const offered = all ?? this.#candidates;
    const count = all ? all.length : wish.count;
    if (index >= count) return next();
    if (state.grants.length + count - index > mostDevices) return "tooMany";
    const last = all ? from : offered.length - (count - index);
    for (let at = from; at <= last; at++) {
      const device = offered[at]!;
      if (!this.#take(wish, device, state, all !== undefined)) continue;
      const outcome = this.#grant(wish, index + 1, { ...way, from: at + 1 });
      if (outcome === "found") return outcome;
      this.#giveBack(wish, device, state);
      if (outcome === "tooMany") return outcome;
    }
    return "none";
  }

  #allFor(wish: Wish, { name }: ClaimState): readonly PoolDevice[] {
    const known = this.#all.get(wish);
    if (known) return known;
    for (const { id, state } of this.#pools) {
      const trouble = { complete: undefined, incomplete: "being updated", invalid: "invalid" }[state];
      if (trouble === undefined) continue;
      const what = `claim ${name}, request ${wish.name}: asks for all devices`;
      throw new Error(`${what}, but resource pool ${id} is currently ${trouble}`);
    }
    const devices = this.#candidates.filter(
      (device) => this.#scene.matcher.matches(wish, device, name) && this.#consumption(wish, device) !== undefined,
    );
    this.#all.set(wish, devices);
    return devices;
  }

  /** What the wish would take of the device; undefined where that is more than it has, or has left. */
  #consumption(wish: Wish, device: PoolDevice): Amounts | undefined {
    const wanted = consumptionOf(wish, device);
    return wanted && this.#capacities.hasRoom(device, wanted) ? wanted : undefined;
  }

  /** `mustFit`: a constraint that is broken cannot be mended by another device. */
  #take(wish: Wish, device: PoolDevice, state: ClaimState, mustFit: boolean): boolean {
    const takers = this.#taken.get(device.id);
    const isShared = device.device.allowMultipleAllocations === true;
    const isTaken = wish.adminAccess ? takers?.has(state) : (takers?.size ?? 0) > 0 || this.#scene.isInUse(device.id);
    if (isTaken || !this.#scene.matcher.matches(wish, device, state.name)) return false;
    if (!toleratesTaints(wish.tolerations, device.device.taints)) return false;
    const amounts = this.#consumption(wish, device);
    if (!amounts) return false;
    // Whoever shares a device has been counted with the first.
    const counts = !(isShared && this.#capacities.isShared(device));
    if (counts && !this.#counters.take(device)) return false;
    for (const [at, constraint] of state.constraints.entries()) {
      if (constraint.add(wish, device)) continue;
      for (const added of state.constraints.slice(0, at)) added.remove(wish, device);
      if (counts) this.#counters.giveBack(device);
      if (!mustFit) return false;
      const what = `claim ${state.name}, request ${wish.name}: cannot add device ${device.id}`;
      throw new Error(`${what} because a claim constraint would not be satisfied`);
    }
    if (isShared) this.#capacities.take(device, amounts);
    else this.#taken.set(device.id, new Set([...(takers ?? []), state]));
    state.grants.push(isShared ? { wish, device, share: amounts } : { wish, device });
    return true;
  }

  #giveBack(wish: Wish, device: PoolDevice, state: ClaimState): void {
    for (const constraint of state.constraints) constraint.remove(wish, device);
    const { share } = state.grants.pop()!;
    if (share) this.#capacities.giveBack(device);
    else this.#taken.get(device.id)!.delete(state);
    if (!share || !this.#capacities.isShared(device)) this.#counters.giveBack(device);
  }
}
