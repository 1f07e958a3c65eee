// The node lifecycle controller: notices nodes that have fallen silent, and taints nodes by what is wrong with them, so that
// nothing is scheduled there and, zone by zone at a measured pace, pods leave.

import { type Node, type Pod, resources } from "#kubernetes/api";
import type { Client, Informer } from "#kubernetes/client";
import {
  createController,
  done,
  type EventRecorder,
  type KeyQueue,
  type ReconcileContext,
  type ReconcileResult,
  referenceTo,
  requeueAfter,
  type Watch,
  watch,
} from "#kubernetes/runtime";
import type { Clock } from "#shared";
import type { ControllerContext, ControllerProcess } from "../controller-definition.ts";
import { defaultNodeLifecycle, type NodeLifecycleSettings } from "../controller-settings.ts";
import { readyStatus, zoneOf } from "../nodes/node-state.ts";
import { OwnWrites } from "../own-writes.ts";
import { inBatches } from "../pods/batches.ts";
import { indexByNode, podsOnNode } from "../pods/node-index.ts";
import { countsAs, evictionRate, planDisruption, type Zone } from "./disruption.ts";
import { NodeHealth } from "./health.ts";
import { markPodsNotReady } from "./mark-pods.ts";
import type { KnownNode, NodeRoster } from "./node-roster.ts";
import { isEvicting, type NodePlan, planNode, planSilence, withEvictingTaint } from "./plan.ts";
import { ZoneQueues } from "./zone-queues.ts";

interface Parts {
  readonly client: Client;
  readonly clock: Clock;
  readonly nodes: Informer<Node>;
  readonly pods: Informer<Pod>;
  readonly events: EventRecorder;
  readonly settings: NodeLifecycleSettings;
  readonly health: NodeHealth;
  readonly roster: NodeRoster;
  readonly evictions: ZoneQueues;
  readonly zones: Map<string, Zone>;
  queue: KeyQueue | undefined;
}

/** Keys besides the nodes' names, which hold no colon. */
const zonesKey = "zones:";
const zonePrefix = "zone:";

const workers = 8;

export function createNodeLifecycleController(context: ControllerContext): ControllerProcess {
  const { client, informers, clock } = context;
  const settings = { ...defaultNodeLifecycle, ...context.settings.nodeLifecycle };
  const parts: Parts = {
    client,
    clock,
    nodes: informers.informer(resources.nodes),
    pods: indexByNode(informers.informer(resources.pods)),
    events: context.recorder("node-controller"),
    settings,
    health: new NodeHealth(clock),
    roster: new Map(),
    evictions: new ZoneQueues(clock, settings.evictionRate),
    zones: new Map(),
    queue: undefined,
  };
  const controller = createController({
    ...context,
    name: "node_lifecycle_controller",
    workers,
    reconcile: (key, reconcileContext) => reconcileKey(key, parts, reconcileContext),
    watches: [
      watchNodes(parts),
      watch(informers.informer(resources.leases), () => ({
        added: (lease) => parts.health.renew(lease),
        updated: (lease) => parts.health.renew(lease),
      })),
      watchNewPods(parts),
    ],
  });
  parts.queue = controller.queue;
  return controller;
}

function watchNodes({ nodes, health }: Parts): Watch {
  return watch(nodes, (queue) => {
    const add = ({ metadata }: Node) => queue.add(metadata.name ?? "");
    return {
      added(node) {
        health.observe(node);
        add(node);
        queue.add(zonesKey);
      },
      updated(node, old) {
        health.observe(node);
        add(node);
        if (countsAs(node) !== countsAs(old)) queue.add(zonesKey);
      },
      deleted(node) {
        health.forget(node.metadata.name ?? "");
        add(node);
        queue.add(zonesKey);
      },
    };
  });
}

