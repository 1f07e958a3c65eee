// The attach-detach controller: says by VolumeAttachments which volumes nodes should have, for drivers' attachers to carry out, and
// by the node's status which they have, for kubelets to mount. Only drivers that want it so: most local ones do not.

import { isNotFound, type Node, type Pod, resources, type VolumeAttachment } from "#kubernetes/api";
import type { Client } from "#kubernetes/client";
import {
  createController,
  done,
  type EventRecorder,
  LruMap,
  type ReconcileContext,
  type ReconcileResult,
  referenceTo,
  requeueAfter,
} from "#kubernetes/runtime";
import type { ControllerContext, ControllerProcess } from "../controller-definition.ts";
import { OwnWrites } from "../own-writes.ts";
import { podsOnNode } from "../pods/node-index.ts";
import { isPodFinished } from "../pods/pod-state.ts";
import { claimKeysOf, podsUsing } from "../volumes/pod-claims.ts";
import { attachmentName, needsAttachment, uniqueName } from "./attachments.ts";
import { type AttachedElsewhere, type AttachPlan, blockedMessage, planAttachments, type WantedVolume } from "./plan.ts";
import {
  type AttachInformers,
  attachInformers,
  attachmentsOf,
  attachmentsOn,
  volumeOfClaim,
  watchAttachments,
} from "./watch-nodes.ts";

interface Parts extends AttachInformers {
  readonly client: Client;
  readonly events: EventRecorder;
  /** Since when attachments are not wanted, by UID. */
  readonly unwanted: Map<string, number>;
  /** What was said last of an attachment, by its name. */
  readonly said: LruMap<string>;
}

interface Hands extends Parts {
  readonly writes: OwnWrites;
  readonly signal: AbortSignal;
}

const mostRemembered = 10_000;
const managedAnnotation = "volumes.kubernetes.io/controller-managed-attach-detach";
const keepAnnotation = "volumes.kubernetes.io/keep-terminated-pod-volumes";

export function createAttachDetachController(context: ControllerContext): ControllerProcess {
  const parts: Parts = {
    ...attachInformers(context.informers),
    client: context.client,
    events: context.recorder("attachdetach-controller"),
    unwanted: new Map(),
    said: new LruMap(mostRemembered),
  };
  return createController({
    ...context,
    name: "attachdetach",
    reconcile: (nodeName, reconcileContext) => reconcileNode(nodeName, parts, reconcileContext),
    watches: watchAttachments(parts),
  });
}

async function reconcileNode(
  nodeName: string,
  parts: Parts,
  { clock, signal }: ReconcileContext,
): Promise<ReconcileResult> {
  const node = parts.nodes.get({ name: nodeName });
  if (node && node.metadata.annotations?.[managedAnnotation] === undefined) return done;
  const hands: Hands = { ...parts, writes: new OwnWrites(), signal };
  const nowMs = clock.now();
  const wanted = wantedVolumes(nodeName, node, parts);
  const attachments = attachmentsOn(parts, nodeName);
  const plan = planAttachments(
    {
      nodeName,
      node,
      wanted,
      attachments,
      volume: (name) => parts.volumes.get({ name }),
      elsewhere: (volume) => attachedElsewhere(volume.metadata.name ?? "", nodeName, parts),
      unwantedSince: (attachment) => unwantedSince(attachment, nowMs, parts),
    },
    nowMs,
  );
  for (const { volume } of wanted) {
    const name = attachmentName(volume, nodeName);
    const attachment = attachments.find(({ metadata }) => metadata.name === name);
    if (attachment) parts.unwanted.delete(attachment.metadata.uid ?? "");
  }
  try {
    if (node) await reportAttached(node, plan, wanted, hands);
    for (const attachment of plan.detach) await detach(attachment, hands);
    for (const volume of plan.attach) await attach(volume, nodeName, hands);
  } finally {
    await hands.writes.seen(signal);
  }
  tellProblems(nodeName, plan, wanted, attachments, parts);
  return plan.nextMs === undefined ? done : requeueAfter(plan.nextMs);
}

function wantedVolumes(nodeName: string, node: Node | undefined, parts: Parts): WantedVolume[] {
  const keepsFinished = node?.metadata.annotations?.[keepAnnotation] === "true";
  const wanted = new Map<string, { volume: WantedVolume["volume"]; pods: Pod[] }>();
  for (const pod of podsOnNode(parts.pods, nodeName)) {
    if (isPodFinished(pod) && !keepsFinished) continue;
    for (const key of claimKeysOf(pod)) {
      const volume = volumeOfClaim(parts, key);
      if (!volume || !needsAttachment(volume, (name) => parts.drivers.get({ name }))) continue;
      const name = volume.metadata.name ?? "";
      const known = wanted.get(name);
      if (known) known.pods.push(pod);
      else wanted.set(name, { volume, pods: [pod] });
    }
  }
  return [...wanted.values()];
}

