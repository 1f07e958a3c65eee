// The volume binder: gives claims volumes that are there, asks provisioners for those that are not, and lets go of volumes whose
// claims have gone.

import {
  isNotFound,
  type ObjectReference,
  type PersistentVolume,
  type PersistentVolumeClaim,
  parseKey,
  resources,
} from "#kubernetes/api";
import type { Client } from "#kubernetes/client";
import {
  createController,
  done,
  type EventRecorder,
  LruMap,
  type ReconcileContext,
  type ReconcileResult,
  referenceTo,
} from "#kubernetes/runtime";
import type { ControllerContext, ControllerProcess } from "../controller-definition.ts";
import { OwnWrites } from "../own-writes.ts";
import { betaStorageProvisioner, storageProvisioner } from "../volumes/annotations.ts";
import { podsUsing } from "../volumes/pod-claims.ts";
import { bind, type Hands, setClaimPhase, setPhase, unbind, writeClaim } from "./bind.ts";
import { type ClaimEvent, planClaim } from "./plan-claim.ts";
import { planVolume, refuseReclaim } from "./plan-volume.ts";
import {
  claimKeyOf,
  claimPrefix,
  indexStorage,
  type StorageInformers,
  volumePrefix,
  volumesFor,
  watchStorage,
} from "./watch-storage.ts";

interface Parts extends StorageInformers {
  readonly client: Client;
  readonly events: EventRecorder;
  /** What was said last of each object, by UID: said once, however often it is found so. */
  readonly said: LruMap<string>;
}

const mostRemembered = 10_000;

export function createPersistentVolumeBinder(context: ControllerContext): ControllerProcess {
  const { client, informers } = context;
  const parts: Parts = {
    client,
    events: context.recorder("persistentvolume-controller"),
    said: new LruMap(mostRemembered),
    claims: informers.informer(resources.persistentVolumeClaims),
    volumes: informers.informer(resources.persistentVolumes),
    classes: informers.informer(resources.storageClasses),
    pods: informers.informer(resources.pods),
  };
  indexStorage(parts);
  return createController({
    ...context,
    name: "persistentvolume_binder",
    workers: 1,
    reconcile: (key, reconcileContext) => reconcileKey(key, parts, reconcileContext),
    watches: watchStorage(parts),
  });
}

async function reconcileKey(key: string, parts: Parts, { signal }: ReconcileContext): Promise<ReconcileResult> {
  const hands: Hands & Parts = { ...parts, writes: new OwnWrites(), signal };
  try {
    if (key.startsWith(claimPrefix)) await reconcileClaim(key.slice(claimPrefix.length), hands);
    else await reconcileVolume(key.slice(volumePrefix.length), hands);
  } finally {
    await hands.writes.seen(signal);
  }
  return done;
}

async function reconcileClaim(key: string, hands: Hands & Parts): Promise<void> {
  const claim = hands.claims.get(parseKey(key));
  if (!claim) return;
  const plan = planClaim(claim, {
    volume: (name) => hands.volumes.get({ name }),
    candidates: [...volumesFor(hands, ""), ...volumesFor(hands, key)],
    classes: hands.classes.list(),
    pods: podsUsing(hands.pods, key),
  });
  switch (plan.action) {
    case "bind":
      return bind(plan.volume, claim, hands);
    case "wait":
      if (plan.event) tell(claimReference(claim), plan.event, hands);
      await setClaimPhase(claim, "Pending", undefined, hands);
      return;
    case "lose":
      if (claim.status?.phase === "Lost") return;
      await setClaimPhase(claim, "Lost", undefined, hands);
      return tell(claimReference(claim), plan.event, hands);
    case "tell":
      return tell(claimReference(claim), plan.event, hands);
    case "set class":
      await writeClaim({ ...claim, spec: { ...claim.spec, storageClassName: plan.name } }, hands);
      return;
    case "provision":
      return askProvisioner(claim, plan.provisioner, hands);
  }
}

/** Provisioners watch for claims that name them. */
async function askProvisioner(claim: PersistentVolumeClaim, provisioner: string, hands: Hands & Parts): Promise<void> {
  const { annotations = {} } = claim.metadata;
  if (annotations[storageProvisioner] !== provisioner) {
    const marks = { [betaStorageProvisioner]: provisioner, [storageProvisioner]: provisioner };
    await writeClaim({ ...claim, metadata: { ...claim.metadata, annotations: { ...annotations, ...marks } } }, hands);
  }
  const message =
    `Waiting for a volume to be created either by the external provisioner '${provisioner}' ` +
    "or manually by the system administrator. If volume creation is delayed, please verify that " +
    "the provisioner is running and correctly registered.";
  tell(claimReference(claim), { type: "Normal", reason: "ExternalProvisioning", message }, hands);
}

async function reconcileVolume(name: string, hands: Hands & Parts): Promise<void> {
  const volume = hands.volumes.get({ name });
  if (!volume) return;
  const claim = await claimOf(volume, hands);
  const plan = planVolume(volume, claim);
  switch (plan.action) {
    case "phase":
      await setPhase(volume, plan.phase, hands);
      return;
    case "release":
      return release(volume, hands);
    case "unbind":
      return unbind(volume, hands);
    case "claim":
      return reconcileClaim(claimKeyOf(volume), hands);
    case "mismatch":
      tell(referenceTo(resources.persistentVolumes, volume), plan.onVolume, hands);
      if (claim) tell(claimReference(claim), plan.onClaim, hands);
  }
}

/** The claim a volume names, if it is the very one. Before a volume is given up the server is asked: copies may be behind. */
async function claimOf(volume: PersistentVolume, hands: Hands): Promise<PersistentVolumeClaim | undefined> {
  const { claimRef } = volume.spec ?? {};
  if (!claimRef?.uid) return undefined;
  const key = parseKey(claimKeyOf(volume));
  const known = hands.claims.get(key);
  if (known?.metadata.uid === claimRef.uid) return known;
  const { phase } = volume.status ?? {};
  if (phase === "Released" || phase === "Failed") return undefined;
  try {
    const fresh = await hands.client.get(resources.persistentVolumeClaims, key, { signal: hands.signal });
    return fresh.metadata.uid === claimRef.uid ? fresh : undefined;
  } catch (error) {
    if (!isNotFound(error)) throw error;
    return undefined;
  }
}

/** Whoever provisioned the volume deletes it, once it is Released. */
async function release(volume: PersistentVolume, hands: Hands & Parts): Promise<void> {
  const { phase } = volume.status ?? {};
  const isReleased = phase === "Released" || phase === "Failed";
  const released = isReleased ? volume : (await setPhase(volume, "Released", hands)).volume;
  const refusal = refuseReclaim(released);
  if (!refusal) return;
  const { changed } = await setPhase(released, "Failed", hands, refusal.message);
  if (changed) tell(referenceTo(resources.persistentVolumes, released), refusal, hands);
}

function claimReference(claim: PersistentVolumeClaim): ObjectReference {
  return referenceTo(resources.persistentVolumeClaims, claim);
}

function tell(regarding: ObjectReference, { type, reason, message }: ClaimEvent, { events, said }: Parts): void {
  const { uid = "" } = regarding;
  const text = `${reason} ${message}`;
  if (said.get(uid) === text) return;
  said.set(uid, text);
  if (type === "Normal") events.normal(regarding, reason, message);
  else events.warning(regarding, reason, message);
}
