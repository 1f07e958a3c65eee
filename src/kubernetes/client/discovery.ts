// Asks a server what it serves: every resource with its verbs, and which groups could not be asked.

import type { APIGroup, APIResource, Resource } from "#kubernetes/api";
import { parseApiVersion } from "#kubernetes/api";
import { describeError } from "#shared";
import type { Client } from "./client.ts";
import { getJson } from "./get-json.ts";

export interface DiscoveredResource {
  readonly resource: Resource;
  readonly verbs: readonly string[];
  /** True for one version of each resource: the one its group prefers, if it is served there. */
  readonly isPreferred: boolean;
}

export interface Discovery {
  readonly resources: readonly DiscoveredResource[];
  /** Group versions ("metrics.k8s.io/v1beta1") that gave no answer, with what was wrong. */
  readonly failures: ReadonlyMap<string, string>;
}

interface GroupVersion {
  readonly groupVersion: string;
  readonly path: string;
  readonly group: string;
}

/** Throws where the server cannot be asked at all; single groups that fail are in `failures`. */
export async function discoverResources(client: Client, signal?: AbortSignal): Promise<Discovery> {
  const versions = await listGroupVersions(client, signal);
  const failures = new Map<string, string>();
  const lists = await Promise.all(
    versions.map(async (version) => {
      try {
        return await listResources(client, version, signal);
      } catch (error) {
        failures.set(version.groupVersion, describeError(error));
        return [];
      }
    }),
  );
  return { resources: markPreferred(lists.flat()), failures };
}

/** The group versions, each group's preferred one first. */
async function listGroupVersions(client: Client, signal: AbortSignal | undefined): Promise<GroupVersion[]> {
  const [core, named] = await Promise.all([
    getJson<{ versions?: string[] }>(client, "/api", signal),
    getJson<{ groups?: APIGroup[] }>(client, "/apis", signal),
  ]);
  const found = (core.versions ?? []).map((version) => ({ groupVersion: version, path: `/api/${version}`, group: "" }));
  for (const { name, preferredVersion, versions } of named.groups ?? []) {
    const preferred = preferredVersion?.groupVersion ?? versions[0]?.groupVersion;
    const sorted = versions.map(({ groupVersion }) => groupVersion);
    sorted.sort((a, b) => Number(b === preferred) - Number(a === preferred));
    for (const groupVersion of sorted) found.push({ groupVersion, path: `/apis/${groupVersion}`, group: name });
  }
  return found;
}

async function listResources(
  client: Client,
  { groupVersion, path }: GroupVersion,
  signal: AbortSignal | undefined,
): Promise<Omit<DiscoveredResource, "isPreferred">[]> {
  const list = await getJson<{ resources?: APIResource[] }>(client, path, signal);
  const { group, version } = parseApiVersion(groupVersion);
  const objects = (list.resources ?? []).filter(({ name }) => !name.includes("/"));
  return objects.map(({ name, kind, namespaced, verbs }) => ({
    resource: { group, version, resource: name, kind, namespaced },
    verbs,
  }));
}

function markPreferred(found: readonly Omit<DiscoveredResource, "isPreferred">[]): DiscoveredResource[] {
  const seen = new Set<string>();
  return found.map((entry) => {
    const name = `${entry.resource.resource}.${entry.resource.group}`;
    const isPreferred = !seen.has(name);
    seen.add(name);
    return { ...entry, isPreferred };
  });
}
