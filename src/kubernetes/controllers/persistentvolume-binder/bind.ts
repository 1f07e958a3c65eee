// Carries out a binding, write by write: the volume first, so that it is nobody else's, then the claim.

import { type PersistentVolume, type PersistentVolumeClaim, resources } from "#kubernetes/api";
import type { Client } from "#kubernetes/client";
import type { OwnWrites } from "../own-writes.ts";
import { claimBoundTo, claimStatus, volumeBoundTo, volumeUnbound } from "./binding.ts";
import type { StorageInformers } from "./watch-storage.ts";

export interface Hands extends StorageInformers {
  readonly client: Client;
  readonly writes: OwnWrites;
  readonly signal: AbortSignal;
}

export async function bind(volume: PersistentVolume, claim: PersistentVolumeClaim, hands: Hands): Promise<void> {
  const bound = volumeBoundTo(volume, claim);
  const reserved = bound ? await writeVolume(bound, hands) : volume;
  await setPhase(reserved, "Bound", hands);
  const named = claimBoundTo(claim, volume);
  const written = named ? await writeClaim(named, hands) : claim;
  await setClaimPhase(written, "Bound", volume, hands);
}

export async function unbind(volume: PersistentVolume, hands: Hands): Promise<void> {
  await setPhase(await writeVolume(volumeUnbound(volume), hands), "Available", hands);
}

export async function setPhase(
  volume: PersistentVolume,
  phase: string,
  hands: Hands,
  message = "",
): Promise<{ readonly changed: boolean; readonly volume: PersistentVolume }> {
  if (volume.status?.phase === phase) return { changed: false, volume };
  const { message: _, ...status } = volume.status ?? {};
  const wished = { ...volume, status: { ...status, phase, ...(message && { message }) } };
  const options = { subresource: "status", signal: hands.signal };
  const written = await hands.client.update(resources.persistentVolumes, wished, options);
  return { changed: true, volume: hands.writes.note(hands.volumes, written) };
}

/** Answers whether the phase was another. */
export async function setClaimPhase(
  claim: PersistentVolumeClaim,
  phase: string,
  volume: PersistentVolume | undefined,
  { client, claims, writes, signal }: Hands,
): Promise<boolean> {
  const status = claimStatus(claim, phase, volume);
  if (!status) return false;
  const options = { subresource: "status", signal };
  writes.note(claims, await client.update(resources.persistentVolumeClaims, { ...claim, status }, options));
  return claim.status?.phase !== phase;
}

export async function writeClaim(
  claim: PersistentVolumeClaim,
  { client, claims, writes, signal }: Hands,
): Promise<PersistentVolumeClaim> {
  return writes.note(claims, await client.update(resources.persistentVolumeClaims, claim, { signal }));
}

async function writeVolume(
  volume: PersistentVolume,
  { client, volumes, writes, signal }: Hands,
): Promise<PersistentVolume> {
  return writes.note(volumes, await client.update(resources.persistentVolumes, volume, { signal }));
}
