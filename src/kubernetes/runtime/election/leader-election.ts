// Elects one leader among replicas by a Lease, with client-go's timing: who holds it renews it, the others wait for it to lapse.

import { isNotFound, type Lease, type ObjectKey, resources } from "#kubernetes/api";
import type { Client } from "#kubernetes/client";
import { type Clock, describeError, type Logger, silentLogger, systemClock } from "#shared";
import { isHeld, type ObservedLease, specToHold, specToRelease } from "./lease-record.ts";

export interface LeaderElectionOptions {
  readonly client: Client;
  /** Such as kube-system/kube-controller-manager. */
  readonly lease: ObjectKey;
  /** Unique among the candidates. */
  readonly identity: string;
  /** How long others wait after the last renewal. Default 15,000. */
  readonly leaseDurationMs?: number;
  /** How long a leader tries to renew before it gives up. Default 10,000. */
  readonly renewDeadlineMs?: number;
  /** The time between tries. Default 2000. */
  readonly retryPeriodMs?: number;
  /** Ends the candidacy; a lease that is held is released. */
  readonly signal: AbortSignal;
  readonly clock?: Clock;
  readonly logger?: Logger;
  /** Called with the identity of each new leader, ourselves included. */
  readonly onNewLeader?: (identity: string) => void;
}

/** As client-go: candidates do not all try at the same moment. */
const jitter = 1.2;

/**
 * Waits until we lead, then runs `lead` with a signal that fires when the lead is lost or `options.signal` fires. Resolves when
 * `lead` has ended and the lease was released; the lead can then be sought again.
 */
export async function runAsLeader(
  lead: (signal: AbortSignal) => Promise<void>,
  options: LeaderElectionOptions,
): Promise<void> {
  const election = new Election(options);
  if (!(await election.acquire())) return;
  const term = new AbortController();
  const ended = lead(AbortSignal.any([term.signal, options.signal])).finally(() => election.resign());
  ended.catch(() => {}); // thrown below, when the lease has been seen to
  await election.renewUntilLost();
  term.abort(new Error("the lead was lost"));
  try {
    await ended;
  } finally {
    await election.release();
  }
}

class Election {
  readonly #options: Required<Omit<LeaderElectionOptions, "onNewLeader">> & Pick<LeaderElectionOptions, "onNewLeader">;
  readonly #resigned = new AbortController();
  #observed: ObservedLease | undefined;
  #reported = "";

  constructor(options: LeaderElectionOptions) {
    this.#options = {
      leaseDurationMs: 15_000,
      renewDeadlineMs: 10_000,
      retryPeriodMs: 2000,
      clock: systemClock,
      logger: silentLogger,
      ...options,
    };
  }

  get #isLeader(): boolean {
    return this.#observed?.spec.holderIdentity === this.#options.identity;
  }

  /** Answers false where the signal fired first. */
  async acquire(): Promise<boolean> {
    const { clock, retryPeriodMs, signal } = this.#options;
    while (!signal.aborted) {
      if (await this.#try(signal)) return true;
      await clock.sleep(retryPeriodMs * (1 + Math.random() * jitter), signal).catch(() => {});
    }
    return false;
  }

  /** Returns when renewing failed for the whole renew deadline, or there is nothing left to lead. */
  async renewUntilLost(): Promise<void> {
    const { clock, retryPeriodMs, renewDeadlineMs, logger } = this.#options;
    const signal = AbortSignal.any([this.#options.signal, this.#resigned.signal]);
    let renewedAt = clock.now();
    while (!signal.aborted) {
      await clock.sleep(retryPeriodMs, signal).catch(() => {});
      if (signal.aborted) return;
      const deadline = new AbortController();
      const cancel = clock.after(renewedAt + renewDeadlineMs - clock.now(), () => deadline.abort());
      const isRenewed = await this.#try(AbortSignal.any([signal, deadline.signal]));
      cancel();
      if (isRenewed) renewedAt = clock.now();
      else if (clock.now() - renewedAt >= renewDeadlineMs) {
        logger.error({ lease: this.#options.lease }, "leader election lost");
        return;
      }
    }
  }

  resign(): void {
    this.#resigned.abort();
  }

  /** Lets go of a lease that is ours. */
  async release(): Promise<void> {
    const { client, clock, lease, logger } = this.#options;
    if (!this.#isLeader) return;
    try {
      const current = await client.get(resources.leases, lease);
      if (current.spec?.holderIdentity !== this.#options.identity) return;
      await client.update(resources.leases, { ...current, spec: specToRelease(current.spec, clock.now()) });
    } catch (error) {
      logger.info({ lease, error: describeError(error) }, "lease not released");
    }
    this.#observed = undefined;
  }

  async #try(signal: AbortSignal): Promise<boolean> {
    try {
      const isLeader = (await this.#renewOptimistically(signal)) || (await this.#acquireOrRenew(signal));
      this.#reportLeader();
      return isLeader;
    } catch (error) {
      if (!signal.aborted) {
        this.#options.logger.info(
          { lease: this.#options.lease, error: describeError(error) },
          "lease not acquired or renewed",
        );
      }
      return false;
    }
  }

  /** A leader's lease is usually just as it left it: one write, no read. */
  async #renewOptimistically(signal: AbortSignal): Promise<boolean> {
    const { lease, clock } = this.#options;
    if (!this.#observed || !this.#isLeader || !isHeld(this.#observed, clock.now())) return false;
    const { resourceVersion } = this.#observed;
    const metadata = { ...lease, namespace: lease.namespace ?? "", ...(resourceVersion && { resourceVersion }) };
    try {
      await this.#write({ metadata, spec: this.#observed.spec }, signal);
      return true;
    } catch {
      return false;
    }
  }

  async #acquireOrRenew(signal: AbortSignal): Promise<boolean> {
    const { client, clock, lease } = this.#options;
    const current = await client.get(resources.leases, lease, { signal }).catch((error) => {
      if (isNotFound(error)) return undefined;
      throw error;
    });
    if (!current) {
      await this.#write(undefined, signal);
      return true;
    }
    this.#observe(current);
    if (!this.#isLeader && isHeld(this.#observed!, clock.now())) return false;
    await this.#write(current, signal);
    return true;
  }

  async #write(current: Lease | undefined, signal: AbortSignal): Promise<void> {
    const { client, clock, identity, lease, leaseDurationMs } = this.#options;
    const spec = specToHold(current?.spec, { identity, leaseDurationMs, nowMs: clock.now() });
    const written = current
      ? await client.update(resources.leases, { ...current, spec }, { signal })
      : await client.create(
          resources.leases,
          { metadata: { name: lease.name, namespace: lease.namespace ?? "" }, spec },
          { signal },
        );
    this.#observe(written);
  }

  #observe({ metadata: { resourceVersion }, spec = {} }: Lease): void {
    if (this.#observed && this.#observed.resourceVersion === resourceVersion) return;
    this.#observed = { spec, resourceVersion, observedAtMs: this.#options.clock.now() };
  }

  #reportLeader(): void {
    const holder = this.#observed?.spec.holderIdentity ?? "";
    if (holder === this.#reported) return;
    this.#reported = holder;
    this.#options.onNewLeader?.(holder);
  }
}
