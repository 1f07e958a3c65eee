// When each node was last heard of: by its status, or by its lease. Measured by this clock, not by the node's.

import type { Lease, Node } from "#kubernetes/api";
import { parseTime } from "#kubernetes/runtime";
import type { Clock } from "#shared";
import { nodeCondition } from "../nodes/node-state.ts";

interface Heard {
  ms: number;
  /** The heartbeat of the status that was heard last; undefined before the first. */
  heartbeat: string | undefined;
  hasStatus: boolean;
  renewMs: number;
}

export class NodeHealth {
  readonly #clock: Clock;
  readonly #nodes = new Map<string, Heard>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Takes in a node's status. One that has never posted any is known since its creation. */
  observe(node: Node): void {
    const { name = "", creationTimestamp } = node.metadata;
    const ready = nodeCondition(node, "Ready");
    const seen = { heartbeat: ready?.lastHeartbeatTime, hasStatus: ready !== undefined };
    const heard = this.#nodes.get(name);
    if (!heard) {
      const nowMs = this.#clock.now();
      const ms = ready ? nowMs : (parseTime(creationTimestamp) ?? nowMs);
      this.#nodes.set(name, { ...seen, ms, renewMs: 0 });
    } else if (heard.hasStatus !== seen.hasStatus || heard.heartbeat !== seen.heartbeat) {
      Object.assign(heard, seen, { ms: this.#clock.now() });
    }
  }

  /** Takes in a node's lease. */
  renew({ metadata, spec }: Lease): void {
    const heard = this.#nodes.get(metadata.name ?? "");
    const renewMs = parseTime(spec?.renewTime) ?? 0;
    if (!heard || renewMs <= heard.renewMs) return;
    heard.renewMs = renewMs;
    heard.ms = this.#clock.now();
  }

  /** When the node was last heard of; undefined for an unknown one. */
  lastHeardMs(name: string): number | undefined {
    return this.#nodes.get(name)?.ms;
  }

  /** All nodes count as heard of just now: it was our own silence that has ended. */
  hearAll(): void {
    for (const heard of this.#nodes.values()) heard.ms = this.#clock.now();
  }

  forget(name: string): void {
    this.#nodes.delete(name);
  }
}
