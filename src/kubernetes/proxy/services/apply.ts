// Carries the plans of one address family into the kernel: what changed as one transaction, or the whole table when it is not known
// what is there (at the start, after a refusal, and once an hour, should somebody have meddled).

import type { Clock } from "#shared";
import { type IPFamily, wordsOf } from "../nft/family.ts";
import type { Nft } from "../nft/nft.ts";
import { readAffinity } from "./affinity.ts";
import { type ProxySettings, tableName } from "./fixed-rules.ts";
import type { ServicePlan } from "./plan.ts";
import { type PlanChanges, ServiceTable } from "./service-table.ts";

export interface ApplyOptions {
  readonly nft: Nft;
  readonly clock: Clock;
  /** A chain emptied before could not be deleted: it is tried again with the whole table. */
  onCleanupFailure(error: unknown): void;
}

/** What a run did: wrote the whole table, a part of it, or found nothing to write. */
export type AppliedAs = "full" | "partial" | "unchanged";

/** Upstream's: how long a table goes unchecked. */
export const fullSyncMs = 3_600_000;

/** Kernels before 6.2 take a moment to see that no map leads to a chain any more. */
const staleAfterMs = 1000;

export class ServiceRulesApplier {
  readonly #options: ApplyOptions;
  readonly #family: IPFamily;
  #table: ServiceTable | undefined;
  #plans = new Map<string, ServicePlan>();
  /** Whether the kernel has what the plans say; "writing" that fails stays so, and is not known either. */
  #state: "unknown" | "writing" | "known" = "unknown";
  /** A table an earlier process left has been looked for. */
  #isSwept = false;
  #fullAt = 0;

  constructor(family: IPFamily, options: ApplyOptions) {
    this.#family = family;
    this.#options = options;
  }

  get plans(): ReadonlyMap<string, ServicePlan> {
    return this.#plans;
  }

  /** Whether the next run writes the whole table. */
  needsFull(): boolean {
    return this.#state !== "known" || this.#options.clock.now() - this.#fullAt >= fullSyncMs;
  }

  /** What is in the kernel is no longer what it should be: settings changed, or a run failed. */
  invalidate(): void {
    this.#state = "unknown";
  }

  /** Throws when the kernel refuses; the changes are kept, and the next run writes the whole table. */
  async run(changes: PlanChanges, settings: ProxySettings, signal: AbortSignal): Promise<AppliedAs> {
    const isFull = this.needsFull();
    for (const [key, plan] of changes) {
      if (plan) this.#plans.set(key, plan);
      else this.#plans.delete(key);
    }
    if (!this.#table && this.#plans.size === 0 && settings.serviceCIDRs.length === 0) return await this.#sweep();
    // Settings that change meanwhile are for the next run.
    this.#state = "writing";
    const applied = isFull ? await this.#replace(settings, signal) : await this.#update(changes, signal);
    if (this.#state === "writing") this.#state = "known";
    return applied;
  }

  /** Takes the table away. */
  async remove(): Promise<void> {
    this.#state = "unknown";
    this.#table = undefined;
    const table = this.#tableId();
    await this.#options.nft.apply(`add table ${table}\ndelete table ${table}\n`);
  }

  /** A cluster without the family needs no table of it. */
  async #sweep(): Promise<AppliedAs> {
    if (!this.#isSwept) await this.remove();
    this.#isSwept = true;
    return "unchanged";
  }

  async #replace(settings: ProxySettings, signal: AbortSignal): Promise<AppliedAs> {
    const { nft, clock } = this.#options;
    const affinity = await readAffinity(nft, this.#tableId(), signal);
    this.#table ??= new ServiceTable(settings);
    await nft.apply(this.#table.replace(settings, this.#plans, affinity), signal);
    this.#fullAt = clock.now();
    return "full";
  }

  async #update(changes: PlanChanges, signal: AbortSignal): Promise<AppliedAs> {
    const { nft, clock } = this.#options;
    const table = this.#table!;
    await this.#deleteStale(table, signal);
    const update = table.update(changes);
    if (!update) return "unchanged";
    await nft.apply(update.commands, signal);
    table.markStale(update.emptied, clock.now());
    return "partial";
  }

  async #deleteStale(table: ServiceTable, signal: AbortSignal): Promise<void> {
    const commands = table.deleteStale(this.#options.clock.now() - staleAfterMs);
    if (!commands) return;
    try {
      await this.#options.nft.apply(commands, signal);
    } catch (error) {
      signal.throwIfAborted();
      this.#options.onCleanupFailure(error);
    }
  }

  #tableId(): string {
    return `${wordsOf(this.#family).ip} ${tableName}`;
  }
}
