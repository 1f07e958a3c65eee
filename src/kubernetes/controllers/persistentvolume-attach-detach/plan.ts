// What to attach to a node and what to detach, by the pods on it. Pure.

import type { Node, PersistentVolume, Pod, VolumeAttachment } from "#kubernetes/api";
import { readyStatus } from "../nodes/node-state.ts";
import { attachmentName, isOurs, isShared, uniqueName } from "./attachments.ts";

export interface WantedVolume {
  readonly volume: PersistentVolume;
  /** The pods on this node that use it. */
  readonly pods: readonly Pod[];
}

export interface AttachedElsewhere {
  /** Those that use the volume there. */
  readonly pods: readonly Pod[];
}

export interface NodeVolumes {
  readonly nodeName: string;
  /** Undefined where the node has gone. */
  readonly node: Node | undefined;
  readonly wanted: readonly WantedVolume[];
  /** Those of this node. */
  readonly attachments: readonly VolumeAttachment[];
  /** By its name; for an attachment that nobody wants any more. */
  volume(name: string): PersistentVolume | undefined;
  /** Undefined where no other node has the volume. */
  elsewhere(volume: PersistentVolume): AttachedElsewhere | undefined;
  /** Since when an attachment is not wanted. */
  unwantedSince(attachment: VolumeAttachment): number;
}

export interface AttachPlan {
  readonly attach: readonly WantedVolume[];
  readonly detach: readonly VolumeAttachment[];
  /** Volumes another node has alone. */
  readonly blocked: readonly { readonly wanted: WantedVolume; readonly elsewhere: AttachedElsewhere }[];
  /** What the node's status should say; the kubelet mounts nothing before it does. */
  readonly volumesAttached: readonly string[];
  /** Until a volume is taken from a node that does not let go of it. */
  readonly nextMs: number | undefined;
}

/** How long a node that is not ready may hold a volume nobody wants there. */
const longestUnmountMs = 6 * 60_000;
const outOfServiceTaint = "node.kubernetes.io/out-of-service";

export function planAttachments(around: NodeVolumes, nowMs: number): AttachPlan {
  const { nodeName, wanted, attachments } = around;
  const present = new Map(attachments.map((attachment) => [attachment.metadata.name, attachment]));
  const wantedNames = new Set(wanted.map(({ volume }) => attachmentName(volume, nodeName)));
  const attach: WantedVolume[] = [];
  const blocked: { wanted: WantedVolume; elsewhere: AttachedElsewhere }[] = [];
  const volumesAttached: string[] = [];
  for (const candidate of wanted) {
    const { volume } = candidate;
    const attachment = present.get(attachmentName(volume, nodeName));
    const elsewhere = isShared(volume) ? undefined : around.elsewhere(volume);
    if (!attachment && elsewhere) blocked.push({ wanted: candidate, elsewhere });
    else if (!attachment) attach.push(candidate);
    if (attachment && isAttached(attachment)) volumesAttached.push(uniqueName(volume));
  }
  const unwanted = attachments.filter((attachment) => {
    const isOn = attachment.metadata.deletionTimestamp === undefined;
    return isOn && isOurs(attachment) && !wantedNames.has(attachment.metadata.name ?? "");
  });
  const waits = unwanted.map((attachment) => ({ attachment, waitMs: msUntilDetach(attachment, around, nowMs) }));
  for (const { attachment, waitMs } of waits) {
    const volume = around.volume(attachment.spec.source.persistentVolumeName ?? "");
    // What is still mounted is still there.
    if (waitMs > 0 && volume && isAttached(attachment)) volumesAttached.push(uniqueName(volume));
  }
  const later = waits.map(({ waitMs }) => waitMs).filter((waitMs) => waitMs > 0 && waitMs < Number.POSITIVE_INFINITY);
  return {
    attach,
    blocked,
    detach: waits.filter(({ waitMs }) => waitMs <= 0).map(({ attachment }) => attachment),
    volumesAttached: volumesAttached.toSorted(),
    nextMs: later.length > 0 ? Math.min(...later) : undefined,
  };
}

function isAttached({ metadata, status }: VolumeAttachment): boolean {
  return status?.attached === true && metadata.deletionTimestamp === undefined;
}

/** 0 or less: now. Infinity: when the node says it has let go of the volume. */
function msUntilDetach(attachment: VolumeAttachment, around: NodeVolumes, nowMs: number): number {
  const { node } = around;
  const volume = around.volume(attachment.spec.source.persistentVolumeName ?? "");
  const isMounted = !node || !volume || (node.status?.volumesInUse?.includes(uniqueName(volume)) ?? false);
  const isOutOfService = node?.spec?.taints?.some(({ key }) => key === outOfServiceTaint) ?? false;
  if (!isMounted || isOutOfService) return 0;
  if (node && readyStatus(node) === "True") return volume ? Number.POSITIVE_INFINITY : 0;
  return around.unwantedSince(attachment) + longestUnmountMs - nowMs;
}

/** Why a pod waits for a volume, without naming pods of other namespaces. */
export function blockedMessage(volumeName: string, pod: Pod, { pods }: AttachedElsewhere): string {
  const start = `Multi-Attach error for volume ${JSON.stringify(volumeName)} `;
  if (pods.length === 0) {
    return `${start}Volume is already exclusively attached to one node and can't be attached to another`;
  }
  const near = pods.filter(({ metadata }) => metadata.namespace === pod.metadata.namespace);
  const far = pods.length - near.length;
  if (near.length === 0) return `${start}Volume is already used by ${far} pod(s) in different namespaces`;
  const names = near.map(({ metadata }) => metadata.name).join(", ");
  const others = far > 0 ? ` and ${far} pod(s) in different namespaces` : "";
  return `${start}Volume is already used by pod(s) ${names}${others}`;
}
