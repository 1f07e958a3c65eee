// What applying an add-on would change, found out by the server itself: each object is applied as a dry run and compared with what is
// there. Changes nothing. Also how drift is found: fields that are no longer as they were applied.

import { isNotFound, keyOf, StatusError, type UnknownObject } from "#kubernetes/api";
import type { Client } from "#kubernetes/client";
import { describeError, UserError } from "#shared";
import { conflictsOf, type FieldConflict, immutableFieldsOf } from "./addon-error.ts";
import { type AddonObjects, identify } from "./addon-objects.ts";
import { allEnded } from "./all-ended.ts";
import { fieldManager, getParent, ignoreNotFound, refuseStranger } from "./apply-addon.ts";
import { contentOf, labelMember } from "./apply-set.ts";
import { diffObjects, type FieldDifference } from "./diff-fields.ts";
import { type PlacedObjects, placeObjects } from "./place-objects.ts";
import { findMembers } from "./prune-members.ts";

export type ObjectAction = "create" | "change" | "replace" | "remove" | "nothing";

export interface ObjectChange {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
  readonly action: ObjectAction;
  readonly fields: readonly FieldDifference[];
  /** Fields others have set differently: applying is refused, unless they are to be overwritten. */
  readonly conflicts?: readonly FieldConflict[];
  /** Fields that cannot change where the object stands. */
  readonly immutable?: readonly string[];
  /** Why the server would refuse the object altogether. */
  readonly problem?: string;
}

export interface AddonDiff {
  readonly addon: string;
  /** Whether what is wanted was applied once: differences are then drift. */
  readonly isApplied: boolean;
  /** Whether it is in the cluster, if only half. */
  readonly wasInstalled: boolean;
  /** The version in the cluster. */
  readonly installed?: string;
  readonly version?: string;
  readonly objects: readonly ObjectChange[];
  readonly hasChanges: boolean;
}

/** `addon` with no objects: what removing it would take away. */
export async function diffAddon(client: Client, addon: AddonObjects, signal: AbortSignal): Promise<AddonDiff> {
  const placed = await placeObjects(client, addon, signal);
  const parent = await getParent(client, addon.name, signal);
  const wanted = new Map<string, ObjectChange>();
  await allEnded(
    placed.objects.map((object) => async () => {
      wanted.set(identify(object), await diffObject(client, addon, { object, placed }, signal));
    }),
  );
  const kept = new Set(wanted.keys());
  const groupKinds = parent?.groupKinds ?? [];
  const { kinds } = placed;
  const gone = await findMembers(client, { addon: addon.name, groupKinds, kept, kinds }, signal);
  const changes = [
    ...placed.objects.map((object) => wanted.get(identify(object))!),
    ...gone.map(({ object }) => describeObject(object, "remove")),
  ];
  const isApplied = parent?.content === contentOf(addon);
  return {
    addon: addon.name,
    isApplied,
    wasInstalled: parent !== undefined,
    ...(parent?.version !== undefined && { installed: parent.version }),
    ...(addon.version !== undefined && { version: addon.version }),
    objects: changes,
    hasChanges: !isApplied || changes.some(({ action }) => action !== "nothing"),
  };
}

interface Subject {
  readonly object: UnknownObject;
  readonly placed: PlacedObjects;
}

async function diffObject(
  client: Client,
  addon: AddonObjects,
  { object, placed }: Subject,
  signal: AbortSignal,
): Promise<ObjectChange> {
  const resource = placed.resourceOf(object);
  const key = keyOf(object);
  const live = await ignoreNotFound(client.get(resource, key, { signal }));
  const found = { ...describeObject(object, live ? "nothing" : "create"), fields: [] };
  const body = labelMember(addon.name, object);
  const dryRun = (force: boolean) =>
    client.patch(resource, key, { type: "apply", body, force }, { fieldManager, dryRun: true, signal });
  try {
    refuseStranger(addon.name, live);
    return compare(found, live, await dryRun(addon.conflicts === "overwrite"));
  } catch (error) {
    signal.throwIfAborted();
    const conflicts = conflictsOf(error);
    if (conflicts.length > 0) return { ...compare(found, live, await dryRun(true)), conflicts };
    const immutable = immutableFieldsOf(error);
    if (immutable.length > 0 && live) return { ...found, action: "replace", immutable };
    // Its namespace or its kind comes with the add-on.
    if (!live && isNotFound(error)) return found;
    if (!(error instanceof StatusError || error instanceof UserError)) throw error;
    return { ...found, action: live ? "change" : "create", problem: describeError(error) };
  }
}

function compare(found: ObjectChange, live: UnknownObject | undefined, after: UnknownObject): ObjectChange {
  if (!live) return found;
  const identity = { apiVersion: found.apiVersion, kind: found.kind };
  const fields = diffObjects({ ...live, ...identity }, { ...after, ...identity });
  return { ...found, action: fields.length > 0 ? "change" : "nothing", fields };
}

function describeObject(object: UnknownObject, action: ObjectAction): ObjectChange {
  const { namespace, name = "" } = object.metadata;
  const { apiVersion = "", kind = "" } = object;
  return { apiVersion, kind, ...(namespace !== undefined && { namespace }), name, action, fields: [] };
}
