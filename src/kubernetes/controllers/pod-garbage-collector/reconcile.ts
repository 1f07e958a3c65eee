// The pod garbage collector: removes pods that no kubelet will: those of nodes that are gone, those deleted before they got a
// node or on a node out of service, and finished ones beyond what is worth keeping. Upstream looks every 20 seconds; here
// changes are what starts it.

import { formatKey, isNotFound, keyOf, type Node, type Pod, parseKey, resources } from "#kubernetes/api";
import type { Client, Informer } from "#kubernetes/client";
import {
  createController,
  done,
  type KeyQueue,
  type ReconcileContext,
  type ReconcileResult,
  type Watch,
  watch,
} from "#kubernetes/runtime";
import type { ControllerContext, ControllerProcess } from "../controller-definition.ts";
import { OwnWrites } from "../own-writes.ts";
import { inBatches } from "../pods/batches.ts";
import { type DisruptionReason, disruptionTarget, patchPodStatus } from "../pods/disruption-target.ts";
import { indexByNode, podsOnNode } from "../pods/node-index.ts";
import { isPodFinished } from "../pods/pod-state.ts";
import { isOutOfService, isStuck, surplusPods } from "./plan.ts";

interface Parts {
  readonly client: Client;
  readonly pods: Informer<Pod>;
  readonly nodes: Informer<Node>;
  readonly threshold: number;
}

/** How long a node may be unknown before it is asked for, and counts as gone. */
const quarantineMs = 40_000;
const defaultThreshold = 12_500;
/** Keys besides those of pods: names of nodes, and all finished pods together. */
const nodePrefix = "node:";
const finishedKey = "finished:";
const finishedIndex = "finished";

export function createPodGarbageCollector(context: ControllerContext): ControllerProcess {
  const { client, informers, settings } = context;
  const parts: Parts = {
    client,
    pods: indexByNode(informers.informer(resources.pods)),
    nodes: informers.informer(resources.nodes),
    threshold: settings.terminatedPodThreshold ?? defaultThreshold,
  };
  parts.pods.addIndex(finishedIndex, finishedValues);
  return createController({
    ...context,
    name: "pod_gc",
    reconcile: (key, reconcileContext) => reconcileKey(key, parts, reconcileContext),
    watches: [watchPods(parts), watchNodes(parts)],
  });
}

function finishedValues(pod: Pod): readonly string[] {
  return isPodFinished(pod) ? ["true"] : [];
}

function watchPods({ nodes, pods, threshold }: Parts): Watch {
  return watch(pods, (queue) => {
    const look = (pod: Pod) => {
      const { nodeName } = pod.spec ?? {};
      const node = nodes.get({ name: nodeName ?? "" });
      if (isStuck(pod, node)) queue.add(formatKey(keyOf(pod)));
      if (nodeName && !node) queue.addAfter(nodePrefix + nodeName, quarantineMs);
    };
    const count = () => {
      if (threshold > 0 && pods.byIndex(finishedIndex, "true").length > threshold) queue.add(finishedKey);
    };
    return {
      added(pod) {
        look(pod);
        if (isPodFinished(pod)) count();
      },
      updated(pod, old) {
        look(pod);
        if (isPodFinished(pod) && !isPodFinished(old)) count();
      },
    };
  });
}

function watchNodes({ nodes, pods }: Parts): Watch {
  return watch(nodes, (queue) => {
    const look = (node: Node) => {
      if (isOutOfService(node)) addStuck(podsOnNode(pods, node.metadata.name), node, queue);
    };
    return {
      added: look,
      updated: look,
      deleted: ({ metadata }) => queue.addAfter(nodePrefix + metadata.name, quarantineMs),
    };
  });
}

function addStuck(pods: readonly Pod[], node: Node, queue: KeyQueue): void {
  for (const pod of pods) if (isStuck(pod, node)) queue.add(formatKey(keyOf(pod)));
}

async function reconcileKey(key: string, parts: Parts, context: ReconcileContext): Promise<ReconcileResult> {
  const { pods, nodes, threshold } = parts;
  if (key === finishedKey) {
    const surplus = surplusPods(pods.byIndex(finishedIndex, "true"), threshold);
    await removeAll(surplus, undefined, parts, context);
  } else if (key.startsWith(nodePrefix)) {
    await removeOrphans(key.slice(nodePrefix.length), parts, context);
  } else {
    const pod = pods.get(parseKey(key));
    if (pod && isStuck(pod, nodes.get({ name: pod.spec?.nodeName ?? "" }))) {
      await removeAll([pod], undefined, parts, context);
    }
  }
  return done;
}

async function removeOrphans(name: string, parts: Parts, context: ReconcileContext): Promise<void> {
  const { client, pods, nodes } = parts;
  const orphans = podsOnNode(pods, name);
  if (orphans.length === 0 || nodes.get({ name })) return;
  try {
    // The copy may be old.
    await client.get(resources.nodes, { name }, { signal: context.signal });
  } catch (error) {
    if (!isNotFound(error)) throw error;
    const why = { reason: "DeletionByPodGC", message: "PodGC: node no longer exists" };
    await removeAll(orphans, why, parts, context);
  }
}

async function removeAll(
  found: readonly Pod[],
  why: DisruptionReason | undefined,
  { client, pods }: Parts,
  { clock, signal }: ReconcileContext,
): Promise<void> {
  const writes = new OwnWrites();
  await inBatches(found, async (pod) => {
    try {
      // Without this a pod whose node is gone would seem to run for ever to whoever counts it.
      if (!isPodFinished(pod)) await patchPodStatus(client, pod, failedStatus(pod, why, clock.now()), signal);
      writes.note(pods, await client.delete(resources.pods, keyOf(pod), { gracePeriodSeconds: 0, signal }));
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  });
  await writes.seen(signal);
}

function failedStatus(pod: Pod, why: DisruptionReason | undefined, nowMs: number): NonNullable<Pod["status"]> {
  const condition = why && disruptionTarget(pod, why, nowMs);
  const { generation } = pod.metadata;
  return {
    phase: "Failed",
    ...(generation !== undefined && { observedGeneration: generation }),
    ...(condition && { conditions: [condition] }),
  };
}
