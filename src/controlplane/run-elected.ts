// Runs a part of the control plane in one process at a time, where several share an etcd: whoever holds the lease runs it.

import type { Client } from "#kubernetes/client";
import { runAsLeader } from "#kubernetes/runtime";
import { type Clock, describeError, type Logger, onAbort } from "#shared";

export interface Stoppable {
  /** Resolves when nothing of it is running. */
  stop(): Promise<void>;
}

export interface ElectedOptions {
  readonly client: Client;
  /** The lease's name, upstream's: kube-scheduler, kube-controller-manager. */
  readonly name: string;
  /** Tells this process from the others. */
  readonly identity: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

const pauseMs = 2000;

/** Starts it whenever this process leads, and stops it when it no longer does; seeks the lead again until it is stopped. */
export function runElected(start: () => Stoppable, options: ElectedOptions): Stoppable {
  const { client, name, identity, clock, logger } = options;
  const ending = new AbortController();
  const { signal } = ending;
  const lead = async (term: AbortSignal): Promise<void> => {
    logger.info({ lease: name }, "leads");
    const running = start();
    await new Promise<void>((resolve) => onAbort(term, resolve));
    await running.stop();
  };
  const seek = async (): Promise<void> => {
    while (!signal.aborted) {
      try {
        await runAsLeader(lead, { client, lease: { namespace: "kube-system", name }, identity, signal, clock, logger });
      } catch (error) {
        logger.warn({ lease: name, error: describeError(error) }, "the lead ended, it is sought again");
        await clock.sleep(pauseMs, signal).catch(() => {});
      }
    }
  };
  const ended = seek();
  return {
    stop() {
      ending.abort(new Error("the control plane stops"));
      return ended;
    },
  };
}
