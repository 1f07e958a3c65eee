// Keeps claims that pods use from being deleted.

import { formatKey, keyOf, type PersistentVolumeClaim, parseKey, resources } from "#kubernetes/api";
import type { Client } from "#kubernetes/client";
import {
  createController,
  done,
  type ReconcileContext,
  type ReconcileResult,
  watch,
  watchOwn,
} from "#kubernetes/runtime";
import type { ControllerContext, ControllerProcess } from "../controller-definition.ts";
import { OwnWrites } from "../own-writes.ts";
import { isPodFinished } from "../pods/pod-state.ts";
import { claimKeysOf, indexByClaim, podsUsing } from "../volumes/pod-claims.ts";
import { planProtection, withProtection } from "../volumes/protection.ts";
import { usesClaim } from "./plan.ts";

const finalizer = "kubernetes.io/pvc-protection";

export function createPersistentVolumeClaimProtection(context: ControllerContext): ControllerProcess {
  const { client, informers } = context;
  const claims = informers.informer(resources.persistentVolumeClaims);
  const pods = indexByClaim(informers.informer(resources.pods));

  const reconcile = async (key: string, { signal }: ReconcileContext): Promise<ReconcileResult> => {
    const claim = claims.get(parseKey(key));
    if (!claim) return done;
    const isUsed = async () =>
      podsUsing(pods, key).some((pod) => usesClaim(pod, claim)) || (await isUsedLive(client, claim, signal));
    const plan = await planProtection(claim, finalizer, isUsed);
    if (plan === "keep") return done;
    const writes = new OwnWrites();
    const wished = withProtection(claim, finalizer, plan);
    writes.note(claims, await client.update(resources.persistentVolumeClaims, wished, { signal }));
    await writes.seen(signal);
    return done;
  };

  return createController({
    ...context,
    name: "pvcprotection",
    reconcile,
    watches: [
      watchOwn(claims),
      watch(pods, (queue) => {
        // A claim that lives needs no look: only one that is to go waits for its pods.
        const add = (key: string) => {
          if (claims.get(parseKey(key))?.metadata.deletionTimestamp !== undefined) queue.add(key);
        };
        return {
          updated(pod) {
            if (isPodFinished(pod) || !pod.spec?.nodeName) for (const key of claimKeysOf(pod)) add(key);
          },
          deleted(pod) {
            for (const key of claimKeysOf(pod)) add(key);
          },
        };
      }),
    ],
  });
}

/** The copy of pods may be behind, and a claim that has gone does not come back. */
async function isUsedLive(client: Client, claim: PersistentVolumeClaim, signal: AbortSignal): Promise<boolean> {
  const { namespace = "" } = keyOf(claim);
  const { items } = await client.list(resources.pods, { namespace, signal });
  const key = formatKey(keyOf(claim));
  return items.some((pod) => claimKeysOf(pod).includes(key) && usesClaim(pod, claim));
}