function attachedElsewhere(volumeName: string, nodeName: string, parts: Parts): AttachedElsewhere | undefined {
  const others = attachmentsOf(parts, volumeName).filter(({ spec }) => spec.nodeName !== nodeName);
  if (others.length === 0) return undefined;
  const nodeNames = new Set(others.map(({ spec }) => spec.nodeName));
  const { namespace, name } = parts.volumes.get({ name: volumeName })?.spec?.claimRef ?? {};
  const users = podsUsing(parts.pods, `${namespace}/${name}`);
  return { pods: users.filter((pod) => nodeNames.has(pod.spec?.nodeName ?? "") && !isPodFinished(pod)) };
}

function unwantedSince({ metadata }: VolumeAttachment, nowMs: number, { unwanted }: Parts): number {
  const { uid = "" } = metadata;
  const known = unwanted.get(uid);
  if (known === undefined) unwanted.set(uid, nowMs);
  return known ?? nowMs;
}

/** Written before anything is detached: a volume that is not in the list is not mounted any more. */
async function reportAttached(
  node: Node,
  plan: AttachPlan,
  wanted: readonly WantedVolume[],
  hands: Hands,
): Promise<void> {
  const reported = new Set(node.status?.volumesAttached?.map(({ name }) => name));
  if (reported.symmetricDifference(new Set(plan.volumesAttached)).size === 0) return;
  const volumesAttached = plan.volumesAttached.map((name) => ({ name, devicePath: "" }));
  const patch = { type: "merge", body: { status: { volumesAttached } } } as const;
  const { name = "" } = node.metadata;
  const options = { subresource: "status", signal: hands.signal };
  hands.writes.note(hands.nodes, await hands.client.patch(resources.nodes, { name }, patch, options));
  for (const { volume, pods } of wanted) {
    const isNew = plan.volumesAttached.includes(uniqueName(volume)) && !reported.has(uniqueName(volume));
    if (!isNew) continue;
    const message = `AttachVolume.Attach succeeded for volume ${JSON.stringify(volume.metadata.name)} `;
    for (const pod of pods) hands.events.normal(referenceTo(resources.pods, pod), "SuccessfulAttachVolume", message);
  }
}

async function attach({ volume }: WantedVolume, nodeName: string, hands: Hands): Promise<void> {
  const attachment: VolumeAttachment = {
    metadata: { name: attachmentName(volume, nodeName) },
    spec: {
      attacher: volume.spec?.csi?.driver ?? "",
      nodeName,
      source: { persistentVolumeName: volume.metadata.name ?? "" },
    },
  };
  const created = await hands.client.create(resources.volumeAttachments, attachment, { signal: hands.signal });
  hands.writes.note(hands.attachments, created);
}

async function detach({ metadata }: VolumeAttachment, hands: Hands): Promise<void> {
  const { name = "", uid = "" } = metadata;
  hands.unwanted.delete(uid);
  try {
    const options = { preconditions: { uid }, signal: hands.signal };
    hands.writes.note(hands.attachments, await hands.client.delete(resources.volumeAttachments, { name }, options));
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

function tellProblems(
  nodeName: string,
  { blocked }: AttachPlan,
  wanted: readonly WantedVolume[],
  attachments: readonly VolumeAttachment[],
  parts: Parts,
): void {
  const tell = (key: string, pods: readonly Pod[], messageOf: (pod: Pod) => string) => {
    for (const pod of pods) {
      const podKey = `${key}/${pod.metadata.uid}`;
      const message = messageOf(pod);
      if (parts.said.get(podKey) === message) continue;
      parts.said.set(podKey, message);
      parts.events.warning(referenceTo(resources.pods, pod), "FailedAttachVolume", message);
    }
  };
  for (const { wanted: waiting, elsewhere } of blocked) {
    const { volume, pods } = waiting;
    const name = volume.metadata.name ?? "";
    tell(attachmentName(volume, nodeName), pods, (pod) => blockedMessage(name, pod, elsewhere));
  }
  for (const { volume, pods } of wanted) {
    const name = attachmentName(volume, nodeName);
    const error = attachments.find(({ metadata }) => metadata.name === name)?.status?.attachError?.message;
    if (!error) continue;
    tell(name, pods, () => `AttachVolume.Attach failed for volume ${JSON.stringify(volume.metadata.name)} : ${error}`);
  }
}
