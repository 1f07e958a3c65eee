// The DaemonSet controller: one pod on every node that should have one, replaced as the template changes.

import {
  type ControllerRevision,
  type DaemonSet,
  formatKey,
  keyOf,
  type Node,
  type Pod,
  parseKey,
  resources,
  type Selector,
} from "#kubernetes/api";
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
  watchOwn,
} from "#kubernetes/runtime";
import { isSameJson } from "../canonical-json.ts";
import type { ControllerContext, ControllerProcess } from "../controller-definition.ts";
import { OwnWrites } from "../own-writes.ts";
import { claimObjects } from "../ownership/claim-objects.ts";
import { indexByController, orphansIn, ownedBy } from "../ownership/owner-index.ts";
import { controllerReference, isControlledBy } from "../ownership/owner-references.ts";
import { compileSelector, matchesLabels } from "../ownership/selectors.ts";
import { haveLabelsChanged, watchDependents } from "../ownership/watch-dependents.ts";
import { indexByNode, podsOnNode } from "../pods/node-index.ts";
import { msUntilNextAvailable } from "../pods/pod-state.ts";
import { writeStatus } from "../write-status.ts";
import { createPlacement } from "./daemon-pods.ts";
import { FailedPodBackoff } from "./failed-pod-backoff.ts";
import { cleanUpHistory, constructHistory } from "./history.ts";
import { type DaemonView, groupByNode, planPods, planStatus } from "./plan.ts";
import { planRollingUpdate } from "./rolling-update.ts";
import { syncPods } from "./sync-pods.ts";

const workers = 4;

interface Parts {
  readonly client: Client;
  readonly daemonSets: Informer<DaemonSet>;
  readonly revisions: Informer<ControllerRevision>;
  readonly pods: Informer<Pod>;
  readonly nodes: Informer<Node>;
  readonly events: EventRecorder;
  readonly failedPods: FailedPodBackoff;
}

interface Hands extends Parts, ReconcileContext {
  readonly writes: OwnWrites;
}

export function createDaemonSetController(context: ControllerContext): ControllerProcess {
  const { client, informers, clock } = context;
  const parts: Parts = {
    client,
    daemonSets: informers.informer(resources.daemonSets),
    revisions: indexByController(informers.informer(resources.controllerRevisions)),
    pods: indexByNode(indexByController(informers.informer(resources.pods))),
    nodes: informers.informer(resources.nodes),
    events: context.recorder("daemonset-controller"),
    failedPods: new FailedPodBackoff(clock),
  };
  const owners = {
    owners: parts.daemonSets,
    resource: resources.daemonSets,
    selectorOf: (daemonSet: DaemonSet) => compileSelector(daemonSet.spec?.selector),
  };
  return createController({
    ...context,
    name: "daemonset",
    workers,
    reconcile: (key, reconcileContext) => reconcileDaemonSet(key, parts, reconcileContext),
    watches: [
      watchOwn(parts.daemonSets),
      watchDependents(parts.revisions, owners),
      watchDependents(parts.pods, owners),
      watchNodes(parts),
    ],
  });
}

/** A node matters to the DaemonSets that should come to it or go from it. */
function watchNodes({ daemonSets, nodes, pods }: Parts): Watch {
  const isConcerned = (daemonSet: DaemonSet, node: Node): boolean => {
    const { shouldRun, shouldContinue } = createPlacement(daemonSet)(node);
    const isThere = podsOnNode(pods, node.metadata.name).some((pod) => isControlledBy(pod, daemonSet));
    if (isThere) return !shouldContinue || (daemonSet.status?.numberMisscheduled ?? 0) > 0;
    return shouldRun;
  };
  return watch(nodes, (queue) => {
    const addConcerned = (node: Node) => {
      for (const daemonSet of daemonSets.list()) {
        if (isConcerned(daemonSet, node)) queue.add(formatKey(keyOf(daemonSet)));
      }
    };
    return {
      added: addConcerned,
      updated(node, old) {
        const haveTaintsChanged = !isSameJson(node.spec?.taints, old.spec?.taints);
        if (haveTaintsChanged || haveLabelsChanged(node, old)) addConcerned(node);
      },
      deleted() {
        for (const daemonSet of daemonSets.list()) queue.add(formatKey(keyOf(daemonSet)));
      },
    };
  });
}

