// A range of addresses cut into equal parts, each used or free.

import { addressAt, type CIDR, containsIP, formatCIDR, overlaps, parseCIDRSloppy } from "#kubernetes/api";

export class RangePool {
  readonly #range: CIDR;
  readonly #prefixLength: number;
  readonly #count: number;
  readonly #used = new Set<number>();
  #next = 0;

  /** Throws for what cannot be cut, or would be cut into more parts than anybody has nodes. */
  constructor(cidr: string, prefixLength: number) {
    const parsed = parseCIDRSloppy(cidr);
    if (!parsed) throw new Error(`Cannot take node ranges from "${cidr}": it is no CIDR`);
    const bits = prefixLength - parsed.range.prefixLength;
    if (bits < 0) throw new Error(`Cannot cut ${cidr} into ranges of prefix length ${prefixLength}: it is smaller`);
    if (parsed.range.family === 6 && bits > 16) throw new Error("New CIDR set failed; the node CIDR size is too big");
    this.#range = parsed.range;
    this.#prefixLength = prefixLength;
    this.#count = 2 ** bits;
  }

  /** Marks all parts that a range touches as used; one outside is an error. */
  occupy(cidr: string): void {
    for (const part of this.#partsOf(cidr)) this.#used.add(part);
  }

  release(cidr: string): void {
    for (const part of this.#partsOf(cidr)) this.#used.delete(part);
  }

  overlaps(cidr: string): boolean {
    const parsed = parseCIDRSloppy(cidr);
    return parsed !== undefined && overlaps(this.#range, parsed.range);
  }

  /** A free part, which is used from now on; undefined where none is left. Goes round before it reuses what was released. */
  allocate(): string | undefined {
    if (this.#used.size >= this.#count) return undefined;
    let part = this.#next;
    while (this.#used.has(part)) part = (part + 1) % this.#count;
    this.#next = (part + 1) % this.#count;
    this.#used.add(part);
    const first = addressAt(this.#range, BigInt(part) << this.#partBits()).value;
    return formatCIDR({ family: this.#range.family, first, prefixLength: this.#prefixLength });
  }

  *#partsOf(cidr: string): Iterable<number> {
    const parsed = parseCIDRSloppy(cidr);
    if (!parsed || !overlaps(this.#range, parsed.range)) {
      throw new Error(`cidr ${cidr} is out the range of cluster cidr ${formatCIDR(this.#range)}`);
    }
    if (containsIP(parsed.range, addressAt(this.#range, 0)) && parsed.range.prefixLength <= this.#range.prefixLength) {
      for (let part = 0; part < this.#count; part++) yield part;
      return;
    }
    const width = BigInt((this.#range.family === 4 ? 32 : 128) - parsed.range.prefixLength);
    const begin = (parsed.range.first - this.#range.first) >> this.#partBits();
    const end = (parsed.range.first + (1n << width) - 1n - this.#range.first) >> this.#partBits();
    for (let part = Number(begin); part <= Number(end); part++) yield part;
  }

  #partBits(): bigint {
    return BigInt((this.#range.family === 4 ? 32 : 128) - this.#prefixLength);
  }
}
