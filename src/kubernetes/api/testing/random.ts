// Chance that is the same in every run: fuzz tests draw from it, so that a failure can be seen again.

export interface Random {
  /** A number in [0, 1). */
  next(): number;
  /** An integer in [0, limit). */
  below(limit: number): number;
  pick<T>(list: readonly T[]): T;
  chance(probability: number): boolean;
}

/** Draws by mulberry32 from a seed. */
export function createRandom(seed: number): Random {
  let state = seed | 0;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  return { next, below, pick: (list) => list[below(list.length)]!, chance: (probability) => next() < probability };
}

/** The bytes with a few changes: bytes replaced, taken away, put in, doubled or cut off. */
export function mutate(bytes: Uint8Array, random: Random): Uint8Array {
  let result = [...bytes];
  for (let times = 1 + random.below(4); times > 0; times--) {
    const at = random.below(result.length + 1);
    const length = 1 + random.below(8);
    const changes: (() => number[])[] = [
      () => result.with(Math.min(at, result.length - 1), random.below(256)),
      () => result.toSpliced(at, length),
      () => result.toSpliced(at, 0, ...Array.from({ length }, () => random.below(256))),
      () => result.toSpliced(at, 0, ...result.slice(at, at + length * 4)),
      () => result.slice(0, at),
    ];
    if (result.length > 0) result = random.pick(changes)();
  }
  return Uint8Array.from(result);
}
