// Keeps attribute classes that volumes or claims use from being deleted.

import { type PersistentVolume, type PersistentVolumeClaim, resources } from "#kubernetes/api";
import {
  createController,
  done,
  type KeyQueue,
  type ReconcileContext,
  type ReconcileResult,
  watch,
  watchOwn,
} from "#kubernetes/runtime";
import type { ControllerContext, ControllerProcess } from "../controller-definition.ts";
import { OwnWrites } from "../own-writes.ts";
import { planProtection, withProtection } from "../volumes/protection.ts";
import { classesOfClaim, classesOfVolume } from "./plan.ts";

const finalizer = "kubernetes.io/vac-protection";
const indexName = "volumeAttributesClass";

export function createVolumeAttributesClassProtection(context: ControllerContext): ControllerProcess {
  const { client, informers } = context;
  const classes = informers.informer(resources.volumeAttributesClasses);
  const volumes = informers.informer(resources.persistentVolumes);
  const claims = informers.informer(resources.persistentVolumeClaims);
  volumes.addIndex(indexName, classesOfVolume);
  claims.addIndex(indexName, classesOfClaim);

  const reconcile = async (name: string, { signal }: ReconcileContext): Promise<ReconcileResult> => {
    const found = classes.get({ name });
    if (!found) return done;
    const isUsed = () => volumes.byIndex(indexName, name).length + claims.byIndex(indexName, name).length > 0;
    const plan = await planProtection(found, finalizer, isUsed);
    if (plan === "keep") return done;
    const writes = new OwnWrites();
    const wished = withProtection(found, finalizer, plan);
    writes.note(classes, await client.update(resources.volumeAttributesClasses, wished, { signal }));
    await writes.seen(signal);
    return done;
  };

  const addGone = (names: readonly string[], queue: KeyQueue) => {
    for (const name of names) if (classes.get({ name })?.metadata.deletionTimestamp !== undefined) queue.add(name);
  };
  return createController({
    ...context,
    name: "vacprotection",
    reconcile,
    watches: [
      watchOwn(classes),
      watch(volumes, (queue) => {
        const add = (volume: PersistentVolume) => addGone(classesOfVolume(volume), queue);
        return { updated: (_, old) => add(old), deleted: add };
      }),
      watch(claims, (queue) => {
        const add = (claim: PersistentVolumeClaim) => addGone(classesOfClaim(claim), queue);
        return { updated: (_, old) => add(old), deleted: add };
      }),
    ],
  });
}
