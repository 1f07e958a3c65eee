// Deletes bootstrap tokens when they expire. (When that is: bootstrap-tokens/token-secret.ts.)

import { formatKey, isConflict, isNotFound, keyOf, parseKey, resources, type Secret } from "#kubernetes/api";
import {
  createController,
  done,
  type ReconcileContext,
  type ReconcileResult,
  requeueAfter,
  watch,
} from "#kubernetes/runtime";
import { isTokenSecret, tokenEndsMs } from "../bootstrap-tokens/token-secret.ts";
import type { ControllerContext, ControllerProcess } from "../controller-definition.ts";

export function createTokenCleaner(context: ControllerContext): ControllerProcess {
  const { client, informers } = context;
  const secrets = informers.informer(resources.secrets);

  const reconcile = async (key: string, { clock, signal }: ReconcileContext): Promise<ReconcileResult> => {
    const secret = secrets.get(parseKey(key));
    const leftMs = secret && isTokenSecret(secret) ? tokenEndsMs(secret) - clock.now() : Number.POSITIVE_INFINITY;
    if (!secret || leftMs === Number.POSITIVE_INFINITY) return done;
    if (leftMs > 0) return requeueAfter(leftMs);
    try {
      const preconditions = { uid: secret.metadata.uid ?? "" };
      await client.delete(resources.secrets, keyOf(secret), { preconditions, signal });
    } catch (error) {
      if (!isNotFound(error) && !isConflict(error)) throw error;
    }
    return done;
  };

  return createController({
    ...context,
    name: "token_cleaner",
    reconcile,
    watches: [
      watch(secrets, (queue) => {
        const add = (secret: Secret) => {
          if (isTokenSecret(secret)) queue.add(formatKey(keyOf(secret)));
        };
        return { added: add, updated: add };
      }),
    ],
  });
}
