// Aggregated discovery (apidiscovery.k8s.io/v2): all groups, versions and resources in one document.

import type { ResourceInfo } from "#kubernetes/api";
import type { ShownGroup } from "../aggregation/shown-groups.ts";
import type { ShownResource } from "../aggregation/shown-resources.ts";

/** The document at /api (of the core group alone) or /apis (of all others). */
export function aggregatedDiscovery(groups: readonly ShownGroup[], version: "v2" | "v2beta1"): object {
  return {
    kind: "APIGroupDiscoveryList",
    apiVersion: `apidiscovery.k8s.io/${version}`,
    metadata: {},
    items: groups.map(({ name, versions }) => ({
      metadata: { ...(name !== "" && { name }), creationTimestamp: null },
      versions: versions.map(({ version: each, served }) => ({
        version: each,
        ...(served.by === "us"
          ? { resources: served.version.resources.map(({ info }) => describeResource(info)), freshness: "Current" }
          : {
              ...(served.resources.length > 0 && { resources: served.resources }),
              freshness: served.freshness,
            }),
      })),
    })),
  };
}

function describeResource(info: ResourceInfo): ShownResource {
  const { group, version } = info;
  const subresources = (info.subresources ?? []).map(({ name, kind: [ownGroup, ownVersion, kind], verbs }) => ({
    subresource: name,
    responseKind: ownVersion === "" ? { group, version, kind } : { group: ownGroup, version: ownVersion, kind },
    verbs,
  }));
  return {
    resource: info.resource,
    responseKind: { group, version, kind: info.kind },
    scope: info.namespaced ? "Namespaced" : "Cluster",
    singularResource: info.singular,
    verbs: info.verbs,
    ...(info.shortNames?.length && { shortNames: info.shortNames }),
    ...(info.categories?.length && { categories: info.categories }),
    ...(subresources.length > 0 && { subresources }),
  };
}
