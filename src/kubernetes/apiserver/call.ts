// One request on its way through the chain, and what the chain answers. Both edges (in process, HTTP) make a Call and turn the
// Answer into what their caller wants; in between nothing knows of sockets or encodings.

import type { ApiRequest, KubeObject, ListMeta, UserInfo, WatchEventType } from "#kubernetes/api";
import type { StreamExchange } from "./http/stream-exchange.ts";
import type { ServedResource } from "./registry/resources/served-resource.ts";
import type { RequestInfo } from "./request-info.ts";

export interface Call {
  readonly request: ApiRequest;
  readonly info: RequestInfo;
  /** How the request came in over a socket; absent in process. */
  readonly connection?: Connection;
  /** Calls back, once, when the client has gone before the answer was complete, or has it; the answer calls that off. Absent in process. */
  onGone?: (callback: () => void) => () => void;
  /** Who asks. Anonymous until the chain's authentication has run; another after impersonation. */
  user: UserInfo;
  /** Where priority and fairness have put it. */
  flow?: { readonly schemaUid: string; readonly levelUid: string };
  /** Why no form of an answer is to be had; thrown once it is known that the request is allowed. */
  unacceptable?: unknown;
  /** What a client is told of an API that is going away; set by whoever knows the resource. */
  deprecation?: string;
  /** Texts for Warning headers, in order, each once. */
  readonly warnings: string[];
  /** What audit events call this request; absent where it is not audited. */
  auditId?: string;
  /** Told how many bytes were answered: of a body once, of a watch for each event. Absent where that is not counted. */
  noteSent?: (bytes: number) => void;
  /** What authentication has to add to the request's audit events. */
  authenticationAnnotations?: Readonly<Record<string, string>>;
  /** What goes into the request's audit events besides; absent where the request is not audited. */
  auditAnnotations?: Record<string, string>;
  /** Whether these may show what is in objects: the request's body is written down, too. */
  auditsBodies?: boolean;
}

/** What the HTTP layer knows of the other side beyond its headers. */
export interface Connection {
  /** The client's certificate, if TLS has verified it against one of our authorities. */
  readonly certificate?: ClientCertificate;
  readonly remoteAddress?: string;
}

export interface ClientCertificate {
  readonly commonName: string;
  readonly organizations: readonly string[];
  readonly uid?: string;
  /** SHA-256 of the certificate, lower-case hex. */
  readonly fingerprint: string;
  /** Signed by the authority of front proxies, whose headers say who asks. */
  readonly isFrontProxy: boolean;
}

/** An object and, where there is one, its JSON: a StoredObject is one. Neither may be changed. */
export interface Document {
  readonly object: object;
  readonly bytes?: Uint8Array;
}

export type Answer = ObjectAnswer | ListAnswer | WatchAnswer | BytesAnswer | StreamAnswer;

/** One object, or a Status. `resource` is what it is an object of, where a Table of it can be asked for. */
export interface ObjectAnswer {
  readonly kind: "object";
  readonly status: number;
  readonly document: Document;
  readonly resource?: ServedResource;
}

export interface ListAnswer {
  readonly kind: "list";
  readonly status: 200;
  readonly resource: ServedResource;
  readonly items: readonly Document[];
  readonly metadata: ListMeta;
}

export interface WatchAnswer {
  readonly kind: "watch";
  readonly status: 200;
  readonly resource: ServedResource;
  /** Starts the flow of records into the sink; the answer stops it. Call once. */
  open(sink: WatchSink): () => void;
}

/** Where a watch's records go. Neither method may throw. */
export interface WatchSink {
  /** Records in order, at least one; shared with other watchers. */
  push(records: readonly WatchRecord[]): void;
  /** No more records follow. */
  end(): void;
}

/** A watch event with a memory for its encodings, so that each is made once however many watch. */
export interface WatchRecord {
  readonly type: WatchEventType;
  readonly object: KubeObject;
  readonly document: Document;
  /** The event's bytes in the named format, made by `encode` on first use. */
  framed(format: string, encode: (record: WatchRecord) => Uint8Array): Uint8Array;
}

export interface BytesAnswer {
  readonly kind: "bytes";
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | AsyncIterable<Uint8Array>;
}

/** An answer that takes over the connection: exec, port-forward, proxies. In process it is refused. */
export interface StreamAnswer {
  readonly kind: "stream";
  readonly serve: (exchange: StreamExchange) => void;
}

/** A stage of the chain: answers the call, or hands it on. Refusals are thrown as StatusError. */
export type Handler = (call: Call) => Promise<Answer>;

const yamlErrors = "yaml: unmarshal errors:\n";

/** Adds a warning unless the same has been given; of what YAML minds, a warning for each line. */
export function warn(call: Call, text: string): void {
  if (text.startsWith(yamlErrors)) {
    for (const line of text.slice(yamlErrors.length).split("\n")) warn(call, line.trim());
  } else if (text !== "" && !call.warnings.includes(text)) call.warnings.push(text);
}

/** Adds to the request's audit events; the first word on a key stays. */
export function annotate(call: Call, key: string, value: string): void {
  if (call.auditAnnotations) call.auditAnnotations[key] ??= value;
}

/** As annotate, for what tells of an object's contents: only where the request's body is written down. */
export function annotateContents(call: Call, key: string, value: string): void {
  if (call.auditsBodies) annotate(call, key, value);
}
