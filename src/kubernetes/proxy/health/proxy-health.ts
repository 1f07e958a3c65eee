// How the service proxy is: whether changes it was told of have reached the kernel in time. Served as upstream's /healthz and /livez.

import type { Node } from "#kubernetes/api";
import type { Clock } from "#shared";
import type { IPFamily } from "../nft/family.ts";

/** Upstream's wording, as /healthz answers it; times are RFC 3339. */
export interface ProxyHealth {
  readonly lastUpdated: string;
  readonly currentTime: string;
  readonly nodeEligible?: boolean;
  readonly healthy: boolean;
  readonly status: Readonly<Record<string, { readonly lastUpdated: string; readonly healthy: boolean }>>;
}

/** A change may wait so long before the proxy counts as ill: twice upstream's sync period. */
export const healthTimeoutMs = 60_000;

const neverUpdated = "0001-01-01T00:00:00Z";

/** The cluster autoscaler's: load balancers should send nothing here any more. */
const toBeDeletedTaint = "ToBeDeletedByClusterAutoscaler";

export class ProxyHealthKeeper {
  readonly #clock: Clock;
  readonly #updatedAt = new Map<IPFamily, number>();
  readonly #pendingSince = new Map<IPFamily, number>();
  #problem: string | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Why the last try to change the kernel's rules failed; undefined: it did not. */
  get problem(): string | undefined {
    return this.#problem;
  }

  queued(family: IPFamily): void {
    if (!this.#pendingSince.has(family)) this.#pendingSince.set(family, this.#clock.now());
  }

  updated(family: IPFamily): void {
    this.#pendingSince.delete(family);
    this.#updatedAt.set(family, this.#clock.now());
    if (this.#pendingSince.size === 0) this.#problem = undefined;
  }

  failed(problem: string): void {
    this.#problem = problem;
  }

  health(): ProxyHealth {
    const now = this.#clock.now();
    const status: Record<string, { lastUpdated: string; healthy: boolean }> = {};
    let latest = 0;
    for (const [family, at] of this.#updatedAt) {
      latest = Math.max(latest, at);
      status[family] = { lastUpdated: formatMs(at), healthy: !this.#isLate(family, now) };
    }
    return {
      lastUpdated: latest === 0 ? neverUpdated : formatMs(latest),
      currentTime: formatMs(now),
      healthy: ![...this.#pendingSince.keys()].some((family) => this.#isLate(family, now)),
      status,
    };
  }

  #isLate(family: IPFamily, now: number): boolean {
    const since = this.#pendingSince.get(family);
    return since !== undefined && now - since >= healthTimeoutMs;
  }
}

/** Whether load balancers may use the node: it is there, is not being deleted, and not about to be. */
export function isNodeEligible(node: Node | undefined): boolean {
  if (!node || node.metadata.deletionTimestamp) return false;
  return !(node.spec?.taints ?? []).some(({ key }) => key === toBeDeletedTaint);
}

function formatMs(ms: number): string {
  return new Date(ms).toISOString();
}
