// The typed client every component uses. One implementation; what differs is the Transport below it: HTTP, or a call into an
// API server in the same process. Objects it answers may be shared with other readers: copy before changing.

import type { ApiRequest, ApiResponse, KubeObject, ObjectKey, Resource, WatchEvent } from "#kubernetes/api";

/** Carries requests to an API server. Refusals are thrown as StatusError; a watch comes back as its stream of events. */
export interface Transport {
  request(request: ApiRequest): Promise<ApiResponse>;
  /** Lets go of connections. */
  close(): Promise<void>;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
}

export interface GetOptions extends CallOptions {
  readonly subresource?: string;
}

export interface ListOptions extends CallOptions {
  /** Default: all namespaces. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly limit?: number;
  readonly continue?: string;
  readonly resourceVersion?: string;
}

export interface WatchOptions extends ListOptions {
  /** Bookmarks keep the resume point of a quiet watch fresh. Default true. */
  readonly allowWatchBookmarks?: boolean;
  /** Ask for the present state as ADDED events, then a bookmark (streaming list). */
  readonly sendInitialEvents?: boolean;
}

export interface WriteOptions extends CallOptions {
  readonly dryRun?: boolean;
  readonly fieldManager?: string;
  /** "status", "scale", "binding", … */
  readonly subresource?: string;
}

export interface DeleteOptions extends CallOptions {
  readonly propagationPolicy?: "Foreground" | "Background" | "Orphan";
  readonly gracePeriodSeconds?: number;
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  readonly dryRun?: boolean;
}

/** A patch and its kind; "apply" needs the field manager in the options. */
export type Patch =
  | { readonly type: "merge" | "strategic" | "apply"; readonly body: object; readonly force?: boolean }
  | { readonly type: "json"; readonly body: readonly JsonPatchOperation[] };

export type JsonPatchOperation =
  | { readonly op: "add" | "replace" | "test"; readonly path: string; readonly value: unknown }
  | { readonly op: "remove"; readonly path: string }
  | { readonly op: "move" | "copy"; readonly path: string; readonly from: string };

export interface ObjectList<T extends KubeObject> {
  readonly items: readonly T[];
  readonly resourceVersion: string;
  readonly continue?: string;
  readonly remainingItemCount?: number;
}

/** All methods throw StatusError when the server refuses, and another Error when it cannot be reached. */
export interface Client {
  get<T extends KubeObject>(resource: Resource<T>, key: ObjectKey, options?: GetOptions): Promise<T>;
  list<T extends KubeObject>(resource: Resource<T>, options?: ListOptions): Promise<ObjectList<T>>;
  /**
   * Changes after `resourceVersion`, in batches. Ends when the signal fires (quietly) or the server closes the stream; throws
   * StatusError Expired when the version is too old. Informers do all this: use one unless you need the raw stream.
   */
  watch<T extends KubeObject>(resource: Resource<T>, options: WatchOptions): AsyncIterable<readonly WatchEvent<T>[]>;
  /** Creates the object, which belongs to the client from here on. */
  create<T extends KubeObject>(resource: Resource<T>, object: T, options?: WriteOptions): Promise<T>;
  /** Replaces the object; carries its resourceVersion, so that a change in between is a Conflict. */
  update<T extends KubeObject>(resource: Resource<T>, object: T, options?: WriteOptions): Promise<T>;
  patch<T extends KubeObject>(resource: Resource<T>, key: ObjectKey, patch: Patch, options?: WriteOptions): Promise<T>;
  /** Answers the object as its deletion left it (marked, or removed) where the server shows it; else undefined. */
  delete<T extends KubeObject>(resource: Resource<T>, key: ObjectKey, options?: DeleteOptions): Promise<T | undefined>;
  deleteCollection(resource: Resource<KubeObject>, list: ListOptions, options?: DeleteOptions): Promise<void>;
  /** Posts to a subresource that is no copy of its parent: pods/binding, pods/eviction, serviceaccounts/token. */
  createSubresource<B extends object, A = B>(
    resource: Resource<KubeObject>,
    key: ObjectKey,
    subresource: string,
    body: B,
    options?: WriteOptions,
  ): Promise<A>;
  /** Anything else, by path: /version, /readyz, logs, proxies. */
  raw(request: Pick<ApiRequest, "method" | "path"> & Partial<ApiRequest>): Promise<ApiResponse>;
  close(): Promise<void>;
}
