// The documents of unaggregated discovery: /api, /apis, a group, a version's resources.

import { createHash } from "node:crypto";
import { type APIGroup, type APIResource, formatApiVersion, type ResourceInfo } from "#kubernetes/api";
import type { ShownGroup } from "../aggregation/shown-groups.ts";
import type { ApiVersion } from "../registry/resources/resource-table.ts";
import type { ServedResource } from "../registry/resources/served-resource.ts";

/** The document at /api. `address` is where clients reach the server, as host:port. */
export function legacyVersions(group: ShownGroup, address: string): object {
  return {
    kind: "APIVersions",
    versions: group.versions.map(({ version }) => version),
    serverAddressByClientCIDRs: [{ clientCIDR: "0.0.0.0/0", serverAddress: address }],
  };
}

/** The document at /apis. */
export function groupList(groups: readonly ShownGroup[]): object {
  return { kind: "APIGroupList", apiVersion: "v1", groups: groups.map(describeGroup) };
}

/** The document at /apis/<group>. */
export function groupDocument(group: ShownGroup): object {
  return { kind: "APIGroup", apiVersion: "v1", ...describeGroup(group) };
}

function describeGroup({ name, versions }: ShownGroup): Pick<APIGroup, "name" | "versions" | "preferredVersion"> {
  const described = versions.map(({ version }) => ({
    groupVersion: formatApiVersion({ group: name, version }),
    version,
  }));
  return { name, versions: described, preferredVersion: described[0]! };
}

/** The document at /api/v1 or /apis/<group>/<version>. */
export function resourceList(version: ApiVersion): object {
  return {
    kind: "APIResourceList",
    ...(version.group !== "" && { apiVersion: "v1" }),
    groupVersion: formatApiVersion(version),
    resources: version.resources.flatMap((resource) => [
      describeResource(resource),
      ...describeSubresources(resource.info),
    ]),
  };
}

function describeResource({ info, custom }: ServedResource): Partial<APIResource> {
  const keepsObjects = info.verbs.includes("watch");
  const storedVersion = custom && { version: custom.storageVersion };
  return {
    name: info.resource,
    singularName: info.singular,
    namespaced: info.namespaced,
    kind: info.kind,
    verbs: [...info.verbs],
    ...(info.shortNames?.length && { shortNames: [...info.shortNames] }),
    ...(info.categories?.length && { categories: [...info.categories] }),
    ...(keepsObjects && { storageVersionHash: storageVersionHash({ ...info, ...storedVersion }) }),
  };
}

function describeSubresources(info: ResourceInfo): Partial<APIResource>[] {
  return (info.subresources ?? []).map(({ name, kind: [group, version, kind], verbs }) => ({
    name: `${info.resource}/${name}`,
    singularName: "",
    namespaced: info.namespaced,
    ...(version !== "" && { group, version }),
    kind,
    verbs: [...verbs],
  }));
}

/** As upstream's, so that clients see whether the stored form has changed. */
function storageVersionHash({ group, version, kind }: Pick<ResourceInfo, "group" | "version" | "kind">): string {
  return createHash("sha256").update(`${group}/${version}/${kind}`).digest().subarray(0, 8).toString("base64");
}
