// Objects cut down to their metadata, for clients that need no more.

import type { KubeObject, ListMeta } from "#kubernetes/api";

/** `apiVersion` is meta.k8s.io's. */
export function partialMetadata({ metadata }: KubeObject, apiVersion: string): KubeObject {
  return { kind: "PartialObjectMetadata", apiVersion, metadata };
}

export function partialMetadataList(objects: readonly object[], metadata: ListMeta, apiVersion: string): object {
  return {
    kind: "PartialObjectMetadataList",
    apiVersion,
    metadata,
    items: objects.map((object) => partialMetadata(object as KubeObject, apiVersion)),
  };
}
