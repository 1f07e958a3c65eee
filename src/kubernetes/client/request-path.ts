// Where requests go: the path of a resource, of one object or of its subresource, and the query of lists, watches and writes.

import type { KubeObject, ObjectKey, Resource } from "#kubernetes/api";
import type { ListOptions, WatchOptions, WriteOptions } from "./client.ts";

/** "/api/v1/namespaces/default/pods", or all namespaces' objects where no namespace is given. */
export function collectionPath(resource: Resource<KubeObject>, namespace: string | undefined): string {
  const root = resource.group === "" ? `/api/${resource.version}` : `/apis/${resource.group}/${resource.version}`;
  const isScoped = resource.namespaced && namespace !== undefined && namespace !== "";
  return isScoped
    ? `${root}/namespaces/${encodeSegment(namespace)}/${resource.resource}`
    : `${root}/${resource.resource}`;
}

/** The path of one object, or of its subresource. Throws where a namespaced resource is asked for without a namespace. */
export function objectPath(resource: Resource<KubeObject>, key: ObjectKey, subresource?: string): string {
  if (key.name === "") throw new Error(`Cannot address ${resource.resource}: the name is empty`);
  if (resource.namespaced && !key.namespace) {
    throw new Error(`Cannot address ${resource.resource} "${key.name}": a namespace is needed`);
  }
  const path = `${collectionPath(resource, key.namespace)}/${encodeSegment(key.name)}`;
  return subresource === undefined ? path : `${path}/${subresource}`;
}

export function listQuery(options: ListOptions): URLSearchParams {
  const query = new URLSearchParams();
  if (options.labelSelector) query.set("labelSelector", options.labelSelector);
  if (options.fieldSelector) query.set("fieldSelector", options.fieldSelector);
  if (options.limit) query.set("limit", String(options.limit));
  if (options.continue) query.set("continue", options.continue);
  if (options.resourceVersion !== undefined) query.set("resourceVersion", options.resourceVersion);
  return query;
}

export function watchQuery(options: WatchOptions): URLSearchParams {
  const query = listQuery(options);
  query.set("watch", "true");
  if (options.allowWatchBookmarks !== false) query.set("allowWatchBookmarks", "true");
  if (options.sendInitialEvents) {
    query.set("sendInitialEvents", "true");
    query.set("resourceVersionMatch", "NotOlderThan");
  }
  return query;
}

export function writeQuery(options: WriteOptions): URLSearchParams {
  const query = new URLSearchParams();
  if (options.dryRun) query.set("dryRun", "All");
  if (options.fieldManager) query.set("fieldManager", options.fieldManager);
  return query;
}

/** Most names need no escaping, and ":" (system:node) may stand in a path. */
function encodeSegment(text: string): string {
  return /^[\w.:-]+$/.test(text) ? text : encodeURIComponent(text);
}
