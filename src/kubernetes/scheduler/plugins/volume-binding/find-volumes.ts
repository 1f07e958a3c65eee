// What a pod's claims would get on a node: volumes that are there, and volumes to be made; or why they cannot be had there.

import type { CSINode, Node, PersistentVolume, PersistentVolumeClaim } from "#kubernetes/api";
import { storageClassOf } from "../volumes/claims.ts";
import { withDriverTopology } from "../volumes/csi-migration.ts";
import { allowsNode } from "../volumes/volume-affinity.ts";
import { findMatchingVolume, sizeOfClaim } from "./match-volume.ts";
import type { PodClaims } from "./pod-claims.ts";
import { canProvision, type ProvisioningSources } from "./provisioning.ts";

/** In the order they are told in. */
export const conflictReasons = {
  node: "node(s) didn't match PersistentVolume's node affinity",
  bind: "node(s) didn't find available persistent volumes to bind",
  space: "node(s) did not have enough free storage",
  gone: "node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)",
} as const;

export type Conflict = keyof typeof conflictReasons;

export interface StaticBinding {
  readonly claim: PersistentVolumeClaim;
  readonly volume: PersistentVolume;
}

export interface NodeVolumes {
  readonly bindings: readonly StaticBinding[];
  /** Claims a volume is to be made for. */
  readonly provisions: readonly PersistentVolumeClaim[];
}

export interface VolumeSources extends ProvisioningSources {
  volume(name: string): PersistentVolume | undefined;
  csiNode(nodeName: string): CSINode | undefined;
}

const selectedNode = "volume.kubernetes.io/selected-node";

export function selectedNodeOf({ metadata }: PersistentVolumeClaim): string | undefined {
  return metadata.annotations?.[selectedNode];
}

export function withSelectedNode(claim: PersistentVolumeClaim, nodeName: string): PersistentVolumeClaim {
  const { metadata } = claim;
  const annotations = { ...metadata.annotations, [selectedNode]: nodeName };
  return { ...claim, metadata: { ...metadata, annotations } };
}

/** `conflicts` empty: the node will do. Throws where the claims cannot be understood. */
export function findVolumes(
  claims: PodClaims,
  node: Node,
  sources: VolumeSources,
): NodeVolumes & { readonly conflicts: readonly Conflict[] } {
  const bound = checkBound(claims.bound, node, sources);
  const found = findDelayed(claims, node, sources);
  // Reasons are told in this order, whichever was found first.
  const conflicts = ([...bound, ...found.conflicts] as Conflict[]).sort((a, b) => order.indexOf(a) - order.indexOf(b));
  return { ...found, conflicts };
}

const order = Object.keys(conflictReasons);

function checkBound(claims: readonly PersistentVolumeClaim[], node: Node, sources: VolumeSources): readonly Conflict[] {
  for (const { spec } of claims) {
    const volume = sources.volume(spec?.volumeName ?? "");
    if (!volume) return ["gone"];
    if (!canUse(volume, node, sources)) return ["node"];
  }
  return [];
}

/** Whether the volume can be used from the node. */
export function canUse(volume: PersistentVolume, { metadata }: Node, sources: Pick<VolumeSources, "csiNode">): boolean {
  const csiNode = sources.csiNode(metadata.name ?? "");
  return allowsNode(
    withDriverTopology(volume, (plugin) => isMigratedOn(csiNode, plugin)),
    metadata.labels,
  );
}

function isMigratedOn(csiNode: CSINode | undefined, plugin: string): boolean {
  const migrated = csiNode?.metadata.annotations?.["storage.alpha.kubernetes.io/migrated-plugins"] ?? "";
  return migrated.split(",").includes(plugin);
}

type Found = NodeVolumes & { readonly conflicts: readonly Conflict[] };

const none: readonly never[] = [];

/** A claim whose node was chosen before waits for its volume there, and nowhere else. */
function findDelayed(claims: PodClaims, node: Node, sources: VolumeSources): Found {
  const { name = "" } = node.metadata;
  const chosen = claims.delayed.filter((claim) => selectedNodeOf(claim) !== undefined);
  if (chosen.some((claim) => selectedNodeOf(claim) !== name)) {
    return { bindings: none, provisions: none, conflicts: ["bind"] };
  }
  const open = claims.delayed.filter((claim) => selectedNodeOf(claim) === undefined);
  const { bindings, rest } = matchVolumes(open, claims, node);
  const provisions = [...chosen, ...rest];
  for (const claim of provisions) {
    const answer = canProvision(claim, node.metadata.labels, sources);
    if (answer !== "yes") return { bindings, provisions: none, conflicts: [answer === "full" ? "space" : "bind"] };
  }
  return { bindings, provisions, conflicts: none };
}

/** Small claims first, so that each takes the smallest volume that will do. */
function matchVolumes(
  open: readonly PersistentVolumeClaim[],
  { volumes }: PodClaims,
  { metadata }: Node,
): { readonly bindings: readonly StaticBinding[]; readonly rest: readonly PersistentVolumeClaim[] } {
  const bindings: StaticBinding[] = [];
  const rest: PersistentVolumeClaim[] = [];
  const taken = new Set<string>();
  for (const claim of open.toSorted((a, b) => sizeOfClaim(a) - sizeOfClaim(b))) {
    const candidates = volumes.get(storageClassOf(claim)) ?? none;
    const volume = findMatchingVolume(claim, candidates, { labels: metadata.labels, taken });
    if (volume) {
      taken.add(volume.metadata.name ?? "");
      bindings.push({ claim, volume });
    } else rest.push(claim);
  }
  return { bindings, rest };
}
