// One request to the API and its answer, whether it comes over a socket or from code in the same process. The API server
// implements ApiHandler; the client's transports call it. In the same process no bytes are made: objects are handed over.

import type { KubeObject } from "./resource.ts";

/** Who asks, after authentication. */
export interface UserInfo {
  readonly name: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

export interface ApiRequest {
  readonly method: "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS";
  /** The path without the query, such as /api/v1/namespaces/default/pods. Not percent-decoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Lower-case names. In process only content-type (of patches) and user-agent (field manager) matter. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body?: ApiBody;
  /** Set by in-process callers, and by the HTTP layer after authentication. */
  readonly user?: UserInfo;
  readonly signal?: AbortSignal;
}

/** Bytes off the wire, or an object from the same process, which the server may keep: the caller must not touch it again. */
export type ApiBody =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  | { readonly kind: "object"; readonly object: unknown };

export type ApiResponse =
  | {
      readonly kind: "object";
      readonly status: number;
      /** Shared with the store and other readers: never to be changed. */
      readonly object: unknown;
      /** Values of Warning headers: what the server wants a person to know. */
      readonly warnings?: readonly string[];
    }
  | { readonly kind: "watch"; readonly status: 200; readonly events: WatchStream }
  | {
      readonly kind: "bytes";
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: Uint8Array | AsyncIterable<Uint8Array>;
    };

export type WatchEventType = "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR";

/** An event's object is shared like any answer; of an ERROR it is a Status. */
export interface WatchEvent<T extends KubeObject = KubeObject> {
  readonly type: WatchEventType;
  readonly object: T;
}

/** Events in batches: all that had happened when the reader asked, at least one. Ends when the signal or the server says so. */
export type WatchStream = AsyncIterable<readonly WatchEvent[]>;

/**
 * Answers a request. Refusals are thrown as StatusError, never answered as objects. The API server wraps its whole chain
 * (authentication to registry) in one of these.
 */
export type ApiHandler = (request: ApiRequest) => Promise<ApiResponse>;
