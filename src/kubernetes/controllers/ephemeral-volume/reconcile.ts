// Makes the claims of pods' generic ephemeral volumes. They belong to their pods, and so go with them.

import { formatKey, keyOf, type Pod, parseKey, resources } from "#kubernetes/api";
import {
  createController,
  done,
  type ReconcileContext,
  type ReconcileResult,
  referenceTo,
  watch,
} from "#kubernetes/runtime";
import type { ControllerContext, ControllerProcess } from "../controller-definition.ts";
import { OwnWrites } from "../own-writes.ts";
import { indexByClaim, podsUsing } from "../volumes/pod-claims.ts";
import { hasEphemeralVolumes, missingClaims } from "./plan.ts";

export function createEphemeralVolumeController(context: ControllerContext): ControllerProcess {
  const { client, informers } = context;
  const pods = indexByClaim(informers.informer(resources.pods));
  const claims = informers.informer(resources.persistentVolumeClaims);
  const events = context.recorder("ephemeral_volume");

  const reconcile = async (key: string, { signal }: ReconcileContext): Promise<ReconcileResult> => {
    const pod = pods.get(parseKey(key));
    if (!pod || !hasEphemeralVolumes(pod)) return done;
    const { namespace } = pod.metadata;
    const writes = new OwnWrites();
    try {
      for (const { volume, claim } of missingClaims(pod, (name) => claims.get({ namespace, name }))) {
        try {
          writes.note(claims, await client.create(resources.persistentVolumeClaims, claim, { signal }));
        } catch (error) {
          const message = `create PVC ${claim.metadata.name}: ${(error as Error).message}`;
          throw new Error(`ephemeral volume ${volume}: ${message}`, { cause: error });
        }
      }
    } catch (error) {
      events.warning(referenceTo(resources.pods, pod), "FailedBinding", (error as Error).message);
      throw error;
    }
    await writes.seen(signal);
    return done;
  };

  return createController({
    ...context,
    name: "ephemeral_volume",
    reconcile,
    watches: [
      watch(pods, (queue) => ({
        added(pod) {
          if (hasEphemeralVolumes(pod)) queue.add(formatKey(keyOf(pod)));
        },
      })),
      watch(claims, (queue) => ({
        deleted(claim) {
          const users: readonly Pod[] = podsUsing(pods, formatKey(keyOf(claim)));
          for (const pod of users) if (hasEphemeralVolumes(pod)) queue.add(formatKey(keyOf(pod)));
        },
      })),
    ],
  });
}
