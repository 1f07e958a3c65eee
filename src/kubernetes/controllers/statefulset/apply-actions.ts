// Carries out a plan for a StatefulSet's pods: claims before pods, events for people.

import {
  isAlreadyExists,
  isConflict,
  isNotFound,
  keyOf,
  type PersistentVolumeClaim,
  type Pod,
  resources,
  type StatefulSet,
} from "#kubernetes/api";
import type { Client, Informer } from "#kubernetes/client";
import { type EventRecorder, referenceTo } from "#kubernetes/runtime";
import type { OwnWrites } from "../own-writes.ts";
import { slowStart } from "../pods/batches.ts";
import { claimsFor, hasOtherController, planClaimOwners } from "./claims.ts";
import { ordinalOf } from "./ordinals.ts";
import type { PlanPart, PodAction } from "./plan.ts";
import { hasIdentity, hasStorage, repairPod } from "./stateful-pods.ts";

export interface ActionHands {
  readonly client: Client;
  readonly pods: Informer<Pod>;
  readonly claims: Informer<PersistentVolumeClaim>;
  readonly events: EventRecorder;
  readonly writes: OwnWrites;
  readonly signal: AbortSignal;
}

type Verb = "Create" | "Update" | "Delete";

/** Throws the first failure; what came before it has been done. */
export async function applyPart(part: PlanPart, set: StatefulSet, hands: ActionHands): Promise<void> {
  const { failure } = await slowStart(part.length, (position) => applyAction(part[position]!, set, hands));
  if (failure) throw failure;
}

async function applyAction({ action, pod }: PodAction, set: StatefulSet, hands: ActionHands): Promise<void> {
  switch (action) {
    case "create":
      return createPod(pod, set, hands);
    case "delete":
      return deletePod(pod, set, hands);
    case "repair":
      return repair(pod, set, hands);
    case "provideClaims":
      await createClaims(pod, set, hands);
      return setClaimOwners(pod, set, hands);
  }
}

async function createPod(pod: Pod, set: StatefulSet, hands: ActionHands): Promise<void> {
  const { client, pods, writes, signal } = hands;
  const tell = (error?: unknown) => tellOfPod("Create", pod, set, hands, error);
  let created: Pod;
  try {
    await createClaims(pod, set, hands);
    created = writes.note(pods, await client.create(resources.pods, pod, { signal }));
  } catch (error) {
    if (!isAlreadyExists(error)) tell(error);
    throw error;
  }
  await setClaimOwners(created, set, hands);
  tell();
}

async function deletePod(pod: Pod, set: StatefulSet, hands: ActionHands): Promise<void> {
  const { client, pods, writes, signal } = hands;
  try {
    writes.note(pods, await client.delete(resources.pods, keyOf(pod), { signal }));
  } catch (error) {
    if (!isNotFound(error)) {
      tellOfPod("Delete", pod, set, hands, error);
      throw error;
    }
  }
  tellOfPod("Delete", pod, set, hands);
}

async function repair(pod: Pod, set: StatefulSet, hands: ActionHands): Promise<void> {
  const { client, pods, writes, signal } = hands;
  try {
    if (!hasStorage(pod, set)) await createClaims(pod, set, hands);
    await setClaimOwners(pod, set, hands);
    if (hasIdentity(pod) && hasStorage(pod, set)) return;
    writes.note(pods, await client.update(resources.pods, repairPod(pod, set), { signal }));
    tellOfPod("Update", pod, set, hands);
  } catch (error) {
    if (!isConflict(error)) tellOfPod("Update", pod, set, hands, error);
    throw error;
  }
}

async function createClaims(pod: Pod, set: StatefulSet, hands: ActionHands): Promise<void> {
  const { client, claims, writes, signal } = hands;
  const failures: string[] = [];
  for (const claim of claimsFor(set, ordinalOf(pod))) {
    const { name } = claim.metadata;
    const present = claims.get(keyOf(claim));
    if (present?.metadata.deletionTimestamp) failures.push(`pvc ${name} is being deleted`);
    if (present) continue;
    try {
      writes.note(claims, await client.create(resources.persistentVolumeClaims, claim, { signal }));
      tellOfClaim(name ?? "", pod, set, hands);
    } catch (error) {
      failures.push(`failed to create PVC ${name}: ${(error as Error).message}`);
      if (!isAlreadyExists(error)) tellOfClaim(name ?? "", pod, set, hands, error);
    }
  }
  if (failures.length > 0) throw new Error(failures.join(", "));
}

/** Makes the claims belong to whom the set's retention policy says. */
async function setClaimOwners(pod: Pod, set: StatefulSet, hands: ActionHands): Promise<void> {
  const { client, claims, events, writes, signal } = hands;
  await writes.seen(signal);
  for (const { metadata } of claimsFor(set, ordinalOf(pod))) {
    const claim = claims.get({ namespace: metadata.namespace, name: metadata.name ?? "" });
    if (!claim) continue;
    const ownerReferences = planClaimOwners(claim, { set, pod });
    if (!ownerReferences) continue;
    if (hasOtherController(claim, { set, pod })) {
      const problem = "has a conflicting OwnerReference that acts as a manging controller";
      const message = `PersistentVolumeClaim ${metadata.name} ${problem}, the retention policy is ignored for this claim`;
      events.warning(referenceTo(resources.statefulSets, set), "ConflictingController", message);
    }
    const owned = { ...claim, metadata: { ...claim.metadata, ownerReferences } };
    writes.note(claims, await client.update(resources.persistentVolumeClaims, owned, { signal }));
  }
}

function tellOfPod(verb: Verb, pod: Pod, set: StatefulSet, { events }: ActionHands, error?: unknown): void {
  const subject = `${verb} Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name}`;
  const regarding = referenceTo(resources.statefulSets, set);
  if (error === undefined) events.normal(regarding, `Successful${verb}`, `${subject} successful`);
  else events.warning(regarding, `Failed${verb}`, `${subject} failed error: ${(error as Error).message}`);
}

function tellOfClaim(claim: string, pod: Pod, set: StatefulSet, { events }: ActionHands, error?: unknown): void {
  const place = `Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name}`;
  const regarding = referenceTo(resources.statefulSets, set);
  if (error === undefined) {
    events.normal(regarding, "SuccessfulCreate", `Create Claim ${claim} ${place} success`);
  } else {
    const message = `Create Claim ${claim} for ${place} failed error: ${(error as Error).message}`;
    events.warning(regarding, "FailedCreate", message);
  }
}
