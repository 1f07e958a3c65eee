// Renews the leases of all simulated nodes, spread evenly over the period.

import type { Node } from "#kubernetes/api";
import type { Client } from "#kubernetes/client";
import { type Clock, describeError, type Logger } from "#shared";
import { createNodeLease, type NodeLease } from "../node/node-lease.ts";
import { Gate } from "./gate.ts";

export interface NodeLeases {
  add(node: Node): void;
  remove(name: string): void;
  stop(): Promise<void>;
}

export interface NodeLeasesOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly periodMs: number;
}

/** Often enough for a smooth load, rarely enough to be cheap. */
const tickMs = 250;
const width = 32;

export function createNodeLeases({ client, clock, logger, periodMs }: NodeLeasesOptions): NodeLeases {
  const leases = new Map<string, NodeLease>();
  const running = new Set<Promise<void>>();
  const gate = new Gate(width);
  let isStopped = false;
  let cancelTick: (() => void) | undefined;
  /** Names in the order of renewal, and how many of them are due by now. */
  let order: string[] = [];
  let due = 0;

  const renew = (name: string): void => {
    gate.add(async () => {
      const lease = leases.get(name);
      if (!lease || isStopped) return;
      const work = lease.renew().catch((error) => {
        logger.debug({ node: name, error: describeError(error) }, "lease not renewed");
      });
      running.add(work);
      await work;
      running.delete(work);
    });
  };

  const tick = (): void => {
    cancelTick = clock.after(tickMs, tick);
    due += (leases.size * tickMs) / periodMs;
    for (; due >= 1; due--) {
      const name = nextName();
      if (name !== undefined) renew(name);
    }
  };

  /** The next one whose turn it is. Nodes that have gone have no turn: many may go at once. */
  const nextName = (): string | undefined => {
    for (let turns = 0; turns < 2; turns++) {
      for (let name = order.pop(); name !== undefined; name = order.pop()) if (leases.has(name)) return name;
      order = [...leases.keys()].reverse();
    }
    return undefined;
  };

  return {
    add({ metadata: { name = "", uid } }) {
      if (leases.has(name)) return;
      const owner = uid === undefined ? undefined : { apiVersion: "v1", kind: "Node", name, uid };
      leases.set(
        name,
        createNodeLease(client, name, clock, () => owner),
      );
      renew(name);
      if (!cancelTick && !isStopped) tick();
    },
    remove: (name) => void leases.delete(name),
    async stop() {
      isStopped = true;
      cancelTick?.();
      await Promise.all(running);
    },
  };
}
