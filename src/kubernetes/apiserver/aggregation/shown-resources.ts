// Resources of another server as aggregated discovery shows them (apidiscovery.k8s.io/v2), also where the server itself has
// discovery of the older form only.

import type { APIResource } from "#kubernetes/api";

interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** As in the documents of apidiscovery.k8s.io/v2. */
export interface ShownResource {
  readonly resource: string;
  readonly responseKind?: GroupVersionKind;
  readonly scope: "Namespaced" | "Cluster";
  readonly singularResource: string;
  readonly verbs: readonly string[];
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly subresources?: readonly ShownSubresource[];
}

interface ShownSubresource {
  readonly subresource: string;
  readonly responseKind?: GroupVersionKind;
  readonly verbs: readonly string[];
}

interface DiscoveryList {
  readonly items?: readonly {
    readonly metadata?: { readonly name?: string };
    readonly versions?: readonly { readonly version: string; readonly resources?: readonly ShownResource[] }[];
  }[];
}

/** Those of one version in a document about all; none where it does not speak of it. */
export function readShownResources(document: unknown, group: string, version: string): readonly ShownResource[] {
  const { items = [] } = document as DiscoveryList;
  const found = items.find(({ metadata }) => (metadata?.name ?? "") === group);
  const resources = found?.versions?.find((each) => each.version === version)?.resources ?? [];
  const withKind = <T extends { readonly responseKind?: GroupVersionKind }>(each: T) => ({
    ...each,
    responseKind: each.responseKind ?? noKind,
  });
  // Clients of some ages break on a kind that is not there.
  return resources.map((each) => ({
    ...withKind(each),
    ...(each.subresources && { subresources: each.subresources.map(withKind) }),
  }));
}

const noKind: GroupVersionKind = { group: "", version: "", kind: "" };

/** From the list at /apis/<group>/<version>. */
export function showResources(
  listed: readonly APIResource[],
  own: { readonly group: string; readonly version: string },
): readonly ShownResource[] {
  const kindOf = ({ group, version, kind }: APIResource): GroupVersionKind =>
    version ? { group: group ?? "", version, kind } : { ...own, kind };
  const subresources = listed.filter(({ name }) => name.includes("/"));
  return listed
    .filter(({ name }) => !name.includes("/"))
    .map((each) => {
      const below = subresources
        .filter(({ name }) => name.startsWith(`${each.name}/`))
        .map((sub) => ({
          subresource: sub.name.slice(each.name.length + 1),
          responseKind: kindOf(sub),
          verbs: sub.verbs,
        }));
      return {
        resource: each.name,
        responseKind: kindOf(each),
        scope: each.namespaced ? "Namespaced" : "Cluster",
        singularResource: each.singularName,
        verbs: each.verbs,
        ...(each.shortNames?.length && { shortNames: each.shortNames }),
        ...(each.categories?.length && { categories: each.categories }),
        ...(below.length > 0 && { subresources: below }),
      };
    });
}
