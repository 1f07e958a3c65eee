// What becomes of a volume, by what there is. Pure.

import type { PersistentVolume, PersistentVolumeClaim } from "#kubernetes/api";
import { migratedTo, provisionedBy } from "../volumes/annotations.ts";
import { hasSameMode } from "../volumes/match-volume.ts";
import type { ClaimEvent } from "./plan-claim.ts";

export type VolumePlan =
  | { readonly action: "phase"; readonly phase: "Available" | "Bound" }
  /** Its claim is gone, or has another volume. */
  | { readonly action: "release" }
  | { readonly action: "unbind" }
  /** The claim's turn to act. */
  | { readonly action: "claim" }
  | { readonly action: "mismatch"; readonly onVolume: ClaimEvent; readonly onClaim: ClaimEvent };

/** @param claim The one the volume names, if it is still the same one (by UID). */
export function planVolume(volume: PersistentVolume, claim: PersistentVolumeClaim | undefined): VolumePlan {
  const { claimRef, persistentVolumeReclaimPolicy } = volume.spec ?? {};
  if (!claimRef?.uid) return { action: "phase", phase: "Available" };
  if (!claim) return { action: "release" };
  const { volumeName } = claim.spec ?? {};
  if (!volumeName) return hasSameMode(volume, claim) ? { action: "claim" } : mismatch(volume, claim);
  if (volumeName === volume.metadata.name) return { action: "phase", phase: "Bound" };
  const isProvisioned = volume.metadata.annotations?.[provisionedBy] !== undefined;
  return { action: isProvisioned && persistentVolumeReclaimPolicy === "Delete" ? "release" : "unbind" };
}

function mismatch(volume: PersistentVolume, claim: PersistentVolumeClaim): VolumePlan {
  const quote = (name: string | undefined) => JSON.stringify(name ?? "");
  const [volumeName, claimName] = [quote(volume.metadata.name), quote(claim.metadata.name)];
  const event = (message: string): ClaimEvent => ({ type: "Warning", reason: "VolumeMismatch", message });
  return {
    action: "mismatch",
    onVolume: event(
      `Cannot bind PersistentVolume to requested PersistentVolumeClaim ${claimName} due to incompatible volumeMode.`,
    ),
    onClaim: event(
      `Cannot bind PersistentVolume ${volumeName} to requested PersistentVolumeClaim due to incompatible volumeMode.`,
    ),
  };
}

/** Why a released volume cannot be reclaimed as its policy says; undefined where somebody else does it, or nobody should. */
export function refuseReclaim(volume: PersistentVolume): ClaimEvent | undefined {
  const { annotations = {}, name } = volume.metadata;
  const { persistentVolumeReclaimPolicy: policy, csi } = volume.spec ?? {};
  const fail = (reason: string, message: string): ClaimEvent => ({ type: "Warning", reason, message });
  if (annotations[migratedTo]) return undefined;
  if (policy === "Recycle") return fail("VolumeFailedRecycle", "No recycler plugin found for the volume!");
  if (policy !== "Delete") return undefined;
  const provisioner = annotations[provisionedBy];
  if (provisioner?.startsWith("kubernetes.io/")) {
    return fail("VolumeFailedDelete", `no volume plugin matched name: ${provisioner}`);
  }
  if (provisioner || csi) return undefined;
  const message = `error getting deleter volume plugin for volume ${JSON.stringify(name)}: no deletable volume plugin matched`;
  return fail("VolumeFailedDelete", message);
}
