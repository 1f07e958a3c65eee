// Which service has a frontend that several ask for (two services with the same external address and port): the first one, until
// it goes; then those that wait are to be looked at again.

export class FrontendClaims {
  readonly #owners = new Map<string, string>();
  readonly #waiting = new Map<string, Set<string>>();

  isOwner(service: string, frontend: string): boolean {
    return this.#owners.get(frontend) === service;
  }

  /** Gives the service what nobody has; for the rest it waits. */
  claim(service: string, frontends: Iterable<string>): void {
    for (const frontend of frontends) {
      const owner = this.#owners.get(frontend);
      if (owner === undefined) this.#owners.set(frontend, service);
      else if (owner !== service) this.#wait(service, frontend);
    }
  }

  /** Gives up everything of the service's; answers who waits for it. */
  release(service: string, frontends: Iterable<string>): Set<string> {
    const next = new Set<string>();
    for (const frontend of frontends) {
      const waiting = this.#waiting.get(frontend);
      if (this.#owners.get(frontend) === service) {
        this.#owners.delete(frontend);
        for (const other of waiting ?? []) next.add(other);
      }
      waiting?.delete(service);
      if (waiting?.size === 0) this.#waiting.delete(frontend);
    }
    next.delete(service);
    return next;
  }

  #wait(service: string, frontend: string): void {
    const waiting = this.#waiting.get(frontend);
    if (waiting) waiting.add(service);
    else this.#waiting.set(frontend, new Set([service]));
  }
}
