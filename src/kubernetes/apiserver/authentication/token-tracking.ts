// Notes on Secrets with tokens of service accounts when these were last used, by the day, and since when that is done: the cleaner of
// old tokens goes by it.

import type { ConfigMap, KubeObject, Secret } from "#kubernetes/api";
import { create } from "../bootstrap/bootstrap.ts";
import type { RegistryContext } from "../registry/context.ts";
import { modifyObject } from "../registry/modify.ts";

const lastUsedLabel = "kubernetes.io/legacy-token-last-used";
const tracking = { namespace: "kube-system", name: "kube-apiserver-legacy-service-account-token-tracking" };
const dayMs = 24 * 60 * 60_000;

/** Leaves the day this began where it is a day. */
export async function startTokenTracking(context: RegistryContext): Promise<void> {
  const resource = context.resource("", "configmaps");
  const since = dayOf(context.clock.now());
  await create(context, resource, { metadata: tracking, data: { since } } as KubeObject);
  await modifyObject<ConfigMap>(resource, tracking, (live) =>
    isDay(live.data?.["since"]) ? live : { ...live, data: { ...live.data, since } },
  );
}

/** Writes at most once a day; what cannot be written is written the next time. */
export async function noteTokenUse(context: RegistryContext, secret: Secret): Promise<void> {
  const { namespace = "", name = "", uid } = secret.metadata;
  const now = context.clock.now();
  if (isNoted(secret, now)) return;
  const resource = context.resource("", "secrets");
  try {
    await modifyObject<Secret>(resource, { namespace, name }, (live) => {
      if (live.metadata.uid !== uid || isNoted(live, now)) return live;
      const labels = { ...live.metadata.labels, [lastUsedLabel]: dayOf(now) };
      return { ...live, metadata: { ...live.metadata, labels } };
    });
  } catch (error) {
    context.logger.warn({ err: error, secret: `${namespace}/${name}` }, "the use of a token was not noted");
  }
}

/** Another server's clock may be ahead. */
function isNoted({ metadata: { labels } }: Secret, now: number): boolean {
  const lastUsed = labels?.[lastUsedLabel];
  return lastUsed === dayOf(now) || lastUsed === dayOf(now + dayMs);
}

function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

function isDay(text: string | undefined): boolean {
  return text !== undefined && /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text));
}
