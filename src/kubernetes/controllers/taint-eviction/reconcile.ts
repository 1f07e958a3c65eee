// The taint eviction controller: deletes pods from nodes with NoExecute taints, as soon as they stop tolerating them.

import { formatKey, isNotFound, keyOf, type Node, type Pod, parseKey, resources } from "#kubernetes/api";
import type { Client, Informer } from "#kubernetes/client";
import {
  createController,
  done,
  type EventRecorder,
  type ReconcileContext,
  type ReconcileResult,
  referenceTo,
  requeueAfter,
  type Watch,
  watch,
} from "#kubernetes/runtime";
import { isSameJson } from "../canonical-json.ts";
import type { ControllerContext, ControllerProcess } from "../controller-definition.ts";
import { OwnWrites } from "../own-writes.ts";
import { disruptionTarget, patchPodStatus } from "../pods/disruption-target.ts";
import { indexByNode, podsOnNode } from "../pods/node-index.ts";
import { evictingTaints, tolerationMs } from "./plan.ts";

interface Parts {
  readonly client: Client;
  readonly pods: Informer<Pod>;
  readonly nodes: Informer<Node>;
  readonly events: EventRecorder;
  /** Since when each pod that will have to go bears the taints of its node, by its key. */
  readonly pending: Map<string, Pending>;
}

interface Pending {
  readonly uid: string | undefined;
  readonly sinceMs: number;
}

const workers = 8;

export function createTaintEvictionController(context: ControllerContext): ControllerProcess {
  const { client, informers } = context;
  const parts: Parts = {
    client,
    pods: indexByNode(informers.informer(resources.pods)),
    nodes: informers.informer(resources.nodes),
    events: context.recorder("taint-eviction-controller"),
    pending: new Map(),
  };
  return createController({
    ...context,
    name: "noexec_taint_pod",
    workers,
    reconcile: (key, reconcileContext) => reconcilePod(key, parts, reconcileContext),
    watches: [watchPods(parts), watchNodes(parts)],
  });
}

function watchPods({ pods, nodes, pending }: Parts): Watch {
  return watch(pods, (queue) => {
    const add = (pod: Pod) => {
      const key = formatKey(keyOf(pod));
      const node = nodes.get({ name: pod.spec?.nodeName ?? "" });
      if (pending.has(key) || evictingTaints(node).length > 0) queue.add(key);
    };
    return {
      added: add,
      deleted: add,
      updated(pod, old) {
        const isSame =
          pod.spec?.nodeName === old.spec?.nodeName && isSameJson(pod.spec?.tolerations, old.spec?.tolerations);
        if (!isSame) add(pod);
      },
    };
  });
}

function watchNodes({ nodes, pods }: Parts): Watch {
  return watch(nodes, (queue) => {
    const addPods = ({ metadata }: Node) => {
      for (const pod of podsOnNode(pods, metadata.name)) queue.add(formatKey(keyOf(pod)));
    };
    return {
      added(node) {
        if (evictingTaints(node).length > 0) addPods(node);
      },
      updated(node, old) {
        if (!isSameJson(evictingTaints(node), evictingTaints(old))) addPods(node);
      },
      deleted(node) {
        if (evictingTaints(node).length > 0) addPods(node);
      },
    };
  });
}

async function reconcilePod(key: string, parts: Parts, context: ReconcileContext): Promise<ReconcileResult> {
  const { pods, nodes, pending } = parts;
  const pod = pods.get(parseKey(key));
  if (!pod || pod.metadata.deletionTimestamp) {
    // It goes by itself: nothing is called off.
    pending.delete(key);
    return done;
  }
  const taints = evictingTaints(nodes.get({ name: pod.spec?.nodeName ?? "" }));
  const bearsMs = taints.length > 0 ? tolerationMs(pod, taints) : Number.POSITIVE_INFINITY;
  if (bearsMs === Number.POSITIVE_INFINITY) {
    callOff(key, pod, parts);
    return done;
  }
  const nowMs = context.clock.now();
  const sinceMs = pendingSince(key, pod, nowMs, parts);
  if (sinceMs + bearsMs > nowMs) return requeueAfter(sinceMs + bearsMs - nowMs);
  await evict(key, pod, parts, context);
  pending.delete(key);
  return done;
}

function pendingSince(key: string, { metadata }: Pod, nowMs: number, { pending }: Parts): number {
  const known = pending.get(key);
  if (known?.uid === metadata.uid && known) return known.sinceMs;
  pending.set(key, { uid: metadata.uid, sinceMs: nowMs });
  return nowMs;
}

function callOff(key: string, pod: Pod, { pending, events }: Parts): void {
  if (!pending.delete(key)) return;
  events.normal(referenceTo(resources.pods, pod), "TaintManagerEviction", `Cancelling deletion of Pod ${key}`);
}

async function evict(key: string, pod: Pod, parts: Parts, { clock, signal }: ReconcileContext): Promise<void> {
  const { client, pods, events } = parts;
  const writes = new OwnWrites();
  events.normal(referenceTo(resources.pods, pod), "TaintManagerEviction", `Marking for deletion Pod ${key}`);
  const why = { reason: "DeletionByTaintManager", message: "Taint manager: deleting due to NoExecute taint" };
  const condition = disruptionTarget(pod, why, clock.now());
  try {
    if (condition) await patchPodStatus(client, pod, { conditions: [condition] }, signal);
    const preconditions = pod.metadata.uid === undefined ? {} : { preconditions: { uid: pod.metadata.uid } };
    writes.note(pods, await client.delete(resources.pods, keyOf(pod), { ...preconditions, signal }));
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
  await writes.seen(signal);
}
