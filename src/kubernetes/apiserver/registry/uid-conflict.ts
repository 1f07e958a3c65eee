// The refusal of a change that is meant for another object of the same name, in the words of upstream's store.

import { conflict, type KubeObject, type StatusError } from "#kubernetes/api";
import { groupResourceOf, type ServedResource, storageKey } from "./resources/served-resource.ts";
import { customStoragePrefix, storagePrefix } from "./resources/storage-prefix.ts";

export function uidConflict(resource: ServedResource, live: KubeObject, uid: string): StatusError {
  return preconditionConflict(resource, live, "UID", uid, live.metadata.uid ?? "");
}

export function versionConflict(resource: ServedResource, live: KubeObject, version: string): StatusError {
  return preconditionConflict(resource, live, "ResourceVersion", version, live.metadata.resourceVersion ?? "");
}

function preconditionConflict(
  resource: ServedResource,
  { metadata }: KubeObject,
  what: string,
  wanted: string,
  found: string,
): StatusError {
  const { namespace = "", name = "" } = metadata;
  const why = `Precondition failed: ${what} in precondition: ${wanted}, ${what} in object meta: ${found}`;
  const text = `StorageError: invalid object, Code: 4, Key: ${prefixOf(resource)}${storageKey(resource, namespace, name)}, ResourceVersion: 0, AdditionalErrorMsg: ${why}`;
  return conflict(groupResourceOf(resource), name, text);
}

function prefixOf({ custom, info }: ServedResource): string {
  return (custom ? customStoragePrefix : storagePrefix)(info.group, info.resource);
}
