// Takes out members of an add-on's set that it no longer has: what intercepts requests first, custom resources before those who tend
// them, definitions and namespaces last, each wave gone before the next.

import { formatApiVersion, isNotFound, keyOf, type Resource, type UnknownObject } from "#kubernetes/api";
import type { Client } from "#kubernetes/client";
import { groupKindOf, identify } from "./addon-objects.ts";
import { allEnded } from "./all-ended.ts";
import { type ApplySetMembers, applySetId, partOfLabel } from "./apply-set.ts";
import type { ObjectKinds } from "./object-kinds.ts";
import { waitUntilGone } from "./wait-until.ts";
import { inRemovalOrder } from "./waves.ts";

export interface Pruning {
  readonly addon: string;
  readonly members: ApplySetMembers;
  /** Identities of what stays. */
  readonly kept: ReadonlySet<string>;
  readonly kinds: ObjectKinds;
}

export interface PruneOptions {
  readonly signal: AbortSignal;
  report?(detail: string): void;
}

export async function pruneMembers(client: Client, pruning: Pruning, options: PruneOptions): Promise<void> {
  const { signal, report } = options;
  for (const groupKinds of inRemovalOrder(pruning.members.groupKinds)) {
    const found = await findMembers(client, { ...pruning, groupKinds }, signal);
    await allEnded(
      found.map(({ resource, object }) => async () => {
        const key = keyOf(object);
        try {
          await client.delete(resource, key, { propagationPolicy: "Background", signal });
        } catch (error) {
          if (!isNotFound(error)) throw error;
        }
        report?.(`removing ${resource.kind} ${object.metadata.name}`);
        await waitUntilGone(client, { resource, key }, { signal });
      }),
    );
  }
}

export interface FoundMember {
  readonly resource: Resource;
  /** With its apiVersion and kind. */
  readonly object: UnknownObject;
}

/** The set's members of these kinds that are not to stay. Kinds the cluster no longer has have none. */
export async function findMembers(
  client: Client,
  { addon, groupKinds, kept, kinds }: Omit<Pruning, "members"> & { readonly groupKinds: readonly string[] },
  signal: AbortSignal,
): Promise<FoundMember[]> {
  const labelSelector = `${partOfLabel}=${applySetId(addon)}`;
  const found = await Promise.all(
    groupKinds.map(async (groupKind): Promise<FoundMember[]> => {
      const resource = await kinds.findGroupKind(groupKind);
      if (!resource) return [];
      const items = await listOrNone(client, resource, { labelSelector, signal });
      return items
        .map((item) => ({
          resource,
          object: { ...item, apiVersion: formatApiVersion(resource), kind: resource.kind },
        }))
        .filter(({ object }) => groupKindOf(object) === groupKind && !kept.has(identify(object)));
    }),
  );
  return found.flat();
}

async function listOrNone(
  client: Client,
  resource: Resource,
  options: { labelSelector: string; signal: AbortSignal },
): Promise<readonly UnknownObject[]> {
  try {
    return (await client.list(resource, options)).items;
  } catch (error) {
    if (isNotFound(error)) return [];
    throw error;
  }
}
