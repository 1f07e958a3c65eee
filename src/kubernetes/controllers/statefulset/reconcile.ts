// The StatefulSet controller: pods with names and claims of their own, created, replaced and removed in order.

import {
  type ControllerRevision,
  type PersistentVolumeClaim,
  type Pod,
  parseKey,
  resources,
  type Selector,
  type StatefulSet,
} from "#kubernetes/api";
import type { Client, Informer } from "#kubernetes/client";
import {
  createController,
  done,
  type EventRecorder,
  type ReconcileContext,
  type ReconcileResult,
  requeueAfter,
  watchOwn,
} from "#kubernetes/runtime";
import { isSameJson } from "../canonical-json.ts";
import type { ControllerContext, ControllerProcess } from "../controller-definition.ts";
import { OwnWrites } from "../own-writes.ts";
import { claimObjects } from "../ownership/claim-objects.ts";
import { indexByController, orphansIn, ownedBy } from "../ownership/owner-index.ts";
import { controllerReference } from "../ownership/owner-references.ts";
import { compileSelector, matchesLabels } from "../ownership/selectors.ts";
import { watchDependents } from "../ownership/watch-dependents.ts";
import { msUntilNextAvailable } from "../pods/pod-state.ts";
import { templateOf } from "../revisions/revision-data.ts";
import { writeStatus } from "../write-status.ts";
import { applyPart } from "./apply-actions.ts";
import { isMember } from "./ordinals.ts";
import { planPods } from "./plan.ts";
import { findRevisions, type SetRevisions, truncateHistory } from "./revisions.ts";
import type { SetRevision } from "./stateful-pods.ts";
import { planStatus } from "./status.ts";

const workers = 10;

interface Parts {
  readonly client: Client;
  readonly sets: Informer<StatefulSet>;
  readonly revisions: Informer<ControllerRevision>;
  readonly pods: Informer<Pod>;
  readonly claims: Informer<PersistentVolumeClaim>;
  readonly events: EventRecorder;
}

interface Hands extends Parts, ReconcileContext {
  readonly selector: Selector;
  readonly writes: OwnWrites;
}

export function createStatefulSetController(context: ControllerContext): ControllerProcess {
  const { client, informers } = context;
  const parts: Parts = {
    client,
    sets: informers.informer(resources.statefulSets),
    revisions: indexByController(informers.informer(resources.controllerRevisions)),
    pods: indexByController(informers.informer(resources.pods)),
    claims: informers.informer(resources.persistentVolumeClaims),
    events: context.recorder("statefulset-controller"),
  };
  const owners = {
    owners: parts.sets,
    resource: resources.statefulSets,
    selectorOf: (set: StatefulSet) => compileSelector(set.spec?.selector),
  };
  return createController({
    ...context,
    name: "statefulset",
    workers,
    reconcile: (key, reconcileContext) => reconcileStatefulSet(key, parts, reconcileContext),
    // The handlers of claims and revisions do nothing: they are read only, and must have synced before.
    watches: [
      watchOwn(parts.sets),
      watchDependents(parts.pods, owners),
      { attach: () => () => {}, synced: (signal) => parts.claims.synced(signal) },
      { attach: () => () => {}, synced: (signal) => parts.revisions.synced(signal) },
    ],
  });
}

async function reconcileStatefulSet(key: string, parts: Parts, context: ReconcileContext): Promise<ReconcileResult> {
  const set = parts.sets.get(parseKey(key));
  const selector = set && compileSelector(set.spec?.selector);
  if (!set || !selector) return done;
  const hands: Hands = { ...parts, ...context, selector, writes: new OwnWrites() };
  await claimDependents(set, hands);
  const owned = ownedRevisions(set, hands);
  const revisions = await findRevisions(set, owned, hands);
  let failure: unknown;
  try {
    await applyPlan(set, revisions, hands);
  } catch (error) {
    failure = error;
  }
  const lookMs = await updateStatus(set, revisions, hands);
  await hands.writes.seen(context.signal);
  const live = [revisions.current, revisions.update].map(({ metadata }) => metadata.name ?? "");
  await truncateHistory(set, { owned: ownedRevisions(set, hands), pods: podsOf(set, hands), live }, hands);
  if (failure) throw failure;
  return lookMs === undefined ? done : requeueAfter(lookMs);
}

async function claimDependents(set: StatefulSet, hands: Hands): Promise<void> {
  const { client, pods, revisions, selector, writes, signal } = hands;
  const { uid, namespace } = set.metadata;
  const common = {
    client,
    owner: set,
    ownerResource: resources.statefulSets,
    reference: controllerReference(resources.statefulSets, set),
    signal,
  };
  const podClaim = await claimObjects([...ownedBy(pods, uid), ...orphansIn(pods, namespace)], {
    ...common,
    resource: resources.pods,
    matches: (pod) => matchesLabels(selector, pod) && isMember(set, pod),
  });
  const revisionClaim = await claimObjects(orphansIn(revisions, namespace), {
    ...common,
    resource: resources.controllerRevisions,
    matches: (revision) => matchesLabels(selector, revision),
  });
  writes.noteVersion(pods, podClaim.written);
  writes.noteVersion(revisions, revisionClaim.written);
  await writes.seen(signal);
}

function podsOf(set: StatefulSet, { pods, selector }: Hands): Pod[] {
  return ownedBy(pods, set.metadata.uid).filter((pod) => matchesLabels(selector, pod) && isMember(set, pod));
}

function ownedRevisions(set: StatefulSet, { revisions, selector }: Hands): ControllerRevision[] {
  return ownedBy(revisions, set.metadata.uid).filter((revision) => matchesLabels(selector, revision));
}

async function applyPlan(set: StatefulSet, { current, update }: SetRevisions, hands: Hands): Promise<void> {
  const { namespace } = set.metadata;
  const parts = planPods({
    set,
    current: restore(set, current),
    update: restore(set, update),
    pods: podsOf(set, hands),
    claim: (name) => hands.claims.get({ namespace, name }),
    nowMs: hands.clock.now(),
  });
  for (const part of parts) await applyPart(part, set, hands);
  await hands.writes.seen(hands.signal);
}

/** The set as it was at a revision. */
function restore(set: StatefulSet, revision: ControllerRevision): SetRevision {
  const template = templateOf(revision) ?? set.spec!.template;
  return { name: revision.metadata.name ?? "", set: { ...set, spec: { ...set.spec!, template } } };
}

/** Answers when to look again for pods that will have been ready for long enough. */
async function updateStatus(set: StatefulSet, revisions: SetRevisions, hands: Hands): Promise<number | undefined> {
  const { client, sets, clock, writes, signal } = hands;
  await writes.seen(signal);
  const pods = podsOf(set, hands);
  const nowMs = clock.now();
  const status = planStatus(set, {
    pods,
    current: revisions.current.metadata.name ?? "",
    update: revisions.update.metadata.name ?? "",
    collisionCount: revisions.collisionCount,
    nowMs,
  });
  if (!isSameJson(set.status, status)) {
    writes.note(sets, await writeStatus(client, resources.statefulSets, set, { status, signal }));
  }
  const { minReadySeconds = 0 } = set.spec ?? {};
  if (minReadySeconds === 0 || (status.readyReplicas ?? 0) === (status.availableReplicas ?? 0)) return undefined;
  return msUntilNextAvailable(pods, minReadySeconds, nowMs) ?? minReadySeconds * 1000;
}
