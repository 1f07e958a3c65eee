// Brings an add-on's objects into a cluster, and takes out what an earlier version of it had brought: server-side apply and pruning.
// The parent object first names everything old and new, so that a crash anywhere leaves nothing that cannot be found.

import { builtInResources, isNotFound, keyOf, type Resource, resources, type UnknownObject } from "#kubernetes/api";
import type { Client } from "#kubernetes/client";
import {
  type ApplySetMembers,
  applySetId,
  contentOf,
  createParent,
  groupKindOf,
  labelMember,
  membersOf,
  parentName,
  partOfLabel,
  readParent,
  unite,
} from "./apply-set.ts";

const fieldManager = "slipway";
const nothing: ApplySetMembers = { groupKinds: [], namespaces: [] };

export interface AddonObjects {
  readonly name: string;
  readonly objects: readonly UnknownObject[];
}

/** Whether just these objects were applied last, completely. Does not look at each of them. */
export async function isAddonApplied(client: Client, addon: AddonObjects, signal: AbortSignal): Promise<boolean> {
  const parent = await getParent(client, addon.name, signal);
  return parent?.content === contentOf(addon.objects);
}

/** Applies the objects, then removes what an earlier version of the add-on has left. */
export async function applyAddon(client: Client, addon: AddonObjects, signal: AbortSignal): Promise<void> {
  const { name, objects } = addon;
  const before = (await getParent(client, name, signal)) ?? nothing;
  const wanted = membersOf(objects);
  const all = unite(before, wanted);
  await applyObject(client, createParent(name, all), signal);
  for (const wave of inWaves(objects)) {
    await allEnded(wave.map((object) => applyObject(client, labelMember(name, object), signal)));
  }
  // On a first installation there is nothing to look for.
  if (before.groupKinds.length > 0) await prune(client, addon, all, signal);
  await applyObject(client, createParent(name, wanted, contentOf(objects)), signal);
}

/** Removes everything the add-on has brought; fine where it was never there. */
export async function removeAddon(client: Client, name: string, signal: AbortSignal): Promise<void> {
  const before = await getParent(client, name, signal);
  if (!before) return;
  await prune(client, { name, objects: [] }, before, signal);
  await ignoreNotFound(
    client.delete(resources.configMaps, { namespace: "kube-system", name: parentName(name) }, { signal }),
  );
}

/** Deletes the set's members that are not among the objects. */
async function prune(
  client: Client,
  addon: AddonObjects,
  members: ApplySetMembers,
  signal: AbortSignal,
): Promise<void> {
  const kept = new Set(addon.objects.map(identify));
  const labelSelector = `${partOfLabel}=${applySetId(addon.name)}`;
  for (const groupKind of members.groupKinds) {
    const resource = resourceOf(groupKind);
    const { items } = await client.list(resource, { labelSelector, signal });
    const gone = items.filter(
      (item) => !kept.has(identify({ ...item, apiVersion: apiVersionOf(resource), kind: resource.kind })),
    );
    await Promise.all(
      gone.map((item) =>
        ignoreNotFound(client.delete(resource, keyOf(item), { propagationPolicy: "Background", signal })),
      ),
    );
  }
}

async function getParent(client: Client, name: string, signal: AbortSignal) {
  const parent = await ignoreNotFound(
    client.get(resources.configMaps, { namespace: "kube-system", name: parentName(name) }, { signal }),
  );
  return parent && readParent(parent);
}

async function applyObject(client: Client, object: UnknownObject, signal: AbortSignal): Promise<void> {
  const patch = { type: "apply", body: object, force: true } as const;
  await client.patch(resourceOf(groupKindOf(object)), keyOf(object), patch, { fieldManager, signal });
}

/** As Promise.all, but when it rejects nothing is under way any more that could come after whatever is done next. */
async function allEnded(calls: readonly Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(calls);
  const failed = results.find((result) => result.status === "rejected");
  if (failed) throw failed.reason;
}

/** What others need comes first: namespaces and definitions of kinds. */
function inWaves(objects: readonly UnknownObject[]): UnknownObject[][] {
  const isFirst = ({ kind }: UnknownObject) => kind === "Namespace" || kind === "CustomResourceDefinition";
  return [objects.filter(isFirst), objects.filter((object) => !isFirst(object))].filter((wave) => wave.length > 0);
}

function identify(object: UnknownObject): string {
  const { namespace = "", name } = object.metadata;
  return `${groupKindOf(object)}/${namespace}/${name}`;
}

function resourceOf(groupKind: string): Resource<UnknownObject> {
  const [kind, ...group] = groupKind.split(".");
  const found = builtInResources.find((resource) => resource.kind === kind && resource.group === group.join("."));
  if (!found) throw new Error(`Cannot apply a ${groupKind}: it is no built-in kind`);
  return found;
}

function apiVersionOf({ group, version }: Resource<UnknownObject>): string {
  return group === "" ? version : `${group}/${version}`;
}

async function ignoreNotFound<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
