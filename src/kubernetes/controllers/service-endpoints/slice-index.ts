// Finds the slices of a service.

import type { EndpointSlice } from "#kubernetes/api";
import type { Informer, Lister } from "#kubernetes/client";

export const managedByLabel = "endpointslice.kubernetes.io/managed-by";
export const serviceNameLabel = "kubernetes.io/service-name";

const indexName = "service";

/** Adds the index slicesOfService uses. */
export function indexByService(slices: Informer<EndpointSlice>): Informer<EndpointSlice> {
  slices.addIndex(indexName, serviceKeys);
  return slices;
}

/** The slices labelled with the service's key ("namespace/name"), whoever manages them. */
export function slicesOfService(slices: Lister<EndpointSlice>, serviceKey: string): readonly EndpointSlice[] {
  return slices.byIndex(indexName, serviceKey);
}

/** The key of the service a slice belongs to; none where it is not labelled. */
export function serviceKeys({ metadata }: EndpointSlice): readonly string[] {
  const name = metadata.labels?.[serviceNameLabel];
  return name ? [`${metadata.namespace}/${name}`] : [];
}
