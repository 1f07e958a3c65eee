// The connections to one server: usually a single HTTP/2 session; another is opened when the first is full or has broken.

import type { HttpAnswer, HttpConnection, HttpRequest } from "./http-connection.ts";
import { UnsentError } from "./http-connection.ts";

export class ConnectionPool {
  readonly #dial: () => Promise<HttpConnection>;
  /** Those that are not gone yet, also ended ones with requests under way. */
  readonly #connections = new Set<HttpConnection>();
  #dialing: Promise<HttpConnection> | undefined;
  #isClosed = false;

  constructor(dial: () => Promise<HttpConnection>) {
    this.#dial = dial;
  }

  /** Sends on an open connection; once more on another where the first surely did not deliver. */
  async send(request: HttpRequest): Promise<HttpAnswer> {
    const connection = await this.#open();
    try {
      return await connection.send(request);
    } catch (error) {
      if (!(error instanceof UnsentError) || request.signal?.aborted) throw error;
      return (await this.#open()).send(request);
    }
  }

  /** Later requests go over new connections (with new certificates); those under way end in peace. */
  renew(): void {
    for (const connection of this.#connections) connection.retire();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#dialing?.catch(() => undefined);
    const open = [...this.#connections];
    for (const connection of open) connection.close();
    await Promise.all(open.map((connection) => connection.closed));
  }

  async #open(): Promise<HttpConnection> {
    for (;;) {
      if (this.#isClosed) throw new Error("Cannot send a request: the client is closed");
      const usable = this.#connections.values().find((connection) => connection.state === "open");
      if (usable) return usable;
      // All who wait share one dial; those for whom it has no room go round again.
      this.#dialing ??= this.#dialOne();
      const fresh = await this.#dialing;
      if (fresh.state === "ended" && !this.#isClosed) throw new Error("the server ended the connection at once");
    }
  }

  async #dialOne(): Promise<HttpConnection> {
    try {
      const connection = await this.#dial();
      this.#connections.add(connection);
      void connection.closed.then(() => this.#connections.delete(connection));
      return connection;
    } finally {
      this.#dialing = undefined;
    }
  }
}
