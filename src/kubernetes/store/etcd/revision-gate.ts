// The newest revision of the whole etcd cluster, asked for by a linearizable read. Those who ask while a read is under way share
// the next one: theirs must begin after they asked.

import { type EtcdClient, everyKey } from "./etcd-client.ts";

export class RevisionGate {
  readonly #client: EtcdClient;
  #running: Promise<number> | undefined;
  #next: Promise<number> | undefined;

  constructor(client: EtcdClient) {
    this.#client = client;
  }

  /** A revision that is not before any write acknowledged before the call. */
  newest(): Promise<number> {
    if (!this.#running) return this.#start();
    this.#next ??= this.#running.then(
      () => this.#startNext(),
      () => this.#startNext(),
    );
    return this.#next;
  }

  #startNext(): Promise<number> {
    this.#next = undefined;
    return this.#start();
  }

  #start(): Promise<number> {
    const running = this.#client
      // Any one key will do, there or not: every answer tells the revision. A range would cost by the number of keys.
      .range({ key: everyKey })
      .then(({ header }) => header?.revision ?? 0)
      .finally(() => {
        if (this.#running === running) this.#running = undefined;
      });
    this.#running = running;
    return running;
  }
}
