// What an applier leaves out of its configuration goes from the object, unless somebody else owns it.

import type { JsonObject } from "../patch/json-value.ts";
import { difference, emptySet, type FieldSet, intersection, isEmptySet, union } from "./fields/field-set.ts";
import type { Manager } from "./managed-fields.ts";
import { withNamedFields } from "./values/field-set-schema.ts";
import { fieldsOf } from "./values/fields-of.ts";
import { removeFields } from "./values/remove-fields.ts";
import { atScope, convertTo, type OwnershipScope, type VersionedObject } from "./versions.ts";

interface Owners {
  /** The applier with what it owned by its last configuration. */
  readonly last: Manager | undefined;
  /** The applier with what it owns by its new one. */
  readonly current: Manager;
  /** Everybody else. */
  readonly others: readonly Manager[];
}

/**
 * The merged object without fields and items that the applier's last configuration had, that its new one has not, and that
 * nobody else owns. What nobody ever applied stays.
 */
export function pruneVanished(
  merged: JsonObject,
  { last, current, others }: Owners,
  scope: OwnershipScope,
): JsonObject {
  if (!last || isEmptySet(last.fields) || keepsAll(last, current)) return merged;
  const at = convertTo(atScope(merged, scope), last.apiVersion, scope);
  if (!at) return merged;
  const bare = { ...at, object: removeFields(at.object, withNamedFields(last.fields, at.schema), at.schema) };
  const owned = addBackOwned(at, bare, [...others, current], scope);
  const pruned = addBackNeverApplied(at, owned, last, scope);
  return convertTo(pruned, scope.apiVersion, scope)?.object ?? merged;
}

/** Whether the new configuration has all the last one had: then nothing can vanish. */
function keepsAll(last: Manager, current: Manager): boolean {
  return last.apiVersion === current.apiVersion && isEmptySet(difference(last.fields, current.fields));
}

/** Adds back what somebody owns, version by version, the version pruned at first. */
function addBackOwned(
  merged: VersionedObject,
  pruned: VersionedObject,
  managers: readonly Manager[],
  scope: OwnershipScope,
): VersionedObject {
  const ownedAt = new Map<string, FieldSet>();
  for (const manager of managers.toSorted((a, b) => Number(speaks(b, pruned)) - Number(speaks(a, pruned)))) {
    ownedAt.set(manager.apiVersion, union(ownedAt.get(manager.apiVersion) ?? emptySet, manager.fields));
  }
  let result = pruned;
  for (const [apiVersion, owned] of ownedAt) {
    const whole = convertTo(merged, apiVersion, scope);
    const part = convertTo(result, apiVersion, scope);
    if (whole && part) result = keepOwned(whole, part, owned);
  }
  return result;
}

function speaks(manager: Manager, { apiVersion }: VersionedObject): boolean {
  return manager.apiVersion === apiVersion;
}

/** The whole object without what neither the part has nor anybody owns. */
function keepOwned(whole: VersionedObject, part: VersionedObject, owned: FieldSet): VersionedObject {
  const { schema } = whole;
  const kept = union(namedFieldsOf(part), withNamedFields(owned, schema));
  return { ...whole, object: removeFields(whole.object, difference(namedFieldsOf(whole), kept), schema) };
}

/** Adds back what was pruned although the applier never applied it: it only lay below something the applier owned. */
function addBackNeverApplied(
  merged: VersionedObject,
  pruned: VersionedObject,
  last: Manager,
  scope: OwnershipScope,
): VersionedObject {
  const part = convertTo(pruned, last.apiVersion, scope);
  if (!part) return merged;
  const gone = difference(namedFieldsOf(merged), namedFieldsOf(part));
  const vanished = intersection(gone, withNamedFields(last.fields, merged.schema));
  return { ...merged, object: removeFields(merged.object, vanished, merged.schema) };
}

function namedFieldsOf({ object, schema }: VersionedObject): FieldSet {
  return withNamedFields(fieldsOf(object, schema), schema);
}
