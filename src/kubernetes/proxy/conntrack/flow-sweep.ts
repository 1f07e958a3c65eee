// After endpoints of UDP services changed: ends the flows that lead to those that are gone, beside the rules' own runs.

import type { Clock } from "#shared";
import type { ProxyMetrics } from "../metrics.ts";
import { type IPFamily, ipFamilies } from "../nft/family.ts";
import { createSyncRunner, type SyncRunner } from "../sync-runner.ts";
import type { FlowCleaner } from "./clean-flows.ts";
import type { UdpService } from "./stale-flows.ts";

export interface FlowSweepOptions {
  readonly cleaner: FlowCleaner;
  readonly clock: Clock;
  readonly metrics: ProxyMetrics;
  /** The UDP ports of a service ("namespace/name") as they are now. */
  servicesOf(key: string, family: IPFamily): readonly UdpService[];
}

export class FlowSweep {
  readonly #options: FlowSweepOptions;
  readonly #runner: SyncRunner;
  #keys = new Set<string>();

  constructor(options: FlowSweepOptions) {
    this.#options = options;
    this.#runner = createSyncRunner({ clock: options.clock, run: (signal) => this.#run(signal), onFailure() {} });
  }

  /** Services whose endpoints may have gone. */
  request(keys: Iterable<string>): void {
    for (const key of keys) this.#keys.add(key);
    if (this.#keys.size > 0) this.#runner.request();
  }

  stop(): Promise<void> {
    return this.#runner.stop();
  }

  async #run(signal: AbortSignal): Promise<void> {
    const keys = this.#keys;
    this.#keys = new Set();
    for (const family of ipFamilies) await this.#sweep(keys, family, signal);
  }

  async #sweep(keys: ReadonlySet<string>, family: IPFamily, signal: AbortSignal): Promise<void> {
    const { cleaner, clock, metrics, servicesOf } = this.#options;
    const services = [...keys].flatMap((key) => servicesOf(key, family));
    if (services.length === 0) return;
    const startedAt = clock.now();
    const deleted = await cleaner.clean(family, services, signal);
    metrics.flowsReconciled(family, { tookMs: clock.now() - startedAt, deleted });
  }
}
