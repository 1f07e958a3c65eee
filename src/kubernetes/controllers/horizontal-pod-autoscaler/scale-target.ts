// Finds and sets the size of what an autoscaler scales: anything that has a scale.

import {
  builtInResources,
  type CrossVersionObjectReference,
  isConflict,
  type KubeObject,
  parseApiVersion,
  type Resource,
  type Scale,
} from "#kubernetes/api";
import { type Client, discoverResources } from "#kubernetes/client";

export type ScaleResource = Resource<Scale & KubeObject>;

export interface ScaleTarget {
  readonly resource: ScaleResource;
  readonly scale: Scale & KubeObject;
}

/** Knows the resources of kinds: built-in ones from the table, others by asking, once. */
export class KindResources {
  readonly #client: Client;
  readonly #known = new Map<string, readonly Resource[]>();

  constructor(client: Client) {
    this.#client = client;
    for (const resource of builtInResources) {
      const key = `${resource.group}/${resource.kind}`;
      this.#known.set(key, [...(this.#known.get(key) ?? []), resource]);
    }
  }

  /** In the order of preference. Throws, in upstream's words, where there is no such kind. */
  async of(group: string, kind: string, signal: AbortSignal): Promise<readonly Resource[]> {
    const key = `${group}/${kind}`;
    const known = this.#known.get(key);
    if (known) return known;
    const { resources } = await discoverResources(this.#client, signal);
    const found = resources.map(({ resource }) => resource).filter((one) => one.group === group && one.kind === kind);
    if (found.length === 0)
      throw new Error(`no matches for kind ${JSON.stringify(kind)} in group ${JSON.stringify(group)}`);
    this.#known.set(key, found);
    return found;
  }

  /** To be asked anew: it was of no use. */
  forget(group: string, kind: string): void {
    const key = `${group}/${kind}`;
    if (!builtInResources.some((resource) => `${resource.group}/${resource.kind}` === key)) this.#known.delete(key);
  }
}

/** The first version of the kind that has a scale; throws what the first said where none has. */
export async function readScale(
  client: Client,
  resources: readonly Resource[],
  key: { readonly namespace: string; readonly name: string },
  signal: AbortSignal,
): Promise<ScaleTarget> {
  let problem: unknown;
  for (const found of resources) {
    const resource = found as unknown as ScaleResource;
    try {
      return { resource, scale: await client.get(resource, key, { subresource: "scale", signal }) };
    } catch (error) {
      problem ??= error;
    }
  }
  throw problem ?? new Error("unrecognized resource");
}

const mostTries = 5;

export async function writeScale(
  client: Client,
  { resource, scale }: ScaleTarget,
  replicas: number,
  signal: AbortSignal,
): Promise<void> {
  let latest = scale;
  for (let tries = 1; ; tries++) {
    try {
      const wished = { ...latest, spec: { ...latest.spec, replicas } };
      await client.update(resource, wished, { subresource: "scale", signal });
      return;
    } catch (error) {
      if (!isConflict(error) || tries === mostTries) throw error;
      const { namespace, name = "" } = scale.metadata;
      latest = await client.get(resource, { namespace, name }, { subresource: "scale", signal });
    }
  }
}

export function groupOf({ apiVersion = "" }: CrossVersionObjectReference): string {
  return parseApiVersion(apiVersion).group;
}
