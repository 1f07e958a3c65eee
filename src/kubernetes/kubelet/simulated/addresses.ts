// Addresses for simulated pods: from their node's range, or from a common one. Nothing is behind them.

import { addressAt, type CIDR, formatIP, parseCIDR, sizeOfCIDR } from "#kubernetes/api";

export interface PodAddresses {
  /** One from each of the node's ranges. The pod keeps them until it is released. */
  assign(podUid: string, ranges: readonly string[]): string[];
  /** The pod has these already. */
  keep(podUid: string, addresses: readonly string[]): void;
  release(podUid: string): void;
}

export function createPodAddresses(commonRange: string): PodAddresses {
  const pools = new Map<string, Pool>();
  const held = new Map<string, readonly string[]>();
  const taken = new Set<string>();

  const poolOf = (range: string): Pool => {
    const pool = pools.get(range) ?? new Pool(rangeOf(range), taken);
    pools.set(range, pool);
    return pool;
  };

  return {
    assign(podUid, ranges) {
      const known = held.get(podUid);
      if (known) return [...known];
      const wanted = ranges.length > 0 ? ranges : [commonRange];
      const addresses = wanted.map((range) => poolOf(range).take()).filter((address) => address !== undefined);
      held.set(podUid, addresses);
      return addresses;
    },
    keep(podUid, addresses) {
      if (held.has(podUid) || addresses.length === 0) return;
      held.set(podUid, addresses);
      for (const address of addresses) taken.add(address);
    },
    release(podUid) {
      for (const address of held.get(podUid) ?? []) taken.delete(address);
      held.delete(podUid);
    },
  };
}

function rangeOf(text: string): CIDR {
  const parsed = parseCIDR(text);
  if (!parsed) throw new Error(`${JSON.stringify(text)} is no range of addresses`);
  return parsed.range;
}

/** Gives out addresses in turn, so that one that was given back is not used again at once. */
class Pool {
  readonly #range: CIDR;
  readonly #size: number;
  readonly #taken: Set<string>;
  #next = 0;

  constructor(range: CIDR, taken: Set<string>) {
    this.#range = range;
    this.#taken = taken;
    this.#size = Number(sizeOfCIDR(range));
  }

  /** Undefined: all are taken. The first is the network's, the second its gateway's. */
  take(): string | undefined {
    const usable = Math.max(1, this.#size - 2);
    for (let tries = 0; tries < usable; tries++) {
      const index = this.#size > 2 ? 2 + (this.#next++ % usable) : 0;
      const address = formatIP(addressAt(this.#range, index));
      if (this.#taken.has(address)) continue;
      this.#taken.add(address);
      return address;
    }
    return undefined;
  }
}
