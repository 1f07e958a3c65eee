// Empties namespaces that are being deleted, then lets go of them by removing the "kubernetes" finalizer.

import { isConflict, isNotFound, type Namespace, resources } from "#kubernetes/api";
import type { Client } from "#kubernetes/client";
import {
  createController,
  done,
  formatTime,
  type ReconcileContext,
  type ReconcileResult,
  requeueAfter,
  watch,
} from "#kubernetes/runtime";
import type { ControllerContext, ControllerProcess } from "../controller-definition.ts";
import { deleteContent } from "./delete-content.ts";
import { planConditions } from "./plan.ts";

const finalizer = "kubernetes";
const defaultGraceMs = 100;
/** Contents usually go within a moment; if not, the waiting grows, up to what their grace periods let expect. */
const firstLookMs = 50;

export function createNamespaceController(context: ControllerContext): ControllerProcess {
  const { client, informers, settings } = context;
  const namespaces = informers.informer(resources.namespaces);
  const graceMs = settings.namespaceDeletionGraceMs ?? defaultGraceMs;
  const looks = new Map<string, number>();

  const reconcile = async (key: string, { signal, clock }: ReconcileContext): Promise<ReconcileResult> => {
    const estimateSeconds = await removeNamespace(client, key, { signal, clock });
    if (estimateSeconds === 0) {
      looks.delete(key);
      return done;
    }
    const look = looks.get(key) ?? 0;
    looks.set(key, look + 1);
    const mostMs = (Math.floor(estimateSeconds / 2) + 1) * 1000;
    return requeueAfter(Math.min(firstLookMs * 2 ** look, mostMs));
  };

  const isTerminating = (namespace: Namespace | undefined) => namespace?.metadata.deletionTimestamp !== undefined;
  return createController({
    ...context,
    name: "namespace",
    reconcile,
    workers: 10,
    watches: [
      watch(namespaces, (queue) => {
        const add = (namespace: Namespace) => {
          if (isTerminating(namespace)) queue.addAfter(namespace.metadata.name ?? "", graceMs);
        };
        return { added: add, updated: add };
      }),
      // The last pod gone is what a terminating namespace waits for most.
      watch(informers.informer(resources.pods), (queue) => ({
        deleted({ metadata: { namespace = "" } }) {
          if (isTerminating(namespaces.get({ name: namespace }))) queue.add(namespace);
        },
      })),
    ],
  });
}

/** One attempt; answers how many seconds what remains may take, 0 where there is nothing to wait for. */
async function removeNamespace(
  client: Client,
  name: string,
  { signal, clock }: Pick<ReconcileContext, "signal" | "clock">,
): Promise<number> {
  let namespace = await getIfExists(client, name, signal);
  if (!namespace?.metadata.deletionTimestamp) return 0;
  namespace = await updateLatest(client, namespace, signal, markTerminating);
  if (!namespace?.spec?.finalizers?.length) return 0;

  const findings = await deleteContent(namespace, { client, nowMs: clock.now(), signal });
  const conditions = planConditions(namespace, findings, formatTime(clock.now()));
  if (conditions) {
    const status = { ...namespace.status, conditions };
    await client.update(resources.namespaces, { ...namespace, status }, { subresource: "status", signal });
  }
  const errors = [...(findings.discoveryError ? [findings.discoveryError] : []), ...findings.contentErrors];
  if (errors.length > 0) throw new Error(errors.join(", "));
  if (findings.estimateSeconds > 0) return findings.estimateSeconds;
  await updateLatest(client, namespace, signal, finalize);
  return 0;
}

type Update = (client: Client, namespace: Namespace, signal: AbortSignal) => Promise<Namespace>;

/** Tries an update again on the latest version until nobody comes between; undefined where the namespace has gone. */
async function updateLatest(
  client: Client,
  namespace: Namespace,
  signal: AbortSignal,
  update: Update,
): Promise<Namespace | undefined> {
  for (let latest: Namespace | undefined = namespace; latest; ) {
    try {
      return await update(client, latest, signal);
    } catch (error) {
      if (isNotFound(error)) return undefined;
      if (!isConflict(error)) throw error;
      latest = await getIfExists(client, namespace.metadata.name ?? "", signal);
      if (latest && latest.metadata.uid !== namespace.metadata.uid) return undefined;
    }
  }
  return undefined;
}

const markTerminating: Update = async (client, namespace, signal) => {
  if (namespace.status?.phase === "Terminating") return namespace;
  const status = { ...namespace.status, phase: "Terminating" };
  return client.update(resources.namespaces, { ...namespace, status }, { subresource: "status", signal });
};

const finalize: Update = (client, namespace, signal) => {
  const finalizers = namespace.spec?.finalizers?.filter((name) => name !== finalizer) ?? [];
  const spec = { ...namespace.spec, finalizers };
  return client.update(resources.namespaces, { ...namespace, spec }, { subresource: "finalize", signal });
};

async function getIfExists(client: Client, name: string, signal: AbortSignal): Promise<Namespace | undefined> {
  try {
    return await client.get(resources.namespaces, { name }, { signal });
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
