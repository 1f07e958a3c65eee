// Brings an add-on's objects into a cluster, and takes out what an earlier version of it had brought: server-side apply and pruning.
// The parent object first names everything old and new, so that a crash anywhere leaves nothing that cannot be found.

import { isNotFound, keyOf, resources, type UnknownObject } from "#kubernetes/api";
import type { Client } from "#kubernetes/client";
import { UserError } from "#shared";
import { addonError, immutableFieldsOf, type ObjectProblem } from "./addon-error.ts";
import { type AddonObjects, identify } from "./addon-objects.ts";
import { allEnded } from "./all-ended.ts";
import {
  type AppliedRelease,
  type ApplySetMembers,
  addonOfParent,
  applySetId,
  contentOf,
  createParent,
  idLabel,
  labelMember,
  membersOf,
  parentName,
  partOfLabel,
  readParent,
  unite,
} from "./apply-set.ts";
import { type PlacedObjects, placeObjects } from "./place-objects.ts";
import { pruneMembers } from "./prune-members.ts";
import { isReplaceable } from "./replaceable.ts";
import { waitUntilGone, waitUntilReady } from "./wait-until.ts";
import { inWaves } from "./waves.ts";

export const fieldManager = "slipway";
const nothing: ApplySetMembers = { groupKinds: [], namespaces: [] };

export interface ApplyOptions {
  readonly signal: AbortSignal;
  /** Objects with changes that are impossible where they stand are deleted and made anew even where that stops pods. */
  readonly replace?: boolean;
  /** How long definitions may take to be established. Default: a minute. */
  readonly timeoutMs?: number;
  report?(detail: string): void;
}

export interface InstalledAddon extends AppliedRelease {
  readonly name: string;
}

/** The add-ons in the cluster, also those half installed (without `content`). */
export async function listInstalledAddons(client: Client, signal: AbortSignal): Promise<InstalledAddon[]> {
  const options = { namespace: "kube-system", labelSelector: idLabel, signal };
  const { items } = await client.list(resources.configMaps, options);
  return items.flatMap((item) => {
    const name = addonOfParent(item);
    const { content, version } = readParent(item);
    if (name === undefined) return [];
    return [{ name, ...(content !== undefined && { content }), ...(version !== undefined && { version }) }];
  });
}

/** Applies the objects, then removes what an earlier version of the add-on has left. Throws UserError naming every object refused. */
export async function applyAddon(client: Client, addon: AddonObjects, options: ApplyOptions): Promise<void> {
  const { signal } = options;
  const placed = await placeObjects(client, addon, signal);
  const before = (await getParent(client, addon.name, signal)) ?? nothing;
  const wanted = membersOf(placed.objects);
  const all = unite(before, wanted);
  await applyParent(client, createParent(addon.name, all), signal);
  await applyWaves(client, addon, placed, options);
  // On a first installation there is nothing to look for.
  if (before.groupKinds.length > 0) {
    const kept = new Set(placed.objects.map(identify));
    await pruneMembers(client, { addon: addon.name, members: all, kept, kinds: placed.kinds }, options);
  }
  const { version } = addon;
  const applied = { content: contentOf(addon), ...(version !== undefined && { version }) };
  await applyParent(client, createParent(addon.name, wanted, applied), signal);
}

async function applyWaves(
  client: Client,
  addon: AddonObjects,
  placed: PlacedObjects,
  options: ApplyOptions,
): Promise<void> {
  for (const { rank, objects } of inWaves(placed.objects)) {
    const problems: ObjectProblem[] = [];
    await allEnded(
      objects.map((object) => async () => {
        try {
          await applyMember(client, addon, { object, placed }, options);
        } catch (error) {
          options.signal.throwIfAborted();
          problems.push({ object, error });
        }
      }),
    );
    if (problems.length > 0) throw addonError(problems);
    if (rank === "definitions")
      await waitUntilReady(client, objects, { ...definitionsWait(addon), ...options, ...placed });
  }
}

const definitionsTimeoutMs = 60_000;

/** One whose names another one has already is never established. */
function definitionsWait({ name }: AddonObjects) {
  return {
    timeoutMs: definitionsTimeoutMs,
    title: `Definitions of add-on ${name} are`,
    hints: ["See which there are already: kubectl get customresourcedefinitions"],
  };
}

interface Member {
  readonly object: UnknownObject;
  readonly placed: PlacedObjects;
}

async function applyMember(
  client: Client,
  addon: AddonObjects,
  { object, placed }: Member,
  { signal, replace }: ApplyOptions,
): Promise<void> {
  const resource = placed.resourceOf(object);
  const key = keyOf(object);
  const live = await ignoreNotFound(client.get(resource, key, { signal }));
  refuseStranger(addon.name, live);
  const body = labelMember(addon.name, object);
  const apply = () => client.patch(resource, key, patchOf(addon, body), { fieldManager, signal });
  try {
    await apply();
  } catch (error) {
    if (!live || immutableFieldsOf(error).length === 0) throw error;
    if (!isReplaceable(object.kind!, replace ?? false)) throw error;
    await ignoreNotFound(client.delete(resource, key, { propagationPolicy: "Background", signal }));
    await waitUntilGone(client, { resource, key }, { signal });
    await apply();
  }
}

export function patchOf({ conflicts = "refuse" }: Pick<AddonObjects, "conflicts">, body: UnknownObject) {
  return { type: "apply", body, force: conflicts === "overwrite" } as const;
}

/** An object that another set holds would be torn between the two. */
export function refuseStranger(addon: string, live: UnknownObject | undefined): void {
  const owner = live?.metadata.labels?.[partOfLabel];
  if (owner === undefined || owner === applySetId(addon)) return;
  throw new UserError("belongs to another add-on already");
}

/** Removes everything the add-on has brought, and waits until it is gone; fine where it was never there. */
export async function removeAddon(client: Client, name: string, options: ApplyOptions): Promise<void> {
  const { signal } = options;
  const members = await getParent(client, name, signal);
  if (!members) return;
  const { kinds } = await placeObjects(client, { name, objects: [] }, signal);
  await pruneMembers(client, { addon: name, members, kept: new Set(), kinds }, options);
  const key = { namespace: "kube-system", name: parentName(name) };
  await ignoreNotFound(client.delete(resources.configMaps, key, { signal }));
}

export async function getParent(
  client: Client,
  name: string,
  signal: AbortSignal,
): Promise<(ApplySetMembers & AppliedRelease) | undefined> {
  const parent = await ignoreNotFound(
    client.get(resources.configMaps, { namespace: "kube-system", name: parentName(name) }, { signal }),
  );
  return parent && readParent(parent);
}

async function applyParent(client: Client, parent: UnknownObject, signal: AbortSignal): Promise<void> {
  const patch = { type: "apply", body: parent, force: true } as const;
  await client.patch(resources.configMaps, keyOf(parent), patch, { fieldManager, signal });
}

export async function ignoreNotFound<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
