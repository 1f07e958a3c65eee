// Gives out addresses that nothing is behind: from a range of the asker's own, or from a common one.

import { addressAt, type CIDR, formatIP, parseCIDR, sizeOfCIDR } from "#kubernetes/api";

export interface AddressPool {
  /** One from each of the ranges, or one from the common range: where there are none, or all of one is taken. Kept until released. */
  assign(holder: string, ranges: readonly string[]): readonly string[];
  /** The holder has these already. */
  keep(holder: string, addresses: readonly string[]): void;
  release(holder: string): void;
}

export function createAddressPool(commonRange: string): AddressPool {
  const pools = new Map<string, Pool>();
  const held = new Map<string, readonly string[]>();
  const taken = new Set<string>();

  const poolOf = (range: string): Pool => {
    const pool = pools.get(range) ?? new Pool(rangeOf(range), taken);
    pools.set(range, pool);
    return pool;
  };

  return {
    assign(holder, ranges) {
      const known = held.get(holder);
      if (known) return known;
      const own = ranges.map((range) => poolOf(range).take()).filter((address) => address !== undefined);
      const common = own.length > 0 ? undefined : poolOf(commonRange).take();
      const addresses = common === undefined ? own : [common];
      held.set(holder, addresses);
      return addresses;
    },
    keep(holder, addresses) {
      if (held.has(holder) || addresses.length === 0) return;
      held.set(holder, addresses);
      for (const address of addresses) taken.add(address);
    },
    release(holder) {
      for (const address of held.get(holder) ?? []) taken.delete(address);
      held.delete(holder);
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
