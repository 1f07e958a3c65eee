// The API servers that share a store, each by a lease that it renews (upstream's lease endpoint reconciler, in upstream's place in the
// store): who stops renewing is no longer behind the `kubernetes` service.

import type { KubeObject } from "#kubernetes/api";
import type { Collection, Store } from "#kubernetes/store";
import { type Clock, describeError, type Logger } from "#shared";

const leaseSeconds = 15;
const renewMs = 10_000;

export interface SharedEndpointsOptions {
  readonly store: Store;
  /** Where this server is reached. */
  readonly address: string;
  /** Told of all servers' addresses, this one's among them, in order. */
  readonly publish: (addresses: readonly string[]) => Promise<void>;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface SharedEndpoints {
  /** Takes this server out, at once. */
  stop(): Promise<void>;
}

/** Resolves when this server is published. */
export async function shareEndpoints(options: SharedEndpointsOptions): Promise<SharedEndpoints> {
  const { store, address, publish, clock, logger } = options;
  const leases = store.collection("/registry/masterleases/");
  const stopping = new AbortController();
  await renew(leases, address);
  await publish(await addressesIn(leases));
  const keepUp = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        await clock.sleep(renewMs, stopping.signal);
        await renew(leases, address);
        await publish(await addressesIn(leases));
      } catch (error) {
        if (!stopping.signal.aborted)
          logger.warn({ error: describeError(error) }, "this server's lease was not renewed");
      }
    }
  };
  const ended = keepUp();
  return {
    async stop() {
      stopping.abort(new Error("the server stops"));
      await ended;
      const own = await leases.get(address);
      if (own) await leases.delete(address, own.revision);
      await publish(await addressesIn(leases));
    },
  };
}

/** Nobody else writes this key: when it is at another revision than was read, it has just gone by itself. */
async function renew(leases: Collection, address: string): Promise<void> {
  for (let tries = 0; tries < 3; tries++) {
    const known = await leases.get(address);
    const lease = { kind: "Endpoints", apiVersion: "v1", metadata: {}, subsets: [{ addresses: [{ ip: address }] }] };
    const result = await leases.put(address, lease as unknown as KubeObject, known?.revision ?? 0, {
      ttlSeconds: leaseSeconds,
    });
    if (result.written) return;
  }
  throw new Error(`Cannot renew the lease of ${address}: others write it`);
}

async function addressesIn(leases: Collection): Promise<string[]> {
  const { items } = await leases.list();
  return items.map(({ key }) => key);
}
