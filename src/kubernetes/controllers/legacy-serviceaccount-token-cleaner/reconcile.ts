// Removes tokens of service accounts that were made by themselves in former times and that nobody has used for a year. Looks once
// a day, where the API server notes when tokens are used.

import { isConflict, isNotFound, keyOf, resources, type Secret } from "#kubernetes/api";
import {
  createController,
  done,
  parseTime,
  type ReconcileContext,
  type ReconcileResult,
  requeueAfter,
  watch,
} from "#kubernetes/runtime";
import type { ControllerContext, ControllerProcess } from "../controller-definition.ts";
import { accountName, isTokenSecret } from "../serviceaccount-token/plan.ts";
import { dateOf, invalidSinceLabel, planToken, secretNames } from "./plan.ts";

const dayMs = 24 * 60 * 60_000;
/** --legacy-service-account-token-clean-up-period. */
const unusedMs = 365 * dayMs;
const tracking = { namespace: "kube-system", name: "kube-apiserver-legacy-service-account-token-tracking" };
const onlyKey = "tokens";

export function createLegacyTokenCleaner(context: ControllerContext): ControllerProcess {
  const { client, informers } = context;
  const secrets = informers.informer(resources.secrets);
  const accounts = informers.informer(resources.serviceAccounts);
  const pods = informers.informer(resources.pods);

  /** From when on use was noted for sure; undefined where it is not. */
  const trackedSinceMs = async (signal: AbortSignal): Promise<number | undefined> => {
    try {
      const since = parseTime((await client.get(resources.configMaps, tracking, { signal })).data?.["since"]);
      return since === undefined ? undefined : since + dayMs;
    } catch (error) {
      if (!isNotFound(error)) throw error;
      return undefined;
    }
  };

  const clean = async (secret: Secret, nowMs: number, signal: AbortSignal): Promise<void> => {
    const { namespace = "", uid, resourceVersion = "" } = secret.metadata;
    const account = accounts.get({ namespace, name: secret.metadata.annotations?.[accountName] ?? "" });
    const isMounted = pods.list(namespace).some((pod) => secretNames(pod).includes(secret.metadata.name ?? ""));
    const plan = planToken(secret, { account, isMounted, nowMs, unusedMs });
    try {
      if (plan === "mark invalid") {
        const body = { metadata: { uid, labels: { [invalidSinceLabel]: dateOf(nowMs) } } };
        await client.patch(resources.secrets, keyOf(secret), { type: "merge", body }, { signal });
      } else if (plan === "delete") {
        await client.delete(resources.secrets, keyOf(secret), { preconditions: { resourceVersion }, signal });
      }
    } catch (error) {
      if (!isConflict(error) && !isNotFound(error)) throw error;
    }
  };

  const reconcile = async (_: string, { clock, signal }: ReconcileContext): Promise<ReconcileResult> => {
    const tokens = secrets.list().filter(isTokenSecret);
    if (tokens.length === 0) return done;
    const sinceMs = await trackedSinceMs(signal);
    const nowMs = clock.now();
    if (sinceMs !== undefined && nowMs >= sinceMs + unusedMs) {
      for (const secret of tokens) await clean(secret, nowMs, signal);
    }
    return requeueAfter(dayMs);
  };

  return createController({
    ...context,
    name: "legacy_service_account_token_cleaner",
    workers: 1,
    reconcile,
    watches: [
      watch(secrets, (queue) => ({
        added(secret) {
          if (isTokenSecret(secret)) queue.add(onlyKey);
        },
      })),
      // Accounts and pods are looked up, not waited for.
      watch(accounts, () => ({})),
      watch(pods, () => ({})),
    ],
  });
}
