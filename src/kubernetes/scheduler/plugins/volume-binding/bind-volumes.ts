// Carries out what was decided about a pod's volumes, and waits until the volume controller has done its part.

import { type Node, type PersistentVolume, type PersistentVolumeClaim, resources } from "#kubernetes/api";
import { type Client, compareResourceVersions } from "#kubernetes/client";
import { referenceTo } from "#kubernetes/runtime";
import type { PodInfo } from "../../cluster/pod-info.ts";
import { isFullyBound } from "../volumes/claims.ts";
import { canUse, type NodeVolumes, type StaticBinding, selectedNodeOf, type VolumeSources } from "./find-volumes.ts";
import { isBoundTo } from "./match-volume.ts";
import type { StorageState } from "./pod-claims.ts";

const boundByController = "pv.kubernetes.io/bound-by-controller";

/** The volume as bound to the claim; itself where it is already. */
export function bindToClaim(volume: PersistentVolume, claim: PersistentVolumeClaim): PersistentVolume {
  const { metadata, spec } = volume;
  const isPrebound = isBoundTo(volume, claim);
  if (isPrebound && spec?.claimRef?.uid === claim.metadata.uid) return volume;
  const claimRef = referenceTo(resources.persistentVolumeClaims, claim);
  const annotations = isPrebound ? metadata.annotations : { ...metadata.annotations, [boundByController]: "yes" };
  return { ...volume, metadata: { ...metadata, ...(annotations && { annotations }) }, spec: { ...spec, claimRef } };
}

/** Writes the bindings, and on each claim to provision for which node its volume must be made. Answers what was written. */
export async function writeVolumes(
  { bindings, provisions }: NodeVolumes,
  client: Client,
  signal: AbortSignal,
): Promise<NodeVolumes> {
  const bound: StaticBinding[] = [];
  for (const { claim, volume } of bindings) {
    bound.push({ claim, volume: await client.update(resources.persistentVolumes, volume, { signal }) });
  }
  const asked: PersistentVolumeClaim[] = [];
  for (const claim of provisions) {
    asked.push(await client.update(resources.persistentVolumeClaims, claim, { signal }));
  }
  return { bindings: bound, provisions: asked };
}

export interface BindingCheck {
  readonly storage: StorageState;
  readonly sources: Pick<VolumeSources, "csiNode">;
  readonly isPodThere: (pod: PodInfo) => boolean;
  readonly node: (name: string) => Node | undefined;
}

/** Whether all is bound that was written. Throws where that will not be any more: the pod must be placed anew. */
export function areBound(
  pod: PodInfo,
  nodeName: string,
  { bindings, provisions }: NodeVolumes,
  check: BindingCheck,
): boolean {
  const node = check.node(nodeName);
  if (!node) throw new Error(`failed to get node "${nodeName}": node "${nodeName}" not found`);
  if (!check.isPodThere(pod)) throw new Error(`pod does not exist any more: pod "${pod.name}" not found`);
  return (
    bindings.every((binding) => isBindingDone(binding, node, check)) &&
    provisions.every((claim) => isProvisioned(claim, node, check))
  );
}

function isBindingDone({ claim, volume }: StaticBinding, node: Node, { storage, sources }: BindingCheck): boolean {
  const { name = "" } = volume.metadata;
  const known = storage.volumes.getKnown({ name });
  if (!known) throw new Error(`failed to check binding: persistentvolumes "${name}" not found`);
  const knownClaim = requireClaim(claim, "failed to check binding", storage);
  if (isOlder(known, volume)) return false;
  requireUse(known, node, sources);
  if (!known.spec?.claimRef?.uid) throw new Error(`ClaimRef got reset for pv "${name}"`);
  return isFullyBound(knownClaim);
}

/** A provisioner that fails takes the annotation off again. */
function isProvisioned(claim: PersistentVolumeClaim, node: Node, { storage, sources }: BindingCheck): boolean {
  const known = requireClaim(claim, "failed to check provisioning pvc", storage);
  if (isOlder(known, claim)) return false;
  const { annotations, name } = known.metadata;
  if (!annotations) throw new Error(`selectedNode annotation reset for PVC "${name}"`);
  if (selectedNodeOf(known) !== node.metadata.name) throw new Error(`provisioning failed for PVC "${name}"`);
  const volumeName = known.spec?.volumeName;
  if (volumeName) {
    const volume = storage.volumes.getKnown({ name: volumeName });
    if (!volume) return false;
    requireUse(volume, node, sources);
  }
  return isFullyBound(known);
}

function requireClaim(
  { metadata: { namespace, name = "" } }: PersistentVolumeClaim,
  what: string,
  storage: StorageState,
): PersistentVolumeClaim {
  const known = storage.claims.getKnown({ namespace, name });
  if (!known) throw new Error(`${what}: persistentvolumeclaims "${namespace}/${name}" not found`);
  return known;
}

function requireUse(volume: PersistentVolume, node: Node, sources: Pick<VolumeSources, "csiNode">): void {
  if (canUse(volume, node, sources)) return;
  const names = `pv "${volume.metadata.name}" node affinity doesn't match node "${node.metadata.name}"`;
  throw new Error(`${names}: no matching NodeSelectorTerms`);
}

/** Whether the informer has not heard of what was written. */
function isOlder(known: PersistentVolume | PersistentVolumeClaim, written: typeof known): boolean {
  const [now, then] = [known.metadata.resourceVersion ?? "", written.metadata.resourceVersion ?? ""];
  return compareResourceVersions(now, then) < 0;
}
