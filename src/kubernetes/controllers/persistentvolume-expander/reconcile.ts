// Tells of claims that want to grow. Growing volumes is the business of their drivers' external resizers: upstream's own plug-ins,
// which the controller manager grew itself, have gone.

import { formatKey, keyOf, type PersistentVolumeClaim, parseKey, resources } from "#kubernetes/api";
import { createController, done, type ReconcileResult, referenceTo, watch } from "#kubernetes/runtime";
import type { ControllerContext, ControllerProcess } from "../controller-definition.ts";
import { grew, wantsToGrow } from "./plan.ts";

export function createPersistentVolumeExpander(context: ControllerContext): ControllerProcess {
  const { informers } = context;
  const claims = informers.informer(resources.persistentVolumeClaims);
  const events = context.recorder("volume_expand");

  const reconcile = async (key: string): Promise<ReconcileResult> => {
    const claim = claims.get(parseKey(key));
    if (!claim || !wantsToGrow(claim)) return done;
    const message = "waiting for an external controller to expand this PVC";
    events.normal(referenceTo(resources.persistentVolumeClaims, claim), "ExternalExpanding", message);
    return done;
  };

  return createController({
    ...context,
    name: "volume_expand",
    reconcile,
    watches: [
      watch(claims, (queue) => {
        const add = (claim: PersistentVolumeClaim) => queue.add(formatKey(keyOf(claim)));
        return {
          added: add,
          updated(claim, old) {
            if (grew(claim, old)) add(claim);
          },
        };
      }),
    ],
  });
}
