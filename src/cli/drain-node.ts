// Empties a node: no new pods come, those there are evicted, budgets kept. As kubectl drain --ignore-daemonsets does.

import { isNotFound, isStatusError, type Pod, resources } from "#kubernetes/api";
import type { Client } from "#kubernetes/client";
import { type Clock, systemClock } from "#shared";

export interface DrainOptions {
  readonly signal: AbortSignal;
  readonly clock?: Clock;
  /** Called when a pod cannot go yet, with the reason. */
  onWait?(reason: string): void;
}

/** How long to wait before asking again when a disruption budget says no. kubectl waits as long. */
const budgetRetryMs = 5000;

/** Resolves when no pod but those of DaemonSets and static ones is left on the node. */
export async function drainNode(client: Client, node: string, options: DrainOptions): Promise<void> {
  const { signal } = options;
  try {
    await client.patch(
      resources.nodes,
      { name: node },
      { type: "merge", body: { spec: { unschedulable: true } } },
      { signal },
    );
  } catch (error) {
    if (isNotFound(error)) return;
    throw error;
  }
  const { items } = await client.list(resources.pods, { fieldSelector: `spec.nodeName=${node}`, signal });
  await Promise.all(items.filter(mustGo).map((pod) => evict(client, pod, options)));
  await waitUntilGone(client, node, signal);
}

/** DaemonSets put their pods back at once; static pods are the node's own; what has ended needs no eviction. */
function mustGo({ metadata, status }: Pod): boolean {
  const isDaemon = metadata.ownerReferences?.some(({ kind, controller }) => kind === "DaemonSet" && controller);
  const isStatic = metadata.annotations?.["kubernetes.io/config.mirror"] !== undefined;
  return !isDaemon && !isStatic && status?.phase !== "Succeeded" && status?.phase !== "Failed";
}

async function evict(client: Client, pod: Pod, { signal, clock = systemClock, onWait }: DrainOptions): Promise<void> {
  const { namespace, name } = pod.metadata;
  const key = { namespace, name: name! };
  const eviction = { apiVersion: "policy/v1", kind: "Eviction", metadata: { namespace, name } };
  for (;;) {
    try {
      await client.createSubresource(resources.pods, key, "eviction", eviction, { signal });
      return;
    } catch (error) {
      if (isNotFound(error)) return;
      if (!isStatusError(error) || error.reason !== "TooManyRequests") throw error;
      onWait?.(`pod ${namespace}/${name}: ${error.message}`);
      await clock.sleep(budgetRetryMs, signal);
    }
  }
}

async function waitUntilGone(client: Client, node: string, signal: AbortSignal): Promise<void> {
  const fieldSelector = `spec.nodeName=${node}`;
  for (;;) {
    const list = await client.list(resources.pods, { fieldSelector, signal });
    const left = new Set(list.items.filter(mustGo).map(({ metadata }) => metadata.uid));
    if (left.size === 0) return;
    for await (const events of client.watch(resources.pods, {
      fieldSelector,
      resourceVersion: list.resourceVersion,
      signal,
    })) {
      for (const { type, object } of events) if (type === "DELETED") left.delete(object.metadata.uid);
      if (left.size === 0) return;
    }
    signal.throwIfAborted();
  }
}
