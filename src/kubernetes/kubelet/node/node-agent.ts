// The node's own part in the API: registers it, keeps its status and its lease, and looks after the runtime's health. One timer.

import {
  isAlreadyExists,
  isNotFound,
  type Node,
  type NodeStatus,
  type OwnerReference,
  resources,
} from "#kubernetes/api";
import { type Client, compareResourceVersions } from "#kubernetes/client";
import type { EventRecorder } from "#kubernetes/runtime";
import { type Clock, describeError, type Logger } from "#shared";
import { createNodeLease } from "./node-lease.ts";
import {
  defaultLabels,
  hasChanged,
  makeNode,
  makeNodeStatus,
  type NodeIdentity,
  type NodeStatusInputs,
  nodeStatusPatch,
  transitionEvents,
} from "./node-status.ts";

export interface NodeAgentOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly recorder: EventRecorder;
  readonly identity: NodeIdentity;
  /** Looks at machine and runtime. Must not throw. */
  look(signal: AbortSignal): Promise<NodeStatusInputs>;
  /** The node as the API server now has it. */
  onNode(node: Node): void;
  /** Between beats. Default 10 s. */
  readonly heartbeatMs?: number;
}

export interface NodeAgent {
  /** Resolves when the node is registered and its first status written; goes on until stopped. */
  start(): Promise<void>;
  /** Looks and writes at once, such as when the runtime's network has come up. */
  refresh(): void;
  /** Told of the node as the API server has it: conditions that others have overwritten are written again at once. */
  observe(node: Node): void;
  stop(): Promise<void>;
}

/** A status that does not change is written again after so long, for whoever looks at heartbeats. */
const longestSilenceMs = 5 * 60_000;
/** Until the node is ready, it looks this often: whatever is missing usually comes within a second. */
const unreadyMs = 100;
const retryMs = [100, 200, 400, 800, 1600, 3200, 7000];

export function createNodeAgent(options: NodeAgentOptions): NodeAgent {
  return new Agent(options);
}

class Agent implements NodeAgent {
  readonly #options: NodeAgentOptions;
  readonly #stopping = new AbortController();
  readonly #lease;
  #node: Node | undefined;
  #writtenAt = Number.NEGATIVE_INFINITY;
  #leaseDueAt = 0;
  #wake: (() => void) | undefined;
  #wasWoken = false;
  #running: Promise<void> = Promise.resolve();

  constructor(options: NodeAgentOptions) {
    this.#options = options;
    this.#lease = createNodeLease(options.client, options.identity.name, options.clock, () => this.#owner());
  }

  async start(): Promise<void> {
    await this.#register();
    this.#running = this.#beat();
  }

  refresh(): void {
    this.#wasWoken = true;
    this.#wake?.();
  }

  observe(node: Node): void {
    const known = this.#node;
    if (!known || !isNewer(node, known)) return;
    const status = { ...known.status, conditions: node.status?.conditions ?? [] };
    if (!hasChanged(known.status ?? {}, status)) return;
    this.#node = { ...node, status };
    this.refresh();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#wake?.();
    await this.#running;
  }

