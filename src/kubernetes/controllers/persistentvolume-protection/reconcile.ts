// Keeps volumes that are bound to a claim from being deleted. (The plan: volumes/protection.ts.)

import { resources } from "#kubernetes/api";
import { createController, done, type ReconcileContext, type ReconcileResult, watchOwn } from "#kubernetes/runtime";
import type { ControllerContext, ControllerProcess } from "../controller-definition.ts";
import { OwnWrites } from "../own-writes.ts";
import { planProtection, withProtection } from "../volumes/protection.ts";

const finalizer = "kubernetes.io/pv-protection";

export function createPersistentVolumeProtection(context: ControllerContext): ControllerProcess {
  const { client, informers } = context;
  const volumes = informers.informer(resources.persistentVolumes);

  const reconcile = async (name: string, { signal }: ReconcileContext): Promise<ReconcileResult> => {
    const volume = volumes.get({ name });
    if (!volume) return done;
    const plan = await planProtection(volume, finalizer, () => volume.status?.phase === "Bound");
    if (plan === "keep") return done;
    const writes = new OwnWrites();
    const wished = withProtection(volume, finalizer, plan);
    writes.note(volumes, await client.update(resources.persistentVolumes, wished, { signal }));
    await writes.seen(signal);
    return done;
  };

  return createController({ ...context, name: "pvprotection", reconcile, watches: [watchOwn(volumes)] });
}
