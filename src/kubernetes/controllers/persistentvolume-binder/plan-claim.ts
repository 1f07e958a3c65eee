// What becomes of a claim, by what there is. Pure.

import type { PersistentVolume, PersistentVolumeClaim, Pod, StorageClass } from "#kubernetes/api";
import { isPodFinished } from "../pods/pod-state.ts";
import { bindCompleted, boundByController, selectedNode } from "../volumes/annotations.ts";
import { findVolume, isForClaim, refuseVolume } from "../volumes/match-volume.ts";
import { classOf, defaultClass, namesClass, waitsForConsumer } from "../volumes/storage-classes.ts";

export interface ClaimEvent {
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  readonly message: string;
}

export type ClaimPlan =
  | { readonly action: "bind"; readonly volume: PersistentVolume }
  /** Stays as it is until something changes. */
  | { readonly action: "wait"; readonly event?: ClaimEvent }
  | { readonly action: "lose"; readonly event: ClaimEvent }
  | { readonly action: "set class"; readonly name: string }
  | { readonly action: "provision"; readonly provisioner: string }
  /** No waiting helps, and the phase is left alone. */
  | { readonly action: "tell"; readonly event: ClaimEvent };

export interface ClaimSurroundings {
  /** By its name. */
  volume(name: string): PersistentVolume | undefined;
  /** Volumes of nobody, and those that name this claim. */
  readonly candidates: readonly PersistentVolume[];
  readonly classes: readonly StorageClass[];
  /** Those that use the claim. */
  readonly pods: readonly Pod[];
}

export function planClaim(claim: PersistentVolumeClaim, around: ClaimSurroundings): ClaimPlan {
  const { volumeName } = claim.spec ?? {};
  if (claim.metadata.annotations?.[bindCompleted] !== undefined) return planBound(claim, around);
  return volumeName ? planNamed(claim, around.volume(volumeName)) : planOpen(claim, around);
}

function planBound(claim: PersistentVolumeClaim, around: ClaimSurroundings): ClaimPlan {
  const { volumeName } = claim.spec ?? {};
  if (!volumeName) {
    return lose("ClaimLost", "Bound claim has lost reference to PersistentVolume. Data on the volume is lost!");
  }
  const volume = around.volume(volumeName);
  if (!volume) return lose("ClaimLost", "Bound claim has lost its PersistentVolume. Data on the volume is lost!");
  const { claimRef } = volume.spec ?? {};
  if (!claimRef || claimRef.uid === claim.metadata.uid) return { action: "bind", volume };
  return lose("ClaimMisbound", "Two claims are bound to the same volume, this one is bound incorrectly");
}

/** The claim asks for one volume. */
function planNamed(claim: PersistentVolumeClaim, volume: PersistentVolume | undefined): ClaimPlan {
  if (!volume) return { action: "wait" };
  const name = JSON.stringify(volume.metadata.name);
  if (!volume.spec?.claimRef) {
    const refusal = refuseVolume(volume, claim);
    if (refusal === undefined) return { action: "bind", volume };
    return { action: "wait", event: warning("VolumeMismatch", `Cannot bind to requested volume ${name}: ${refusal}`) };
  }
  if (isForClaim(volume, claim)) return { action: "bind", volume };
  const event = warning("FailedBinding", `volume ${name} already bound to a different claim.`);
  const isOurs = claim.metadata.annotations?.[boundByController] !== undefined;
  return { action: isOurs ? "tell" : "wait", event };
}

/** Any volume will do. */
function planOpen(claim: PersistentVolumeClaim, around: ClaimSurroundings): ClaimPlan {
  const { candidates, classes, pods } = around;
  const className = classOf(claim);
  const storageClass = classes.find(({ metadata }) => metadata.name === className);
  const isDelayed = waitsForConsumer(storageClass);
  const volume = findVolume(claim, candidates, { isDelayed });
  if (volume) return { action: "bind", volume };
  const standard = namesClass(claim) ? undefined : defaultClass(classes);
  if (standard) return { action: "set class", name: standard.metadata.name ?? "" };
  if (isDelayed && claim.metadata.annotations?.[selectedNode] === undefined) {
    return { action: "wait", event: waitingFor(pods) };
  }
  if (className !== "") return planProvisioning(className, storageClass);
  const message = "no persistent volumes available for this claim and no storage class is set";
  return { action: "wait", event: normal("FailedBinding", message) };
}

/** Upstream's own volume plug-ins, none of which provisions here, are named so. */
const builtInPrefix = "kubernetes.io/";

function planProvisioning(className: string, storageClass: StorageClass | undefined): ClaimPlan {
  const fail = (message: string): ClaimPlan => ({ action: "tell", event: warning("ProvisioningFailed", message) });
  if (!storageClass) return fail(`storageclass.storage.k8s.io ${JSON.stringify(className)} not found`);
  const { provisioner } = storageClass;
  if (provisioner.startsWith(builtInPrefix)) return fail(`no volume plugin matched name: ${provisioner}`);
  return { action: "provision", provisioner };
}

function waitingFor(pods: readonly Pod[]): ClaimEvent {
  const names = pods.filter((pod) => !isPodFinished(pod) && !pod.spec?.nodeName).map(({ metadata }) => metadata.name);
  if (names.length === 0) {
    return normal("WaitForFirstConsumer", "waiting for first consumer to be created before binding");
  }
  const who = names.length > 1 ? `pods ${names.join(",")}` : `pod ${names[0]}`;
  return normal("WaitForPodScheduled", `waiting for ${who} to be scheduled`);
}

function lose(reason: string, message: string): ClaimPlan {
  return { action: "lose", event: warning(reason, message) };
}

function normal(reason: string, message: string): ClaimEvent {
  return { type: "Normal", reason, message };
}

function warning(reason: string, message: string): ClaimEvent {
  return { type: "Warning", reason, message };
}
