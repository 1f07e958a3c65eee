// What attaching depends on, and which nodes a change there concerns.

import {
  type CSIDriver,
  formatKey,
  keyOf,
  type Node,
  type PersistentVolume,
  type PersistentVolumeClaim,
  type Pod,
  parseKey,
  resources,
  type VolumeAttachment,
} from "#kubernetes/api";
import type { Informer, InformerSet } from "#kubernetes/client";
import { type KeyQueue, type Watch, watch } from "#kubernetes/runtime";
import { isSameJson } from "../canonical-json.ts";
import { readyStatus } from "../nodes/node-state.ts";
import { indexByNode } from "../pods/node-index.ts";
import { isPodFinished } from "../pods/pod-state.ts";
import { claimKeysOf, indexByClaim, podsUsing } from "../volumes/pod-claims.ts";

export interface AttachInformers {
  readonly pods: Informer<Pod>;
  readonly claims: Informer<PersistentVolumeClaim>;
  readonly volumes: Informer<PersistentVolume>;
  readonly nodes: Informer<Node>;
  readonly drivers: Informer<CSIDriver>;
  readonly attachments: Informer<VolumeAttachment>;
}

const nodeIndex = "node";
const volumeIndex = "volume";

export function attachInformers(informers: InformerSet): AttachInformers {
  const attachments = informers.informer(resources.volumeAttachments);
  attachments.addIndex(nodeIndex, ({ spec }) => [spec.nodeName]);
  attachments.addIndex(volumeIndex, ({ spec }) => [spec.source.persistentVolumeName ?? ""]);
  return {
    pods: indexByClaim(indexByNode(informers.informer(resources.pods))),
    claims: informers.informer(resources.persistentVolumeClaims),
    volumes: informers.informer(resources.persistentVolumes),
    nodes: informers.informer(resources.nodes),
    drivers: informers.informer(resources.csiDrivers),
    attachments,
  };
}

export function attachmentsOn({ attachments }: AttachInformers, nodeName: string): readonly VolumeAttachment[] {
  return attachments.byIndex(nodeIndex, nodeName);
}

export function attachmentsOf({ attachments }: AttachInformers, volumeName: string): readonly VolumeAttachment[] {
  return attachments.byIndex(volumeIndex, volumeName);
}

export function watchAttachments(informers: AttachInformers): Watch[] {
  const { volumes, nodes, drivers } = informers;
  return [
    watchPods(informers),
    watch(informers.claims, (queue) => {
      const add = (claim: PersistentVolumeClaim) => addUsers(informers, formatKey(keyOf(claim)), queue);
      return {
        added: add,
        updated(claim, old) {
          if (claim.spec?.volumeName !== old.spec?.volumeName) add(claim);
        },
      };
    }),
    watch(volumes, (queue) => ({ added: (volume) => addUsersOf(informers, volume, queue) })),
    watch(nodes, (queue) => ({
      added: ({ metadata }) => queue.add(metadata.name ?? ""),
      updated(node, old) {
        if (!isSameJson(concerns(node), concerns(old))) queue.add(node.metadata.name ?? "");
      },
      deleted: ({ metadata }) => queue.add(metadata.name ?? ""),
    })),
    watch(drivers, (queue) => {
      const addAll = () => {
        for (const { metadata } of nodes.list()) queue.add(metadata.name ?? "");
      };
      return {
        added: (_, isInitialList) => !isInitialList && addAll(),
        updated: addAll,
        deleted: addAll,
      };
    }),
    watchOwnAttachments(informers),
  ];
}

function concerns({ metadata, spec, status }: Node): object {
  const { volumesInUse = [], volumesAttached = [] } = status ?? {};
  const ready = readyStatus({ metadata, ...(status && { status }) });
  return { annotations: metadata.annotations, taints: spec?.taints, volumesInUse, volumesAttached, ready };
}

function watchPods({ pods }: AttachInformers): Watch {
  return watch(pods, (queue) => {
    const add = (pod: Pod) => {
      if (pod.spec?.nodeName && claimKeysOf(pod).length > 0) queue.add(pod.spec.nodeName);
    };
    return {
      added: add,
      updated(pod, old) {
        if (pod.spec?.nodeName !== old.spec?.nodeName || isPodFinished(pod) !== isPodFinished(old)) add(pod);
      },
      deleted: add,
    };
  });
}

/** When a volume becomes free, whoever waits for it on another node is next. */
function watchOwnAttachments(informers: AttachInformers): Watch {
  return watch(informers.attachments, (queue) => {
    const add = ({ spec }: VolumeAttachment) => queue.add(spec.nodeName);
    return {
      added: add,
      updated: add,
      deleted(attachment) {
        add(attachment);
        const volume = informers.volumes.get({ name: attachment.spec.source.persistentVolumeName ?? "" });
        if (volume) addUsersOf(informers, volume, queue);
      },
    };
  });
}

function addUsersOf(informers: AttachInformers, { spec }: PersistentVolume, queue: KeyQueue): void {
  const { namespace, name } = spec?.claimRef ?? {};
  if (name !== undefined) addUsers(informers, formatKey({ namespace, name }), queue);
}

function addUsers({ pods }: AttachInformers, claimKey: string, queue: KeyQueue): void {
  for (const { spec } of podsUsing(pods, claimKey)) if (spec?.nodeName) queue.add(spec.nodeName);
}

/** The volume a claim is bound to, on both sides. */
export function volumeOfClaim({ claims, volumes }: AttachInformers, claimKey: string): PersistentVolume | undefined {
  const claim = claims.get(parseKey(claimKey));
  const volume = volumes.get({ name: claim?.spec?.volumeName ?? "" });
  return volume?.spec?.claimRef?.uid === claim?.metadata.uid ? volume : undefined;
}
