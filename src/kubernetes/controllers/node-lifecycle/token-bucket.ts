// Lets one action through at a time, at a rate per second; none at all at rate 0.

export class TokenBucket {
  #rate: number;
  #tokens = 1;
  #atMs: number;

  constructor(rate: number, nowMs: number) {
    this.#rate = rate;
    this.#atMs = nowMs;
  }

  get rate(): number {
    return this.#rate;
  }

  /** What has accumulated at the old rate stays; after a standstill there is nothing. */
  setRate(rate: number, nowMs: number): void {
    this.#refill(nowMs);
    if (this.#rate === 0 && rate > 0) this.#tokens = 0;
    this.#rate = rate;
  }

  tryTake(nowMs: number): boolean {
    this.#refill(nowMs);
    if (this.#rate === 0 || this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  /** Until `tryTake` succeeds; undefined where it never will. */
  msUntilToken(nowMs: number): number | undefined {
    this.#refill(nowMs);
    if (this.#rate === 0) return undefined;
    return Math.max(0, Math.ceil(((1 - this.#tokens) / this.#rate) * 1000));
  }

  #refill(nowMs: number): void {
    // Rounded, lest a token be short of itself by a rounding error.
    const tokens = this.#tokens + ((nowMs - this.#atMs) / 1000) * this.#rate;
    this.#tokens = Math.min(1, Math.round(tokens * 1e9) / 1e9);
    this.#atMs = nowMs;
  }
}
