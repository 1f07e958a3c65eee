// Aggregated discovery (apidiscovery.k8s.io/v2): all groups, versions and resources in one document.

import type { ResourceInfo } from "#kubernetes/api";
import type { ShownGroup } from "../aggregation/shown-groups.ts";
import type { ShownResource } from "../aggregation/shown-resources.ts";

/** The document at /api (of the core group alone) or /apis (of all others). */
export function aggregatedDiscovery(groups: readonly ShownGroup[]): object {
  return {
    kind: "APIGroupDiscoveryList",
    apiVersion: "apidiscovery.k8s.io/v2",
    metadata: {},
    items: groups.map(({ name, versions }) => ({
      metadata: name === "" ? {} : { name },
      versions: versions.map(({ version: each, served }) => ({
        version: each,
        ...(served.by === "us"
          ? {
              resources: served.version.resources.map(({ info, custom }) =>
                describeResource(info, custom !== undefined),
              ),
              freshness: "Current",
            }
          : {
              ...(served.resources.length > 0 && { resources: served.resources }),
              freshness: served.freshness,
            }),
      })),
    })),
  };
}

/** Kinds of the very group and version are told without them, but those of custom resources. */
function describeResource(info: ResourceInfo, isCustom: boolean): ShownResource {
  const { group, version } = isCustom ? info : { group: "", version: "" };
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