/** A pod that comes to a node that is not ready has missed being told. */
function watchNewPods({ pods, nodes, roster }: Parts): Watch {
  return watch(pods, (queue) => {
    const arrived = ({ metadata, spec }: Pod) => {
      const name = spec?.nodeName ?? "";
      const node = nodes.get({ name });
      const known = roster.get(name);
      const status = node && readyStatus(node);
      if (!known || status === undefined || status === "True") return;
      if (known.podsToMark !== "all") known.podsToMark.add(`${metadata.namespace}/${metadata.name}`);
      queue.add(name);
    };
    return {
      added(pod, isInitialList) {
        if (pod.spec?.nodeName && !isInitialList) arrived(pod);
      },
      updated(pod, old) {
        if (pod.spec?.nodeName && pod.spec.nodeName !== old.spec?.nodeName) arrived(pod);
      },
    };
  });
}

async function reconcileKey(key: string, parts: Parts, context: ReconcileContext): Promise<ReconcileResult> {
  const writes = new OwnWrites();
  const hands: Hands = { ...parts, signal: context.signal, writes };
  try {
    if (key === zonesKey) return await reconcileZones(hands);
    if (key.startsWith(zonePrefix)) return await evictNext(key.slice(zonePrefix.length), hands);
    return await reconcileNode(key, hands);
  } finally {
    await writes.seen(context.signal);
  }
}

interface Hands extends Parts {
  readonly signal: AbortSignal;
  readonly writes: OwnWrites;
}

async function reconcileNode(name: string, hands: Hands): Promise<ReconcileResult> {
  const { nodes, roster, clock } = hands;
  const node = nodes.get({ name });
  if (!node) {
    forget(name, hands);
    return done;
  }
  const known = roster.get(name) ?? register(node, hands);
  const current = await noticeSilence(node, hands);
  if (current !== node && readyStatus(node) === "True") known.podsToMark = "all";
  const plan = planNode(current, clock.now());
  await applyPlan(current, plan, hands);
  await markPods(node, known, hands);
  const settleMs = waitForTurn(current, plan.evictingTaint, known, hands);
  const silentMs = msUntilSilent(current, hands);
  const nextMs = Math.min(settleMs ?? Number.POSITIVE_INFINITY, silentMs ?? Number.POSITIVE_INFINITY);
  return Number.isFinite(nextMs) ? requeueAfter(nextMs) : done;
}

function register(node: Node, { roster, events, clock }: Hands): KnownNode {
  const { name = "", uid } = node.metadata;
  const known: KnownNode = { uid, firstSeenMs: clock.now(), podsToMark: new Set() };
  roster.set(name, known);
  nodeEvent(node, "RegisteredNode", `Registered Node ${name} in Controller`, events);
  return known;
}

function forget(name: string, { roster, evictions, events }: Hands): void {
  const known = roster.get(name);
  evictions.remove(name);
  if (!known) return;
  roster.delete(name);
  const node: Node = { metadata: { name, ...(known.uid !== undefined && { uid: known.uid }) } };
  nodeEvent(node, "RemovingNode", `Removing Node ${name} from Controller`, events);
}

function nodeEvent(node: Node, reason: string, message: string, events: EventRecorder): void {
  events.normal(referenceTo(resources.nodes, node), reason, `Node ${node.metadata.name} event: ${message}`);
}

/** Answers the node as it is now: another object where it was ready and turns out to be silent. */
async function noticeSilence(node: Node, hands: Hands): Promise<Node> {
  const { client, nodes, events, clock, writes, signal } = hands;
  const silentMs = msUntilSilent(node, hands);
  const conditions = silentMs !== undefined && silentMs <= 0 ? planSilence(node, clock.now()) : undefined;
  if (!conditions) return node;
  const silent: Node = { ...node, status: { ...node.status, conditions } };
  const written = await client.update(resources.nodes, silent, { subresource: "status", signal });
  writes.note(nodes, written);
  if (readyStatus(node) === "True") {
    const message = `Node ${node.metadata.name} status is now: NodeNotReady`;
    events.normal(referenceTo(resources.nodes, node), "NodeNotReady", message);
  }
  return written;
}

/** Undefined where it has been silent for long, or is none of the nodes. */
function msUntilSilent(node: Node, { health, settings, clock }: Hands): number | undefined {
  const status = readyStatus(node);
  const heardMs = health.lastHeardMs(node.metadata.name ?? "");
  if (heardMs === undefined || status === "Unknown") return undefined;
  const graceMs = status === undefined ? settings.startupGraceMs : settings.monitorGraceMs;
  // Silence begins after the grace period, not with it.
  return heardMs + graceMs + 1 - clock.now();
}

