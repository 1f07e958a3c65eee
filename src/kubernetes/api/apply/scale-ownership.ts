// Ownership of replicas across the scale subresource: a Scale has its own managedFields, made from those of the object it
// scales and folded back into them.

import type { ManagedFieldsEntry } from "../generated/types.ts";
import { difference, type FieldSet, fieldSetOf, hasPath, isEmptySet } from "./fields/field-set.ts";
import { fieldElement } from "./fields/path-element.ts";
import { isSameManager, type Manager, readStoredManagers, withFields, writeManagers } from "./managed-fields.ts";

/** Where replicas lie at each version of the scaled kind; null at a version without scale. */
export type ReplicasPaths = Readonly<Record<string, readonly string[] | null>>;

const scaleVersion = "autoscaling/v1";
const scaleReplicas = ["spec", "replicas"];

type Entries = readonly ManagedFieldsEntry[] | null | undefined;

/** The managedFields of a Scale: those who own the replicas of its object. */
export function scaleManagedFields(parent: Entries, paths: ReplicasPaths): ManagedFieldsEntry[] | undefined {
  const owners = readStoredManagers(parent)
    .filter((manager) => ownsReplicas(manager, paths[manager.apiVersion]))
    .map((manager) => renew(manager, scaleVersion, fieldSetOf(scaleReplicas)));
  return writeManagers(owners);
}

/**
 * The managedFields of the scaled object after its Scale was updated: who no longer owns the Scale's replicas loses the
 * object's; who came to own them owns the object's at `apiVersion`, without a time, as upstream has it. Entries of unknown
 * versions are dropped.
 */
export function managedFieldsAfterScale(
  parent: Entries,
  scale: Entries,
  { apiVersion, paths }: { readonly apiVersion: string; readonly paths: ReplicasPaths },
): ManagedFieldsEntry[] | undefined {
  const scaling = readStoredManagers(scale).filter((manager) => ownsReplicas(manager, scaleReplicas));
  const kept: Manager[] = [];
  for (const manager of readStoredManagers(parent)) {
    const path = paths[manager.apiVersion];
    if (path === undefined) continue;
    const lost = ownsReplicas(manager, path) && !scaling.some((one) => isSameWriter(one, manager));
    const rest = lost ? withFields(manager, difference(manager.fields, fieldSetOf(path ?? []))) : manager;
    if (!isEmptySet(rest.fields)) kept.push(rest);
  }
  const added = scaling
    .filter((one) => !kept.some((manager) => isSameWriter(one, manager)))
    .map((manager) => ({ ...renew(manager, apiVersion, fieldSetOf(paths[apiVersion] ?? [])), time: undefined }));
  return writeManagers([...kept, ...added]);
}

function ownsReplicas(manager: Manager, path: readonly string[] | null | undefined): boolean {
  return path !== null && path !== undefined && hasPath(manager.fields, path.map(fieldElement));
}

/** The same manager, whichever of the two versions it speaks. */
function isSameWriter(a: Manager, b: Manager): boolean {
  return isSameManager(a, { ...b, apiVersion: a.apiVersion });
}

function renew(manager: Manager, apiVersion: string, fields: FieldSet): Manager {
  const { entry: _, ...rest } = manager;
  return { ...rest, apiVersion, fields };
}
