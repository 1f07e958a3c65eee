// Leases for objects that go by themselves. As upstream does, objects written soon after one another share a lease, so that a
// thousand events do not cost a thousand leases: an object may live up to a twentieth longer than was asked for.

import { randomBytes } from "node:crypto";
import type { Clock } from "#shared";
import type { EtcdClient } from "./etcd-client.ts";

interface Lease {
  readonly id: Promise<number>;
  /** Until when it is handed out. */
  readonly until: number;
  users: number;
}

const mostUsers = 1000;
const longestShareSeconds = 60;

export class LeasePool {
  readonly #client: EtcdClient;
  readonly #clock: Clock;
  readonly #leases = new Map<number, Lease>();

  constructor(client: EtcdClient, clock: Clock) {
    this.#client = client;
    this.#clock = clock;
  }

  /** The id of a lease that lasts at least so long. */
  lease(ttlSeconds: number): Promise<number> {
    const shared = this.#leases.get(ttlSeconds);
    if (shared && shared.users < mostUsers && this.#clock.now() < shared.until) {
      shared.users++;
      return shared.id;
    }
    const shareSeconds = Math.min(longestShareSeconds, Math.floor(ttlSeconds / 20));
    const id = this.#grant(Math.ceil(ttlSeconds) + shareSeconds);
    const lease: Lease = { id, until: this.#clock.now() + shareSeconds * 1000, users: 1 };
    if (shareSeconds > 0) this.#leases.set(ttlSeconds, lease);
    id.catch(() => this.#leases.delete(ttlSeconds));
    return id;
  }

  async #grant(ttlSeconds: number): Promise<number> {
    // Chosen here, in the range in which JavaScript's numbers are exact; etcd's own ids need all 63 bits.
    const id = randomBytes(6).readUIntBE(0, 6) + 1;
    await this.#client.grantLease(id, ttlSeconds);
    return id;
  }
}