async function applyPlan(node: Node, { taints, labels }: NodePlan, hands: Hands): Promise<void> {
  if (!taints && Object.keys(labels).length === 0) return;
  await patchNode(node, { metadata: { labels }, ...(taints && { spec: { taints } }) }, hands);
}

async function patchNode(
  { metadata: { name = "", resourceVersion } }: Node,
  change: { readonly metadata?: object; readonly spec?: object },
  { client, nodes, writes, signal }: Hands,
): Promise<void> {
  // Taints are replaced as a whole, so somebody else's must not be lost.
  const body = { ...change, metadata: { ...change.metadata, resourceVersion } };
  writes.note(nodes, await client.patch(resources.nodes, { name }, { type: "merge", body }, { signal }));
}

/** Where one could not be marked, all are looked at again. */
async function markPods({ metadata }: Node, known: KnownNode, hands: Hands): Promise<void> {
  const wanted = known.podsToMark;
  if (wanted !== "all" && wanted.size === 0) return;
  const pods = podsOnNode(hands.pods, metadata.name).filter(
    ({ metadata: pod }) => wanted === "all" || wanted.has(`${pod.namespace}/${pod.name}`),
  );
  known.podsToMark = new Set();
  try {
    await markPodsNotReady(pods, hands.clock.now(), hands);
  } catch (error) {
    known.podsToMark = "all";
    throw error;
  }
}

/** Queues the node in its zone if its pods should leave; answers how long a new node is still given to settle. */
function waitForTurn(node: Node, taint: string | undefined, known: KnownNode, hands: Hands): number | undefined {
  const { evictions, settings, clock, queue } = hands;
  const { name = "" } = node.metadata;
  if (taint === undefined) {
    evictions.remove(name);
    return undefined;
  }
  const settleMs = known.firstSeenMs + settings.monitorPeriodMs - clock.now();
  if (settleMs > 0) return settleMs;
  const zone = zoneOf(node);
  evictions.add(zone, name);
  queue?.add(zonePrefix + zone);
  return undefined;
}

/** Taints the nodes of a zone whose turn it is. */
async function evictNext(zone: string, hands: Hands): Promise<ReconcileResult> {
  const { evictions, nodes, clock } = hands;
  for (let name = evictions.take(zone); name !== undefined; name = evictions.take(zone)) {
    const node = nodes.get({ name });
    const taint = node && planNode(node, clock.now()).evictingTaint;
    if (!node || taint === undefined) continue;
    try {
      await patchNode(node, { spec: { taints: withEvictingTaint(node, taint, clock.now()) } }, hands);
    } catch (error) {
      evictions.add(zone, name);
      throw error;
    }
  }
  const turnMs = evictions.msUntilTurn(zone);
  return turnMs === undefined ? done : requeueAfter(Math.max(1, turnMs));
}

async function reconcileZones(hands: Hands): Promise<ReconcileResult> {
  const { nodes, zones, settings, evictions, health, queue } = hands;
  const all = nodes.list();
  const plan = planDisruption(all, zones, settings);
  zones.clear();
  for (const [zone, found] of plan.zones) zones.set(zone, found);
  if (plan.change === "enter") {
    for (const zone of zones.keys()) evictions.setRate(zone, 0);
    evictions.clear();
    await stopEvictions(all, hands);
    return done;
  }
  if (plan.change === "stay") return done;
  for (const [zone, found] of zones) {
    evictions.setRate(zone, evictionRate(found, settings));
    queue?.add(zonePrefix + zone);
  }
  if (plan.change === "leave") {
    health.hearAll();
    for (const { metadata } of all) queue?.add(metadata.name ?? "");
  }
  return done;
}

async function stopEvictions(nodes: readonly Node[], hands: Hands): Promise<void> {
  await inBatches(nodes, async (node) => {
    const taints = node.spec?.taints ?? [];
    const left = taints.filter((taint) => !isEvicting(taint));
    if (left.length < taints.length) await patchNode(node, { spec: { taints: left } }, hands);
  });
}
