// Keeps the number of pods a ReplicaSet or ReplicationController asks for.

import { type Pod, parseKey, resources, type Selector } from "#kubernetes/api";
import type { Client, Informer } from "#kubernetes/client";
import {
  createController,
  done,
  type EventRecorder,
  type ReconcileContext,
  type ReconcileResult,
  referenceTo,
  requeueAfter,
  watchOwn,
} from "#kubernetes/runtime";
import type { ControllerContext, ControllerProcess } from "../controller-definition.ts";
import { OwnWrites } from "../own-writes.ts";
import { claimObjects } from "../ownership/claim-objects.ts";
import { indexByController, orphansIn, ownedBy } from "../ownership/owner-index.ts";
import { controllerOf, controllerReference } from "../ownership/owner-references.ts";
import { matchesLabels } from "../ownership/selectors.ts";
import { watchDependents } from "../ownership/watch-dependents.ts";
import { inBatches, slowStart } from "../pods/batches.ts";
import { createPodControl, isNamespaceTerminating, podFromTemplate } from "../pods/pod-control.ts";
import { isPodActive, isPodTerminating } from "../pods/pod-state.ts";
import { writeStatus } from "../write-status.ts";
import { isSameStatus, msUntilLook, planReplicas, planStatus, type ReplicaPlan } from "./plan.ts";
import type { ReplicaKind, ReplicaOwner } from "./replica-kind.ts";

const workers = 20;

export function createReplicaController<T extends ReplicaOwner>(
  context: ControllerContext,
  kind: ReplicaKind<T>,
): ControllerProcess {
  const { client, informers } = context;
  const owners = indexByController(informers.informer(kind.resource));
  const pods = indexByController(informers.informer(resources.pods));
  const events = context.recorder(kind.component);
  const parts: Parts<T> = { client, owners, pods, events, kind };
  const { resource, selectorOf } = kind;
  return createController({
    ...context,
    name: resource.kind.toLowerCase(),
    workers,
    reconcile: (key, reconcileContext) => reconcileReplicas(key, parts, reconcileContext),
    watches: [watchOwn(owners), watchDependents(pods, { owners, resource, selectorOf })],
  });
}

interface Parts<T extends ReplicaOwner> {
  readonly client: Client;
  readonly owners: Informer<T>;
  readonly pods: Informer<Pod>;
  readonly events: EventRecorder;
  readonly kind: ReplicaKind<T>;
}

async function reconcileReplicas<T extends ReplicaOwner>(
  key: string,
  parts: Parts<T>,
  { clock, signal }: ReconcileContext,
): Promise<ReconcileResult> {
  const { client, owners, pods, kind } = parts;
  const owner = owners.get(parseKey(key));
  const selector = owner && kind.selectorOf(owner);
  if (!owner || !selector) return done;
  const writes = new OwnWrites();
  const claim = await claimObjects(activePodsFor(owner, pods), {
    client,
    owner,
    ownerResource: kind.resource,
    reference: controllerReference(kind.resource, owner),
    resource: resources.pods,
    matches: (pod) => matchesLabels(selector, pod),
    signal,
  });
  writes.noteVersion(pods, claim.written);

  const related = () => relatedPods(owner, parts);
  const plan = planReplicas(owner, claim.objects, { related, nowMs: clock.now() });
  const failure = await carryOut(plan, owner, { ...parts, writes, signal });
  await writes.seen(signal);

  // Looked at anew: what was created and deleted just now counts already.
  const active = ownedBy(pods, owner.metadata.uid).filter((pod) => isPodActive(pod) && matchesLabels(selector, pod));
  const nowMs = clock.now();
  const terminating = kind.countsTerminating ? countTerminating(owner, selector, pods) : undefined;
  const status = planStatus(owner, { active, terminating, failure, nowMs });
  if (!isSameStatus(owner.status, status)) {
    writes.note(owners, await writeStatus(client, kind.resource, owner, { status, signal }));
    await writes.seen(signal);
  }
  if (failure) throw failure;
  const lookMs = msUntilLook(owner, status, active, nowMs);
  return lookMs === undefined ? done : requeueAfter(lookMs);
}

function activePodsFor(owner: ReplicaOwner, pods: Informer<Pod>): Pod[] {
  const { uid, namespace } = owner.metadata;
  return [...ownedBy(pods, uid), ...orphansIn(pods, namespace)].filter(isPodActive);
}

function countTerminating(owner: ReplicaOwner, selector: Selector, pods: Informer<Pod>): number {
  const owned = ownedBy(pods, owner.metadata.uid);
  return owned.filter((pod) => isPodTerminating(pod) && matchesLabels(selector, pod)).length;
}

/** The pods of all owners that share this one's controller: the ReplicaSets of one Deployment. */
function relatedPods<T extends ReplicaOwner>(owner: T, { owners, pods, kind }: Parts<T>): Pod[] {
  const controller = controllerOf(owner);
  if (!controller) return [];
  const related = new Set<Pod>();
  for (const sibling of ownedBy(owners, controller.uid)) {
    const selector = kind.selectorOf(sibling);
    if (!selector) continue;
    for (const pod of pods.list(sibling.metadata.namespace)) if (matchesLabels(selector, pod)) related.add(pod);
  }
  return [...related];
}

interface Hands<T extends ReplicaOwner> extends Parts<T> {
  readonly writes: OwnWrites;
  readonly signal: AbortSignal;
}

/** Answers why not all of it could be done. */
async function carryOut<T extends ReplicaOwner>(
  plan: ReplicaPlan,
  owner: T,
  { client, events, pods, kind, writes, signal }: Hands<T>,
): Promise<Error | undefined> {
  if (plan.create === 0 && plan.remove.length === 0) return undefined;
  const control = createPodControl(client, events, signal);
  const regarding = referenceTo(kind.resource, owner);
  const podOwner = { namespace: owner.metadata.namespace ?? "", reference: controllerReference(kind.resource, owner) };
  const create = async () => {
    try {
      writes.note(pods, await control.create(podFromTemplate(owner.spec?.template, podOwner), regarding));
    } catch (error) {
      if (!isNamespaceTerminating(error)) throw error;
    }
  };
  try {
    const { failure } = await slowStart(plan.create, create);
    if (failure) return failure as Error;
    await inBatches(plan.remove, async (pod) => {
      writes.note(pods, await control.delete(pod, regarding));
    });
    return undefined;
  } catch (error) {
    return error as Error;
  }
}
