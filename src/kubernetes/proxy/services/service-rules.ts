// The rules of both address families, kept in step: one run carries out what has changed since the last.

import type { Clock } from "#shared";
import type { ProxyMetrics } from "../metrics.ts";
import { type IPFamily, ipFamilies } from "../nft/family.ts";
import type { Nft } from "../nft/nft.ts";
import { type AppliedAs, ServiceRulesApplier } from "./apply.ts";
import type { ProxySettings } from "./fixed-rules.ts";
import { planService, type ServicePlan } from "./plan.ts";
import { countWithoutLocal, hasUdp } from "./summaries.ts";
import type { NodePlace } from "./topology.ts";
import type { ServiceChanges, WatchedServices } from "./watched-services.ts";

export interface ServiceRulesOptions {
  readonly nft: Nft;
  readonly clock: Clock;
  readonly metrics: ProxyMetrics;
  onApplied(family: IPFamily): void;
  /** The changes are kept; the next run writes the family's table anew. */
  onRefused(family: IPFamily, error: unknown): void;
  onCleanupFailure(family: IPFamily, error: unknown): void;
}

/** What a run works with. */
export interface RulesInput {
  readonly watched: WatchedServices;
  readonly place: NodePlace;
  settingsOf(family: IPFamily): ProxySettings;
  readonly signal: AbortSignal;
}

export class ServiceRules {
  readonly #options: ServiceRulesOptions;
  readonly #appliers: ReadonlyMap<IPFamily, ServiceRulesApplier>;
  /** Services with UDP ports that changed since a run last went well. */
  #withUdp = new Set<string>();

  constructor(options: ServiceRulesOptions) {
    const { nft, clock, onCleanupFailure } = options;
    this.#options = options;
    const create = (family: IPFamily) =>
      new ServiceRulesApplier(family, { nft, clock, onCleanupFailure: (error) => onCleanupFailure(family, error) });
    this.#appliers = new Map(ipFamilies.map((family) => [family, create(family)]));
  }

  /** The fixed rules must be written again. */
  invalidate(): void {
    for (const applier of this.#appliers.values()) applier.invalidate();
  }

  /** Carries the changes out; answers which services had or have UDP ports. Throws when a family was refused. */
  async run(changes: ServiceChanges, input: RulesInput): Promise<ReadonlySet<string>> {
    const runs = [...this.#appliers].map(([family, applier]) => {
      const plans = new Map<string, ServicePlan | undefined>();
      for (const key of changes.keys) {
        const before = applier.plans.get(key);
        const plan = planOne(key, family, input, before);
        if (!plan && !before) continue;
        plans.set(key, plan);
        if (hasUdp(plan) || hasUdp(before)) this.#withUdp.add(key);
      }
      return this.#runFamily(family, applier, plans, { changes, input });
    });
    const results = await Promise.allSettled(runs);
    const refused = results.find((result) => result.status === "rejected");
    if (refused) throw refused.reason;
    const withUdp = this.#withUdp;
    this.#withUdp = new Set();
    return withUdp;
  }

  async remove(): Promise<void> {
    await Promise.all([...this.#appliers.values()].map((applier) => applier.remove()));
  }

  async #runFamily(
    family: IPFamily,
    applier: ServiceRulesApplier,
    plans: ReadonlyMap<string, ServicePlan | undefined>,
    { changes, input }: { changes: ServiceChanges; input: RulesInput },
  ): Promise<void> {
    const { clock, metrics, onApplied, onRefused } = this.#options;
    const startedAt = clock.now();
    let applied: AppliedAs;
    try {
      applied = await applier.run(plans, input.settingsOf(family), input.signal);
    } catch (error) {
      if (!input.signal.aborted) {
        metrics.syncFailed(family);
        onRefused(family, error);
      }
      throw error;
    }
    onApplied(family);
    if (applied === "unchanged") return;
    const now = clock.now();
    metrics.synced(family, { tookMs: now - startedAt, isFull: applied === "full", atMs: now });
    if (plans.size > 0) for (const at of changes.triggeredAt) metrics.programmed(family, now - at);
    const { internal, external } = countWithoutLocal(applier.plans.values());
    metrics.noLocalEndpoints(family, "internal", internal);
    metrics.noLocalEndpoints(family, "external", external);
  }
}

function planOne(
  key: string,
  family: IPFamily,
  { watched, place }: RulesInput,
  before: ServicePlan | undefined,
): ServicePlan | undefined {
  const service = watched.service(key);
  return service && planService(service, watched.slices(key), { family, place, before });
}
