// Objects in memory, listed and watched like those of an API server: for components that only read. Knows no rules.

import {
  type ApiRequest,
  type ApiResponse,
  type KubeObject,
  type ObjectKey,
  type Resource,
  StatusError,
  type WatchEvent,
} from "#kubernetes/api";
import { type Client, createClient } from "#kubernetes/client";

export interface MemoryApi {
  readonly client: Client;
  /** Creates or replaces; gives the object a version. */
  put<T extends KubeObject>(resource: Resource<T>, object: T): T;
  remove(resource: Resource<KubeObject>, key: ObjectKey): void;
  /** What was posted, by anybody. */
  readonly posted: readonly KubeObject[];
}

interface Kept {
  readonly objects: Map<string, KubeObject>;
  readonly watchers: Set<(event: WatchEvent) => void>;
}

export function createMemoryApi(): MemoryApi {
  const kinds = new Map<string, Kept>();
  const posted: KubeObject[] = [];
  let version = 1;
  const keptOf = (path: string): Kept => {
    const found = kinds.get(path) ?? { objects: new Map(), watchers: new Set() };
    kinds.set(path, found);
    return found;
  };
  const stamp = <T extends KubeObject>(object: T): T => ({
    ...object,
    metadata: { uid: `uid-${object.metadata.name}`, ...object.metadata, resourceVersion: String(++version) },
  });

  const transport = {
    async request(request: ApiRequest): Promise<ApiResponse> {
      if (request.method === "POST") {
        const object = (request.body as { object: KubeObject }).object;
        posted.push(object);
        return { kind: "object", status: 201, object };
      }
      const kept = keptOf(request.path);
      const isWanted = filterOf(request.query.get("fieldSelector"));
      if (request.query.get("watch") === "true") {
        return { kind: "watch", status: 200, events: follow(kept, isWanted, { request, version: () => version }) };
      }
      const items = [...kept.objects.values()].filter(isWanted);
      return { kind: "object", status: 200, object: { metadata: { resourceVersion: String(version) }, items } };
    },
    async close() {},
  };
  return {
    client: createClient({ transport }),
    posted,
    put(resource, object) {
      const kept = keptOf(pathOf(resource));
      const stamped = stamp(object);
      const key = keyIn(stamped.metadata as ObjectKey);
      const type = kept.objects.has(key) ? "MODIFIED" : "ADDED";
      kept.objects.set(key, stamped);
      for (const tell of kept.watchers) tell({ type, object: stamped });
      return stamped;
    },
    remove(resource, key) {
      const kept = keptOf(pathOf(resource));
      const object = kept.objects.get(keyIn(key));
      if (!object) throw new Error(`Cannot remove ${keyIn(key)}: there is no such object`);
      kept.objects.delete(keyIn(key));
      for (const tell of kept.watchers) tell({ type: "DELETED", object: stamp(object) });
    },
  };
}

function pathOf({ group, version, resource }: Resource<KubeObject>): string {
  return group === "" ? `/api/${version}/${resource}` : `/apis/${group}/${version}/${resource}`;
}

function keyIn({ namespace = "", name }: ObjectKey): string {
  return `${namespace}/${name}`;
}

/** Understands "metadata.name=…" only. */
function filterOf(selector: string | null): (object: KubeObject) => boolean {
  const name = selector?.startsWith("metadata.name=") ? selector.slice("metadata.name=".length) : undefined;
  return ({ metadata }) => name === undefined || metadata.name === name;
}

/** All there is, the bookmark that ends the list, then what happens. */
async function* follow(
  kept: Kept,
  isWanted: (object: KubeObject) => boolean,
  { request, version }: { request: ApiRequest; version(): number },
): AsyncGenerator<readonly WatchEvent[]> {
  if (request.query.get("sendInitialEvents") !== "true")
    throw new StatusError({ code: 410, reason: "Expired", message: "gone" });
  const waiting: WatchEvent[] = [...kept.objects.values()]
    .filter(isWanted)
    .map((object) => ({ type: "ADDED", object }));
  const annotations = { "k8s.io/initial-events-end": "true" };
  waiting.push({ type: "BOOKMARK", object: { metadata: { resourceVersion: String(version()), annotations } } });
  let wake = () => {};
  const tell = (event: WatchEvent) => {
    if (!isWanted(event.object)) return;
    waiting.push(event);
    wake();
  };
  kept.watchers.add(tell);
  request.signal?.addEventListener("abort", () => wake());
  try {
    while (!request.signal?.aborted) {
      if (waiting.length > 0) yield waiting.splice(0);
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    kept.watchers.delete(tell);
  }
}