async function reconcileDaemonSet(key: string, parts: Parts, context: ReconcileContext): Promise<ReconcileResult> {
  const daemonSet = parts.daemonSets.get(parseKey(key));
  const selector = daemonSet && compileSelector(daemonSet.spec?.selector);
  // While it is deleted, nobody can tell what of its history is left.
  if (!daemonSet || !selector || daemonSet.metadata.deletionTimestamp) return done;
  if (selector.isEmpty) {
    const message = "This daemon set is selecting all pods. A non-empty selector is required.";
    parts.events.warning(referenceTo(resources.daemonSets, daemonSet), "SelectingAll", message);
    return done;
  }
  const hands: Hands = { ...parts, ...context, writes: new OwnWrites() };
  await claimDependents(daemonSet, selector, hands);
  const revisions = ownedBy(parts.revisions, daemonSet.metadata.uid);
  const owned = revisions.filter((revision) => matchesLabels(selector, revision));
  const { hash, old } = await constructHistory(daemonSet, { owned, pods: podsOf(daemonSet, selector, hands) }, hands);

  let failure: unknown;
  let backoffMs: number | undefined;
  try {
    backoffMs = await managePods(daemonSet, { selector, hash }, hands);
    await cleanUpHistory(daemonSet, { old, pods: podsOf(daemonSet, selector, hands) }, hands);
  } catch (error) {
    failure = error;
  }
  const lookMs = await updateStatus(daemonSet, { selector, hash }, hands);
  await hands.writes.seen(context.signal);
  if (failure) throw failure;
  const due = [backoffMs, lookMs].filter((ms) => ms !== undefined);
  return due.length > 0 ? requeueAfter(Math.min(...due)) : done;
}

async function claimDependents(daemonSet: DaemonSet, selector: Selector, hands: Hands): Promise<void> {
  const { client, pods, revisions, writes, signal } = hands;
  const { uid, namespace } = daemonSet.metadata;
  const common = {
    client,
    owner: daemonSet,
    ownerResource: resources.daemonSets,
    reference: controllerReference(resources.daemonSets, daemonSet),
    signal,
  };
  const podClaim = await claimObjects([...ownedBy(pods, uid), ...orphansIn(pods, namespace)], {
    ...common,
    resource: resources.pods,
    matches: (pod) => matchesLabels(selector, pod),
  });
  const revisionClaim = await claimObjects([...ownedBy(revisions, uid), ...orphansIn(revisions, namespace)], {
    ...common,
    resource: resources.controllerRevisions,
    matches: (revision) => matchesLabels(selector, revision),
  });
  writes.noteVersion(pods, podClaim.written);
  writes.noteVersion(revisions, revisionClaim.written);
  await writes.seen(signal);
}

function podsOf(daemonSet: DaemonSet, selector: Selector, { pods }: Hands): Pod[] {
  return ownedBy(pods, daemonSet.metadata.uid).filter((pod) => matchesLabels(selector, pod));
}

interface Target {
  readonly selector: Selector;
  readonly hash: string;
}

function viewOf(daemonSet: DaemonSet, { selector, hash }: Target, hands: Hands): DaemonView {
  return {
    daemonSet,
    nodes: hands.nodes.list(),
    placementOf: createPlacement(daemonSet),
    podsByNode: groupByNode(podsOf(daemonSet, selector, hands)),
    hash,
    nowMs: hands.clock.now(),
  };
}

/** Answers when a failed pod may be deleted that may not yet. */
async function managePods(daemonSet: DaemonSet, target: Target, hands: Hands): Promise<number | undefined> {
  const { failedPods, events, writes, signal } = hands;
  const keyOfNode = (node: string) => `${daemonSet.metadata.uid}/${daemonSet.status?.observedGeneration ?? 0}/${node}`;
  let backoffMs: number | undefined;
  const plan = planPods(viewOf(daemonSet, target, hands), (node) => {
    const leftMs = failedPods.remainingMs(keyOfNode(node));
    if (leftMs > 0) backoffMs = Math.min(backoffMs ?? leftMs, leftMs);
    return leftMs === 0;
  });
  const regarding = referenceTo(resources.daemonSets, daemonSet);
  for (const { pod, node } of plan.ended) {
    const { namespace, name } = pod.metadata;
    if (pod.status?.phase === "Failed") {
      failedPods.next(keyOfNode(node));
      const message = `Found failed daemon pod ${namespace}/${name} on node ${node}, will try to kill it`;
      events.warning(regarding, "FailedDaemonPod", message);
    } else {
      const message = `Found succeeded daemon pod ${namespace}/${name} on node ${node}, will try to delete it`;
      events.normal(regarding, "SucceededDaemonPod", message);
    }
  }
  await syncPods(daemonSet, { ...plan, hash: target.hash }, hands);
  await writes.seen(signal);
  if (daemonSet.spec?.updateStrategy?.type === "RollingUpdate") {
    const update = planRollingUpdate(viewOf(daemonSet, target, hands));
    await syncPods(daemonSet, { ...update, hash: target.hash }, hands);
    await writes.seen(signal);
  }
  return backoffMs;
}

/** Answers when to look again for pods that will have been ready for long enough. */
async function updateStatus(daemonSet: DaemonSet, target: Target, hands: Hands): Promise<number | undefined> {
  const { client, daemonSets, writes, signal } = hands;
  const view = viewOf(daemonSet, target, hands);
  const status = planStatus(view);
  if (!isSameJson(daemonSet.status, status)) {
    writes.note(daemonSets, await writeStatus(client, resources.daemonSets, daemonSet, { status, signal }));
  }
  const { minReadySeconds = 0 } = daemonSet.spec ?? {};
  if (minReadySeconds === 0 || status.numberReady === (status.numberAvailable ?? 0)) return undefined;
  const pods = [...view.podsByNode.values()].flat();
  return msUntilNextAvailable(pods, minReadySeconds, view.nowMs) ?? minReadySeconds * 1000;
}
