// How a kind of object is addressed: group, version, plural resource name, kind, and whether it lives in namespaces.

import type { ObjectMeta } from "./generated/types.ts";

/** What every API object has. */
export interface KubeObject {
  apiVersion?: string;
  kind?: string;
  metadata: ObjectMeta;
}

/** An object of which nothing more is known: a custom resource, or any kind in code that handles all of them alike. */
export interface UnknownObject extends KubeObject {
  [field: string]: unknown;
}

/** A served resource. The type parameter ties clients' answers to the kind's interface; it has no value at run time. */
export interface Resource<T extends KubeObject = UnknownObject> {
  /** "" is the core group. */
  readonly group: string;
  readonly version: string;
  /** The plural name in paths, such as "pods". */
  readonly resource: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly objectType?: () => T;
}

/** Names one object; `namespace` is absent for cluster-scoped kinds. */
export interface ObjectKey {
  readonly namespace?: string | undefined;
  readonly name: string;
}

/** "apps/v1", or "v1" for the core group. */
export function formatApiVersion(resource: { group: string; version: string }): string {
  return resource.group === "" ? resource.version : `${resource.group}/${resource.version}`;
}

/** Splits "apps/v1" or "v1"; the group of "v1" is "". */
export function parseApiVersion(apiVersion: string): { group: string; version: string } {
  const slash = apiVersion.indexOf("/");
  return slash < 0
    ? { group: "", version: apiVersion }
    : { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1) };
}

/** "namespace/name", or "name" where there is no namespace: the form of upstream's MetaNamespaceKeyFunc. */
export function formatKey(key: ObjectKey): string {
  return key.namespace ? `${key.namespace}/${key.name}` : key.name;
}

/** Reads what formatKey wrote. */
export function parseKey(text: string): ObjectKey {
  const slash = text.indexOf("/");
  return slash < 0 ? { name: text } : { namespace: text.slice(0, slash), name: text.slice(slash + 1) };
}

/** The key of an object by its metadata. */
export function keyOf(object: KubeObject): ObjectKey {
  const { namespace, name } = object.metadata;
  return namespace ? { namespace, name: name ?? "" } : { name: name ?? "" };
}
