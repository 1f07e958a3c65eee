// All groups and versions that can be asked for here, whoever answers for them, in the order that their APIServices say.

import { type ApiVersion, compareVersions, type ResourceTable } from "../registry/resources/resource-table.ts";
import type { ApiServices } from "./api-services.ts";
import type { RemoteDiscovery, RemoteVersion } from "./remote-discovery.ts";

export interface ShownVersion {
  readonly group: string;
  readonly version: string;
  /** What is served here, or what another server says. */
  readonly served: { readonly by: "us"; readonly version: ApiVersion } | ({ readonly by: "other" } & RemoteVersion);
}

export interface ShownGroup {
  readonly name: string;
  /** The preferred one first. */
  readonly versions: readonly ShownVersion[];
}

export interface ShownGroups {
  /** The core group (""), this list's own group (apiregistration.k8s.io), then all others by priority. */
  all(): readonly ShownGroup[];
  group(name: string): ShownGroup | undefined;
  /** Another text whenever anything may have changed. */
  readonly generation: string;
}

export interface ShownGroupsParts {
  readonly table: ResourceTable;
  readonly services: ApiServices;
  readonly discovery: RemoteDiscovery;
}

export function createShownGroups(parts: ShownGroupsParts): ShownGroups {
  const { table, services, discovery } = parts;
  const generationNow = () => `${table.generation}/${services.generation}/${discovery.generation}`;
  let kept: ReadonlyMap<string, ShownGroup> = new Map();
  let generation = "";
  const current = () => {
    const now = generationNow();
    if (generation !== now) {
      kept = new Map(listGroups(parts).map((group) => [group.name, group]));
      generation = now;
    }
    return kept;
  };
  return {
    all: () => [...current().values()],
    group: (name) => current().get(name),
    get generation() {
      return generationNow();
    },
  };
}

function listGroups({ table, services, discovery }: ShownGroupsParts): readonly ShownGroup[] {
  const versions = new Map<string, ShownVersion[]>();
  const add = (version: ShownVersion) => {
    const list = versions.get(version.group);
    if (list) list.push(version);
    else versions.set(version.group, [version]);
  };
  for (const group of table.groups()) {
    for (const version of group.versions) {
      if (services.remote(group.name, version.version)) continue;
      add({ group: group.name, version: version.version, served: { by: "us", version } });
    }
  }
  for (const [name, { spec }] of services.remotes) {
    add({ group: spec.group ?? "", version: spec.version ?? "", served: { by: "other", ...discovery.of(name) } });
  }
  return [...versions].map((entry) => rankGroup(services, entry)).sort(compareGroups);
}

interface RankedGroup extends ShownGroup {
  readonly priority: number;
  /** The name of the APIService that has this priority. */
  readonly by: string;
}

/** Of what nobody has given a priority yet (a definition's APIService comes a moment after it), as definitions get it. */
const defaultPriority = { group: 1000, version: 100 };
const alwaysFirst = ["", "apiregistration.k8s.io"];

function rankGroup(services: ApiServices, [name, versions]: [string, ShownVersion[]]): RankedGroup {
  const ranked = versions.map((shown) => ({
    shown,
    priority: services.priorityOf(name, shown.version) ?? defaultPriority,
  }));
  const priority = Math.max(...ranked.map((each) => each.priority.group));
  const highest = ranked.filter((each) => each.priority.group === priority).map(({ shown }) => shown.version);
  ranked.sort((a, b) => b.priority.version - a.priority.version || compareVersions(a.shown.version, b.shown.version));
  return { name, versions: ranked.map(({ shown }) => shown), priority, by: `${highest.sort()[0]}.${name}` };
}

function compareGroups(a: RankedGroup, b: RankedGroup): number {
  const [first, second] = [alwaysFirst.indexOf(a.name), alwaysFirst.indexOf(b.name)];
  if (first >= 0 || second >= 0)
    return (first < 0 ? alwaysFirst.length : first) - (second < 0 ? alwaysFirst.length : second);
  return b.priority - a.priority || (a.by < b.by ? -1 : a.by > b.by ? 1 : 0);
}
