// Empties a node: no new pods come, those there are evicted, budgets kept. As kubectl drain --ignore-daemonsets does.

import { isNotFound, isStatusError, type Pod, resources } from "#kubernetes/api";
import type { Client } from "#kubernetes/client";
import { type Clock, systemClock, UserError } from "#shared";

export interface DrainOptions {
  readonly signal: AbortSignal;
  readonly clock?: Clock;
  /** How long it may take. Default: for ever. */
  readonly timeoutMs?: number;
  /** Called when a pod cannot go yet, with the reason. */
  onWait?(reason: string): void;
}

/** How long to wait before asking again when a disruption budget says no. kubectl waits as long. */
const budgetRetryMs = 5000;

/**
 * Resolves when no pod but those of DaemonSets and static ones is left on the node. Throws a UserError, with every pod that is still
 * there and why, when the time is up; the node then stays cordoned. Answers false where there is no such node.
 */
export async function drainNode(client: Client, node: string, options: DrainOptions): Promise<boolean> {
  const { clock = systemClock, timeoutMs } = options;
  if (!(await setSchedulable(client, node, { schedulable: false, signal: options.signal }))) return false;
  const timeUp = new AbortController();
  const signal = AbortSignal.any([options.signal, timeUp.signal]);
  const cancel = timeoutMs === undefined ? undefined : clock.after(timeoutMs, () => timeUp.abort());
  const held = new Map<string, string>();
  try {
    const { items } = await client.list(resources.pods, { fieldSelector: `spec.nodeName=${node}`, signal });
    await Promise.all(items.filter(mustGo).map((pod) => evict(client, pod, { ...options, held, signal })));
    await waitUntilGone(client, node, signal);
    return true;
  } catch (error) {
    if (!timeUp.signal.aborted || options.signal.aborted) throw error;
    throw await describeBlockers(client, node, { ...options, held });
  } finally {
    cancel?.();
  }
}

/** Whether new pods may come to the node. Answers false where there is no such node. */
export async function setSchedulable(
  client: Client,
  node: string,
  { schedulable, signal }: { readonly schedulable: boolean; readonly signal: AbortSignal },
): Promise<boolean> {
  const body = { spec: { unschedulable: schedulable ? null : true } };
  try {
    await client.patch(resources.nodes, { name: node }, { type: "merge", body }, { signal });
    return true;
  } catch (error) {
    if (isNotFound(error)) return false;
    throw error;
  }
}

async function describeBlockers(
  client: Client,
  node: string,
  { held, signal, timeoutMs = 0 }: DrainOptions & { readonly held: ReadonlyMap<string, string> },
): Promise<UserError> {
  const { items } = await client.list(resources.pods, { fieldSelector: `spec.nodeName=${node}`, signal });
  const left = items.filter(mustGo).map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
  const what = left.length === 1 ? "1 pod is" : `${left.length} pods are`;
  return new UserError(`Cannot drain node ${node}: ${what} still there after ${Math.round(timeoutMs / 1000)} s`, {
    hints: [
      ...left.map((pod) => `pod ${pod}: ${held.get(pod) ?? "is asked to stop, and has not ended yet"}`),
      `No new pods come to it. Let them again: slipway node uncordon ${node}`,
    ],
  });
}

/** DaemonSets put their pods back at once; static pods are the node's own; what has ended needs no eviction. */
function mustGo({ metadata, status }: Pod): boolean {
  const isDaemon = metadata.ownerReferences?.some(({ kind, controller }) => kind === "DaemonSet" && controller);
  const isStatic = metadata.annotations?.["kubernetes.io/config.mirror"] !== undefined;
  return !isDaemon && !isStatic && status?.phase !== "Succeeded" && status?.phase !== "Failed";
}

interface EvictOptions extends DrainOptions {
  /** By "namespace/name": why a pod cannot go yet. */
  readonly held: Map<string, string>;
}

async function evict(
  client: Client,
  pod: Pod,
  { signal, clock = systemClock, onWait, held }: EvictOptions,
): Promise<void> {
  const { namespace, name } = pod.metadata;
  const key = { namespace, name: name! };
  const eviction = { apiVersion: "policy/v1", kind: "Eviction", metadata: { namespace, name } };
  for (;;) {
    try {
      await client.createSubresource(resources.pods, key, "eviction", eviction, { signal });
      held.delete(`${namespace}/${name}`);
      return;
    } catch (error) {
      if (isNotFound(error)) return;
      if (!isStatusError(error) || error.reason !== "TooManyRequests") throw error;
      // The cause names the budget and what it needs.
      const why = error.details?.causes?.find(({ reason }) => reason === "DisruptionBudget")?.message ?? error.message;
      if (held.get(`${namespace}/${name}`) !== why) onWait?.(`pod ${namespace}/${name} cannot go yet: ${why}`);
      held.set(`${namespace}/${name}`, why);
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
