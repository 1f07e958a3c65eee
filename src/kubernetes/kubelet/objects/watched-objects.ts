// The ConfigMaps and Secrets that the node's pods use, each watched by itself: a node may see no others, and knows at once when
// one changes.

import { type ConfigMap, type KubeObject, type Resource, resources, type Secret } from "#kubernetes/api";
import { type Client, createInformerSet, type Informer, type InformerSet } from "#kubernetes/client";
import type { Clock, Logger } from "#shared";
import type { BoundPod } from "../pod/bound-pod.ts";
import { type Reference, referencesOf } from "./pod-references.ts";

export interface WatchedObjects {
  /** Watches what the pod uses, as long as it holds it. Calling again with a newer spec is fine. */
  hold(pod: BoundPod): void;
  release(podUid: string): void;
  /** As it is now; undefined where there is none. Throws where it can't be told in a while. The pod must be held. */
  configMap(namespace: string, name: string): Promise<ConfigMap | undefined>;
  secret(namespace: string, name: string): Promise<Secret | undefined>;
  stop(): Promise<void>;
}

export interface WatchedObjectsOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Something a pod uses was made, changed or removed. */
  onChange(podUid: string): void;
}

interface Entry {
  readonly set: InformerSet;
  readonly informer: Informer<KubeObject>;
  readonly holders: Set<string>;
}

/** How long a pod waits for the first answer, before it fails and tries again. */
const patienceMs = 5000;

export function createWatchedObjects({ client, clock, logger, onChange }: WatchedObjectsOptions): WatchedObjects {
  const entries = new Map<string, Entry>();
  const heldBy = new Map<string, Set<string>>();

  const open = (reference: Reference): Entry => {
    const resource = resourceOf(reference.kind);
    const set = createInformerSet(client, { clock, logger });
    const { namespace, name } = reference;
    const informer = set.informer(resource, { namespace, fieldSelector: `metadata.name=${name}` });
    const entry: Entry = { set, informer, holders: new Set() };
    const changed = () => {
      for (const uid of entry.holders) onChange(uid);
    };
    informer.addHandler({
      added: (_object, isInitialList) => !isInitialList && changed(),
      updated: changed,
      deleted: changed,
    });
    set.start();
    return entry;
  };

  const drop = (key: string, podUid: string): void => {
    const entry = entries.get(key);
    entry?.holders.delete(podUid);
    if (!entry || entry.holders.size > 0) return;
    entries.delete(key);
    entry.set.stop().catch((error) => logger.warn({ error: String(error) }, "watch not stopped"));
  };

  const read = async <T extends KubeObject>(reference: Reference): Promise<T | undefined> => {
    const entry = entries.get(keyOf(reference));
    const { kind, namespace, name } = reference;
    if (!entry) throw new Error(`object ${JSON.stringify(namespace)}/${JSON.stringify(name)} not registered`);
    if (!entry.informer.hasSynced) await waitFor(entry.informer, `${kind} ${namespace}/${name}`, clock);
    return entry.informer.get({ namespace, name }) as T | undefined;
  };

  return {
    hold(pod) {
      const { uid } = pod.metadata;
      const before = heldBy.get(uid) ?? new Set();
      const now = new Set<string>();
      for (const reference of referencesOf(pod)) {
        const key = keyOf(reference);
        now.add(key);
        const entry = entries.get(key) ?? open(reference);
        entries.set(key, entry);
        entry.holders.add(uid);
      }
      heldBy.set(uid, now);
      for (const key of before) if (!now.has(key)) drop(key, uid);
    },
    release(podUid) {
      for (const key of heldBy.get(podUid) ?? []) drop(key, podUid);
      heldBy.delete(podUid);
    },
    configMap: (namespace, name) => read({ kind: "ConfigMap", namespace, name }),
    secret: (namespace, name) => read({ kind: "Secret", namespace, name }),
    async stop() {
      const all = [...entries.values()];
      entries.clear();
      heldBy.clear();
      await Promise.all(all.map(({ set }) => set.stop()));
    },
  };
}

function keyOf({ kind, namespace, name }: Reference): string {
  return `${kind}/${namespace}/${name}`;
}

function resourceOf(kind: Reference["kind"]): Resource<KubeObject> {
  const resource = kind === "ConfigMap" ? resources.configMaps : resources.secrets;
  return resource as unknown as Resource<KubeObject>;
}

async function waitFor(informer: Informer<KubeObject>, what: string, clock: Clock): Promise<void> {
  const patience = new AbortController();
  const cancel = clock.after(patienceMs, () =>
    patience.abort(new Error(`failed to sync ${what} cache: timed out waiting for the condition`)),
  );
  try {
    await informer.synced(patience.signal);
  } finally {
    cancel();
  }
}
