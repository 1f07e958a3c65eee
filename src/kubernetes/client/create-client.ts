// The one implementation of Client: turns its methods into requests, and answers into objects.

import {
  type ApiBody,
  type ApiRequest,
  type ApiResponse,
  formatApiVersion,
  type KubeObject,
  type ObjectKey,
  type Resource,
  type Status,
  StatusError,
  type WatchEvent,
} from "#kubernetes/api";
import type { Client, DeleteOptions, ListOptions, ObjectList, Patch, Transport, WatchOptions } from "./client.ts";
import { collectionPath, listQuery, objectPath, watchQuery, writeQuery } from "./request-path.ts";

export interface ClientOptions {
  readonly transport: Transport;
  /** Names this program to the server; the part before "/" is its field manager. Default "slipway". */
  readonly userAgent?: string;
}

const patchTypes: Readonly<Record<Patch["type"], string>> = {
  json: "application/json-patch+json",
  merge: "application/merge-patch+json",
  strategic: "application/strategic-merge-patch+json",
  apply: "application/apply-patch+yaml",
};

/** A client over a transport. Closing the client closes the transport. */
export function createClient({ transport, userAgent = "slipway" }: ClientOptions): Client {
  const baseHeaders = { "user-agent": userAgent };

  type Call = Pick<ApiRequest, "method" | "path"> & Partial<ApiRequest>;
  const call = (request: Call): Promise<ApiResponse> =>
    transport.request({
      ...request,
      query: request.query ?? new URLSearchParams(),
      headers: request.headers ? { ...baseHeaders, ...request.headers } : baseHeaders,
    });
  const callForObject = async <T>(request: Call): Promise<T> => objectOf<T>(await call(request), request.path);

  return {
    get: (resource, key, options = {}) =>
      callForObject({ method: "GET", path: objectPath(resource, key, options.subresource), ...signalOf(options) }),

    list: async <T extends KubeObject>(resource: Resource<T>, options: ListOptions = {}) => {
      const path = collectionPath(resource, options.namespace);
      const query = listQuery(options);
      return readList<T>(await callForObject({ method: "GET", path, query, ...signalOf(options) }));
    },

    watch: <T extends KubeObject>(resource: Resource<T>, options: WatchOptions) =>
      readWatch<T>(
        () =>
          call({
            method: "GET",
            path: collectionPath(resource, options.namespace),
            query: watchQuery(options),
            ...signalOf(options),
          }),
        options.signal,
      ),

    create: (resource, object, options = {}) => {
      const { namespace } = object.metadata;
      const path =
        options.subresource === undefined
          ? collectionPath(resource, namespace)
          : objectPath(resource, keyOfWrite(object), options.subresource);
      const body = bodyOf(withKind(resource, object));
      return callForObject({ method: "POST", path, query: writeQuery(options), body, ...signalOf(options) });
    },

    update: (resource, object, options = {}) =>
      callForObject({
        method: "PUT",
        path: objectPath(resource, keyOfWrite(object), options.subresource),
        query: writeQuery(options),
        body: bodyOf(withKind(resource, object)),
        ...signalOf(options),
      }),

    patch: (resource, key, patch, options = {}) => {
      const query = writeQuery(options);
      if (patch.type === "apply" && patch.force) query.set("force", "true");
      return callForObject({
        method: "PATCH",
        path: objectPath(resource, key, options.subresource),
        query,
        headers: { "content-type": patchTypes[patch.type] },
        body: bodyOf(patch.body),
        ...signalOf(options),
      });
    },

    delete: async <T extends KubeObject>(resource: Resource<T>, key: ObjectKey, options: DeleteOptions = {}) => {
      const path = objectPath(resource, key);
      const answer = await callForObject<KubeObject>({ method: "DELETE", path, ...deletionOf(options) });
      return answer.kind === "Status" ? undefined : (answer as T);
    },

    deleteCollection: async (resource, list, options = {}) => {
      const path = collectionPath(resource, list.namespace);
      await call({ method: "DELETE", path, query: listQuery(list), ...deletionOf({ ...signalOf(list), ...options }) });
    },

    createSubresource: (resource, key, subresource, body, options = {}) =>
      callForObject({
        method: "POST",
        path: objectPath(resource, key, subresource),
        query: writeQuery(options),
        body: bodyOf(body),
        ...signalOf(options),
      }),

    raw: (request) => call(request),
    close: () => transport.close(),
  };
}

function signalOf(options: { readonly signal?: AbortSignal }): { readonly signal?: AbortSignal } {
  return options.signal ? { signal: options.signal } : {};
}

function bodyOf(object: object): ApiBody {
  return { kind: "object", object };
}

/** Objects read from lists over HTTP may lack their kind; what is sent must name it. */
function withKind<T extends KubeObject>(resource: Resource<T>, object: T): T {
  return object.kind !== undefined && object.apiVersion !== undefined
    ? object
    : { ...object, apiVersion: formatApiVersion(resource), kind: resource.kind };
}

function keyOfWrite(object: KubeObject): ObjectKey {
  return { namespace: object.metadata.namespace, name: object.metadata.name ?? "" };
}

function deletionOf(options: DeleteOptions): Partial<ApiRequest> {
  const { signal, dryRun, ...rest } = options;
  const body = bodyOf({ kind: "DeleteOptions", apiVersion: "v1", ...rest, ...(dryRun && { dryRun: ["All"] }) });
  return signal ? { body, signal } : { body };
}

function objectOf<T>(response: ApiResponse, path: string): T {
  if (response.kind === "object") return response.object as T;
  throw new Error(`Cannot read the answer of ${path}: it is ${response.kind === "watch" ? "a watch" : "no object"}`);
}

interface ListAnswer<T> {
  readonly metadata?: { resourceVersion?: string; continue?: string; remainingItemCount?: number };
  readonly items?: readonly T[] | null;
}

function readList<T extends KubeObject>({ metadata = {}, items }: ListAnswer<T>): ObjectList<T> {
  return {
    items: items ?? [],
    resourceVersion: metadata.resourceVersion ?? "",
    ...(metadata.continue && { continue: metadata.continue }),
    ...(metadata.remainingItemCount !== undefined && { remainingItemCount: metadata.remainingItemCount }),
  };
}

/** Passes batches on; throws what an ERROR event says, after the changes that came before it. */
async function* readWatch<T extends KubeObject>(
  open: () => Promise<ApiResponse>,
  signal: AbortSignal | undefined,
): AsyncGenerator<readonly WatchEvent<T>[], void, undefined> {
  try {
    const response = await open();
    if (response.kind !== "watch") throw new Error(`Cannot watch: the server answered ${response.kind}`);
    for await (const events of response.events as AsyncIterable<readonly WatchEvent<T>[]>) {
      if (signal?.aborted) return;
      const error = events.findIndex((event) => event.type === "ERROR");
      if (error < 0) {
        yield events;
        continue;
      }
      if (error > 0) yield events.slice(0, error);
      throw StatusError.fromStatus(events[error]!.object as unknown as Status);
    }
  } catch (thrown) {
    if (!signal?.aborted) throw thrown;
  }
}
