// The host ports taken on a node. 0.0.0.0 stands for every address.

import type { HostPort } from "./pod-info.ts";

const everyAddress = "0.0.0.0";

export class HostPorts {
  /** By address, then "TCP/80", how many pods have it. */
  readonly #taken = new Map<string, Map<string, number>>();

  static of(ports: readonly HostPort[]): HostPorts {
    const taken = new HostPorts();
    for (const port of ports) taken.add(port);
    return taken;
  }

  add({ ip, port }: HostPort): void {
    let ports = this.#taken.get(ip);
    if (!ports) {
      ports = new Map();
      this.#taken.set(ip, ports);
    }
    ports.set(port, (ports.get(port) ?? 0) + 1);
  }

  remove({ ip, port }: HostPort): void {
    const ports = this.#taken.get(ip);
    const count = ports?.get(port);
    if (!ports || count === undefined) return;
    if (count > 1) ports.set(port, count - 1);
    else ports.delete(port);
    if (ports.size === 0) this.#taken.delete(ip);
  }

  /** Whether none of the ports is taken. */
  fits(wanted: readonly HostPort[]): boolean {
    return this.#taken.size === 0 || !wanted.some((port) => this.#isTaken(port));
  }

  copy(): HostPorts {
    const copy = new HostPorts();
    for (const [ip, ports] of this.#taken) copy.#taken.set(ip, new Map(ports));
    return copy;
  }

  #isTaken({ ip, port }: HostPort): boolean {
    if (ip !== everyAddress) {
      return (this.#taken.get(everyAddress)?.has(port) ?? false) || (this.#taken.get(ip)?.has(port) ?? false);
    }
    return this.#taken.values().some((ports) => ports.has(port));
  }
}
