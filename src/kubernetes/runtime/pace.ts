// Keys that cost much and change all the time, such as a ReplicaSet of thousands while its pods start: once they have taken some time
// they rest between looks, so that one of them cannot take the whole thread. All others never rest.

/** Reconciles shorter than this are nobody's trouble. */
const cheapMs = 0.25;
/** What a key may take of each window before it has to rest. */
const freeMs = 40;
const windowMs = 1000;
/** Of each key's time, at most one part in so many is spent on it. */
const restFactor = 20;
const mostRestMs = 500;

export class Pace {
  readonly #now: () => number;
  /** The costly keys of this window. */
  readonly #costly = new Map<string, { spentMs: number; restUntil: number }>();
  #windowStart = 0;

  /** Time is that of this machine, not of the cluster: what is spared is its thread. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** The key was worked on, and kept the thread so long. */
  note(key: string, busyMs: number): void {
    if (busyMs < cheapMs) return;
    const now = this.#now();
    if (now - this.#windowStart > windowMs) {
      this.#costly.clear();
      this.#windowStart = now;
    }
    const spentMs = (this.#costly.get(key)?.spentMs ?? 0) + busyMs;
    const restMs = spentMs > freeMs ? Math.min(busyMs * restFactor, mostRestMs) : 0;
    this.#costly.set(key, { spentMs, restUntil: now + restMs });
  }

  /** How long the key should rest from now; 0: it need not. */
  restMs(key: string): number {
    const costly = this.#costly.get(key);
    return costly ? Math.max(0, costly.restUntil - this.#now()) : 0;
  }
}
