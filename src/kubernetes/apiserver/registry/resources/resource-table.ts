// Which resources are served at the moment, by group and version: the built-in ones and those that definitions have added.

import type { ServedResource } from "./served-resource.ts";

export interface ApiGroup {
  readonly name: string;
  /** In order of preference. */
  readonly versions: readonly ApiVersion[];
}

export interface ApiVersion {
  readonly group: string;
  readonly version: string;
  /** In discovery's order. */
  readonly resources: readonly ServedResource[];
}

export interface ResourceTable {
  find(group: string, version: string, resource: string): ServedResource | undefined;
  /** Any version of the resource, the preferred one first. */
  findAny(group: string, resource: string): ServedResource | undefined;
  version(group: string, version: string): ApiVersion | undefined;
  /** The core group (""), then the others in discovery's order; built-in groups come first, others by name. */
  groups(): readonly ApiGroup[];
  /** Counts changes, for whoever keeps something made of the table. */
  readonly generation: number;
  /** Puts these in place of what `owner` had put there before. */
  replace(owner: string, resources: readonly ServedResource[]): void;
}

export function createResourceTable(builtIn: readonly ServedResource[]): ResourceTable {
  const byOwner = new Map<string, readonly ServedResource[]>();
  let index = buildIndex(builtIn);
  let generation = 1;
  return {
    find: (group, version, resource) => index.resources.get(`${group}/${version}/${resource}`),
    findAny: (group, resource) => {
      for (const { version } of index.groupsByName.get(group)?.versions ?? []) {
        const found = index.resources.get(`${group}/${version}/${resource}`);
        if (found) return found;
      }
      return undefined;
    },
    version: (group, version) => index.groupsByName.get(group)?.versions.find((each) => each.version === version),
    groups: () => index.groups,
    get generation() {
      return generation;
    },
    replace(owner, resources) {
      if (resources.length === 0) byOwner.delete(owner);
      else byOwner.set(owner, resources);
      const added = [...byOwner.values()].flat().sort(compareResources);
      index = buildIndex([...builtIn, ...added]);
      generation++;
    },
  };
}

interface Index {
  readonly resources: ReadonlyMap<string, ServedResource>;
  readonly groups: readonly ApiGroup[];
  readonly groupsByName: ReadonlyMap<string, ApiGroup>;
}

function buildIndex(all: readonly ServedResource[]): Index {
  const resources = new Map<string, ServedResource>();
  const groups = new Map<string, Map<string, ServedResource[]>>();
  for (const resource of all) {
    const { group, version, resource: name } = resource.info;
    resources.set(`${group}/${version}/${name}`, resource);
    let versions = groups.get(group);
    if (!versions) {
      versions = new Map();
      groups.set(group, versions);
    }
    const list = versions.get(version);
    if (list) list.push(resource);
    else versions.set(version, [resource]);
  }
  const list = [...groups].map(([name, versions]) => ({
    name,
    versions: [...versions].map(([version, ofVersion]) => ({ group: name, version, resources: ofVersion })),
  }));
  return { resources, groups: list, groupsByName: new Map(list.map((group) => [group.name, group])) };
}

function compareResources(a: ServedResource, b: ServedResource): number {
  return (
    compareText(a.info.group, b.info.group) ||
    compareVersions(a.info.version, b.info.version) ||
    compareText(a.info.resource, b.info.resource)
  );
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Orders versions by preference: v2, v1, v1beta2, v1beta1, v1alpha1, then all others by name. */
export function compareVersions(a: string, b: string): number {
  const [first, second] = [rankOf(a), rankOf(b)];
  if (!first || !second) return first ? -1 : second ? 1 : compareText(a, b);
  return second.stability - first.stability || second.major - first.major || second.minor - first.minor;
}

function rankOf(version: string): { stability: number; major: number; minor: number } | undefined {
  const [, major, word, minor] = /^v([1-9]\d*)(?:(alpha|beta)([1-9]\d*))?$/.exec(version) ?? [];
  if (major === undefined) return undefined;
  return { stability: word === "alpha" ? 0 : word === "beta" ? 1 : 2, major: Number(major), minor: Number(minor ?? 0) };
}