  #owner(): OwnerReference | undefined {
    const { name, uid } = this.#node?.metadata ?? {};
    return name && uid ? { apiVersion: "v1", kind: "Node", name, uid } : undefined;
  }

  /** Tries until it is done or stopped. */
  async #register(): Promise<void> {
    const { clock, logger } = this.#options;
    const { signal } = this.#stopping;
    for (let attempt = 0; !signal.aborted; attempt++) {
      try {
        await this.#registerOnce(signal);
        return;
      } catch (error) {
        if (signal.aborted) return;
        logger.info({ error: describeError(error) }, "node not registered, trying again");
        await clock.sleep(retryMs[Math.min(attempt, retryMs.length - 1)]!, signal).catch(() => {});
      }
    }
  }

  async #registerOnce(signal: AbortSignal): Promise<void> {
    const { client, clock, identity, look } = this.#options;
    const inputs = await look(signal);
    const status = makeNodeStatus(inputs, {}, clock.now());
    try {
      const node = await client.create(resources.nodes, makeNode(identity, status), { signal });
      this.#adopt(node, status);
      this.#record({}, status);
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
      await this.#takeOver(inputs, signal);
    }
  }

  /** The node was registered before: its labels are brought in line, its status is written anew. */
  async #takeOver(inputs: NodeStatusInputs, signal: AbortSignal): Promise<void> {
    const { client, clock, identity } = this.#options;
    const key = { name: identity.name };
    const node = await client.get(resources.nodes, key, { signal });
    const labels = defaultLabels(identity.name, inputs.info.architecture);
    const known = node.metadata.labels ?? {};
    const different = Object.entries(labels).filter(([label, value]) => known[label] !== value);
    if (different.length > 0) {
      const body = { metadata: { labels: Object.fromEntries(different) } };
      await client.patch(resources.nodes, key, { type: "strategic", body }, { signal });
    }
    this.#adopt(node, node.status ?? {});
    const status = makeNodeStatus(inputs, node.status ?? {}, clock.now());
    await this.#write(status, signal);
  }

  #adopt(node: Node, status: NodeStatus): void {
    this.#node = { ...node, status };
    this.#writtenAt = this.#options.clock.now();
    this.#options.onNode(node);
  }

  async #beat(): Promise<void> {
    const { clock, logger, heartbeatMs = 10_000 } = this.#options;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      let ready = true;
      try {
        ready = await this.#beatOnce(signal, heartbeatMs);
      } catch (error) {
        if (signal.aborted) return;
        logger.info({ error: describeError(error) }, "node status not written, trying again");
        ready = false;
        await clock.sleep(1000, signal).catch(() => {});
      }
      await this.#pause(ready ? heartbeatMs : Math.min(unreadyMs, heartbeatMs));
    }
  }

  /** Whether the node is ready. */
  async #beatOnce(signal: AbortSignal, heartbeatMs: number): Promise<boolean> {
    const { clock, look } = this.#options;
    const inputs = await look(signal);
    const old = this.#node?.status ?? {};
    const status = makeNodeStatus(inputs, old, clock.now());
    const isDue = clock.now() - this.#writtenAt >= longestSilenceMs;
    if (isDue || hasChanged(old, status)) await this.#write(status, signal);
    if (clock.now() >= this.#leaseDueAt) {
      await this.#lease.renew(signal);
      // A little less than a period, so that a late timer does not skip one.
      this.#leaseDueAt = clock.now() + heartbeatMs * 0.9;
    }
    return inputs.problems.length === 0;
  }

  async #write(status: NodeStatus, signal: AbortSignal): Promise<void> {
    const { client, identity } = this.#options;
    const before = this.#node?.status ?? {};
    const body = { status: nodeStatusPatch(before, status) };
    try {
      const change = { type: "strategic", body } as const;
      const key = { name: identity.name };
      const node = await client.patch(resources.nodes, key, change, { subresource: "status", signal });
      this.#record(before, status);
      this.#adopt(node, status);
    } catch (error) {
      // Someone has removed it while it lives.
      if (!isNotFound(error)) throw error;
      await this.#registerOnce(signal);
    }
  }

  #record(before: NodeStatus, after: NodeStatus): void {
    const { recorder, identity } = this.#options;
    const { name } = identity;
    for (const reason of transitionEvents(before, after)) {
      recorder.normal(nodeReference(name), reason, `Node ${name} status is now: ${reason}`);
    }
  }

  #pause(mostMs: number): Promise<void> {
    if (this.#wasWoken || this.#stopping.signal.aborted) {
      this.#wasWoken = false;
      return Promise.resolve();
    }
    return new Promise<void>((resolve) => {
      const cancel = this.#options.clock.after(mostMs, () => resolve());
      this.#wake = () => {
        cancel();
        resolve();
      };
    }).then(() => {
      this.#wake = undefined;
      this.#wasWoken = false;
    });
  }
}

function isNewer({ metadata: one }: Node, { metadata: other }: Node): boolean {
  return compareResourceVersions(one.resourceVersion ?? "", other.resourceVersion ?? "") > 0;
}

/** How the kubelet names its node in events: by its name in place of its uid, as upstream. */
export function nodeReference(name: string) {
  return { kind: "Node", name, uid: name };
}
