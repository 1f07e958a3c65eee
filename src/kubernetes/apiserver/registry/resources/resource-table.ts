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
  group(name: string): ApiGroup | undefined;
  /** The same object until one of its resources changes: whoever makes something of it may keep that by it. */
  version(group: string, version: string): ApiVersion | undefined;
  /** The core group (""), then the others in discovery's order; built-in groups come first, others by name. */
  groups(): readonly ApiGroup[];
  /** Counts changes, for whoever keeps something made of the table. */
  readonly generation: number;
  /** Puts these in place of what `owner` had put there before. */
  replace(owner: string, resources: readonly ServedResource[]): void;
}

export function createResourceTable(builtIn: readonly ServedResource[]): ResourceTable {
  return new Table(builtIn);
}

/** What is served of a group; its documents' form is made again only when one of its resources changes. */
interface Group {
  readonly isBuiltIn: boolean;
  readonly resources: Set<ServedResource>;
  listed: ApiGroup | undefined;
}

class Table implements ResourceTable {
  readonly #resources = new Map<string, ServedResource>();
  readonly #groups = new Map<string, Group>();
  readonly #byOwner = new Map<string, readonly ServedResource[]>();
  readonly #builtIn: ReadonlySet<ServedResource>;
  #listed: readonly ApiGroup[] | undefined;
  #generation = 1;

  constructor(builtIn: readonly ServedResource[]) {
    this.#builtIn = new Set(builtIn);
    for (const resource of builtIn) this.#add(resource);
  }

  get generation(): number {
    return this.#generation;
  }

  find(group: string, version: string, resource: string): ServedResource | undefined {
    return this.#resources.get(`${group}/${version}/${resource}`);
  }

  findAny(group: string, resource: string): ServedResource | undefined {
    for (const { version } of this.#list(group)?.versions ?? []) {
      const found = this.find(group, version, resource);
      if (found) return found;
    }
    return undefined;
  }

  version(group: string, version: string): ApiVersion | undefined {
    return this.#list(group)?.versions.find((each) => each.version === version);
  }

  group(name: string): ApiGroup | undefined {
    return this.#list(name);
  }

  groups(): readonly ApiGroup[] {
    this.#listed ??= [...this.#groups]
      .sort(([a, first], [b, second]) => compareGroups(a, first, b, second))
      .map(([name]) => this.#list(name)!);
    return this.#listed;
  }

  replace(owner: string, resources: readonly ServedResource[]): void {
    for (const resource of this.#byOwner.get(owner) ?? []) this.#remove(resource);
    if (resources.length === 0) this.#byOwner.delete(owner);
    else this.#byOwner.set(owner, resources);
    for (const resource of resources) this.#add(resource);
    this.#listed = undefined;
    this.#generation++;
  }

  #add(resource: ServedResource): void {
    const { group: name, version, resource: plural } = resource.info;
    this.#resources.set(`${name}/${version}/${plural}`, resource);
    let group = this.#groups.get(name);
    if (!group) {
      group = { isBuiltIn: this.#builtIn.has(resource), resources: new Set(), listed: undefined };
      this.#groups.set(name, group);
    }
    group.resources.add(resource);
    group.listed = undefined;
  }

  #remove(resource: ServedResource): void {
    const { group: name, version, resource: plural } = resource.info;
    const key = `${name}/${version}/${plural}`;
    if (this.#resources.get(key) === resource) this.#resources.delete(key);
    const group = this.#groups.get(name)!;
    group.resources.delete(resource);
    group.listed = undefined;
    if (group.resources.size === 0) this.#groups.delete(name);
  }

  #list(name: string): ApiGroup | undefined {
    const group = this.#groups.get(name);
    if (!group) return undefined;
    group.listed ??= { name, versions: listVersions(name, group.resources, this.#builtIn) };
    return group.listed;
  }
}

/** Built-in groups in their own order, then the others by name. */
function compareGroups(a: string, first: Group, b: string, second: Group): number {
  if (first.isBuiltIn || second.isBuiltIn) return Number(second.isBuiltIn) - Number(first.isBuiltIn);
  return compareText(a, b);
}

/** Built-in resources stay in the order of their table, with its versions in order of preference; others are sorted. */
function listVersions(
  group: string,
  resources: ReadonlySet<ServedResource>,
  builtIn: ReadonlySet<ServedResource>,
): ApiVersion[] {
  const own = [...resources].filter((resource) => builtIn.has(resource));
  const added = [...resources].filter((resource) => !builtIn.has(resource)).sort(compareResources);
  const versions = new Map<string, ServedResource[]>();
  for (const resource of [...own, ...added]) {
    const { version } = resource.info;
    const list = versions.get(version);
    if (list) list.push(resource);
    else versions.set(version, [resource]);
  }
  return [...versions].map(([version, ofVersion]) => ({ group, version, resources: ofVersion }));
}

function compareResources(a: ServedResource, b: ServedResource): number {
  return compareVersions(a.info.version, b.info.version) || compareText(a.info.resource, b.info.resource);
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
