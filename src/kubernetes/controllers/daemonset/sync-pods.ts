// Creates and deletes a DaemonSet's pods as a plan says.

import { type DaemonSet, type Pod, resources } from "#kubernetes/api";
import type { Client, Informer } from "#kubernetes/client";
import { type EventRecorder, referenceTo } from "#kubernetes/runtime";
import type { OwnWrites } from "../own-writes.ts";
import { controllerReference } from "../ownership/owner-references.ts";
import { inBatches, slowStart } from "../pods/batches.ts";
import { createPodControl, isNamespaceTerminating, podFromTemplate } from "../pods/pod-control.ts";
import { daemonTemplate } from "./daemon-pods.ts";

export interface SyncHands {
  readonly client: Client;
  readonly pods: Informer<Pod>;
  readonly events: EventRecorder;
  readonly writes: OwnWrites;
  readonly signal: AbortSignal;
}

export interface PodChanges {
  readonly createOn: readonly string[];
  readonly remove: readonly Pod[];
  readonly hash: string;
}

/** Deletes although creating failed; throws the first failure in the end. */
export async function syncPods(
  daemonSet: DaemonSet,
  { createOn, remove, hash }: PodChanges,
  { client, pods, events, writes, signal }: SyncHands,
): Promise<void> {
  const control = createPodControl(client, events, signal);
  const regarding = referenceTo(resources.daemonSets, daemonSet);
  const reference = controllerReference(resources.daemonSets, daemonSet);
  const owner = { namespace: daemonSet.metadata.namespace ?? "", reference };
  const { failure } = await slowStart(createOn.length, async (position) => {
    const template = daemonTemplate(daemonSet, hash, createOn[position]!);
    try {
      writes.note(pods, await control.create(podFromTemplate(template, owner), regarding));
    } catch (error) {
      if (!isNamespaceTerminating(error)) throw error;
    }
  });
  await inBatches(remove, async (pod) => {
    writes.note(pods, await control.delete(pod, regarding));
  });
  if (failure) throw failure;
}
