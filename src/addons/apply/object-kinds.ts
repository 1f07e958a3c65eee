// From an object's apiVersion and kind to the resource it is written to: the built-in ones by a table, others by what the add-on's own
// definitions say, or else by asking the server for that one group version.

import {
  type APIResource,
  builtInResources,
  formatApiVersion,
  isNotFound,
  parseApiVersion,
  type Resource,
  type UnknownObject,
} from "#kubernetes/api";
import { type Client, getJson } from "#kubernetes/client";

export interface ObjectKinds {
  /** Undefined where neither the server nor the add-on knows the kind. */
  find(apiVersion: string, kind: string): Promise<Resource | undefined>;
  /** In whichever version the server prefers: for "Role.rbac.authorization.k8s.io" or "ConfigMap". */
  findGroupKind(groupKind: string): Promise<Resource | undefined>;
}

/** `objects` are the add-on's, whose definitions are known before the server serves them. */
export function createObjectKinds(client: Client, objects: readonly UnknownObject[], signal: AbortSignal): ObjectKinds {
  const own = objects.flatMap(definedResources);
  const asked = new Map<string, Promise<readonly Resource[]>>();
  const ask = (groupVersion: string) => {
    const known = asked.get(groupVersion) ?? listGroupVersion(client, groupVersion, signal);
    asked.set(groupVersion, known);
    return known;
  };
  return {
    async find(apiVersion, kind) {
      const isIt = (resource: Resource) => resource.kind === kind && formatApiVersion(resource) === apiVersion;
      const known = builtInResources.find(isIt) ?? own.find(isIt);
      return known ?? (await ask(apiVersion)).find(isIt);
    },
    async findGroupKind(groupKind) {
      const [kind, ...rest] = groupKind.split(".");
      const group = rest.join(".");
      const isIt = (resource: Resource) => resource.kind === kind && resource.group === group;
      const known = builtInResources.find(isIt) ?? own.find(isIt);
      if (known) return known;
      const version = await preferredVersion(client, group, signal);
      return version === undefined ? undefined : (await ask(version)).find(isIt);
    },
  };
}

interface Definition {
  readonly group: string;
  readonly scope: string;
  readonly names: { readonly kind: string; readonly plural: string };
  readonly versions: readonly { readonly name: string; readonly served?: boolean }[];
}

export function isDefinition({ kind }: UnknownObject): boolean {
  return kind === "CustomResourceDefinition";
}

function definedResources(object: UnknownObject): Resource[] {
  if (!isDefinition(object)) return [];
  const { group, scope, names, versions } = object["spec"] as Definition;
  return versions.map(({ name }) => {
    return { group, version: name, resource: names.plural, kind: names.kind, namespaced: scope === "Namespaced" };
  });
}

async function listGroupVersion(client: Client, groupVersion: string, signal: AbortSignal): Promise<Resource[]> {
  const { group, version } = parseApiVersion(groupVersion);
  const path = group === "" ? `/api/${version}` : `/apis/${groupVersion}`;
  try {
    const { resources = [] } = await getJson<{ resources?: APIResource[] }>(client, path, signal);
    return resources
      .filter(({ name }) => !name.includes("/"))
      .map(({ name, kind, namespaced }) => ({ group, version, resource: name, kind, namespaced }));
  } catch (error) {
    if (isNotFound(error)) return [];
    throw error;
  }
}

async function preferredVersion(client: Client, group: string, signal: AbortSignal): Promise<string | undefined> {
  try {
    const answer = await getJson<{ preferredVersion?: { groupVersion?: string } }>(client, `/apis/${group}`, signal);
    return answer.preferredVersion?.groupVersion;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
