// Who owns what after an update or an apply: structured-merge-diff's Updater.

import { equalJson, type JsonObject } from "../patch/json-value.ts";
import type { Schema } from "../schema.ts";
import {
  difference,
  emptySet,
  equalSets,
  type FieldSet,
  fieldSetOf,
  intersection,
  isEmptySet,
  union,
} from "./fields/field-set.ts";
import { shareFields } from "./fields/shared-fields.ts";
import { isSameManager, type Manager, withFields } from "./managed-fields.ts";
import { pruneVanished } from "./prune.ts";
import { type FieldChanges, noChanges } from "./values/compare-fields.ts";
import { reconcileWithSchema } from "./values/field-set-schema.ts";
import { fieldsOf } from "./values/fields-of.ts";
import { mergeApplied } from "./values/merge-applied.ts";
import { atScope, convertTo, type OwnershipScope, VersionedChanges } from "./versions.ts";

/** Fields another manager owns that an apply would change. */
export interface Conflict {
  readonly manager: Manager;
  readonly fields: FieldSet;
}

/** What nobody owns: how the object is addressed, and what the server itself keeps. */
const neverOwned = fieldSetOf(
  ["apiVersion"],
  ["kind"],
  ["metadata"],
  ["metadata", "name"],
  ["metadata", "namespace"],
  ["metadata", "creationTimestamp"],
  ["metadata", "selfLink"],
  ["metadata", "uid"],
  ["metadata", "clusterName"],
  ["metadata", "generation"],
  ["metadata", "managedFields"],
  ["metadata", "resourceVersion"],
);

/** The managers after an update, and what the update itself wrote. */
export interface UpdateOutcome {
  /** Everybody without what the update wrote or removed; the updating manager's old entry is among them. */
  readonly others: readonly Manager[];
  /** What the updating manager owns of this update; empty when it changed nothing anybody can own. */
  readonly written: FieldSet;
}

/** Settles ownership after an update. Throws ListItemError. */
export function settleUpdate(
  live: JsonObject,
  updated: JsonObject,
  managers: readonly Manager[],
  scope: OwnershipScope,
): UpdateOutcome {
  const changes = new VersionedChanges(live, updated, scope);
  const others = takeAway(reconcileAll(live, managers, scope), (manager) => changes.at(manager.apiVersion));
  return { others, written: difference(changes.own.written, neverOwned) };
}

export interface ApplyOutcome {
  /** undefined when the object is as it was. */
  readonly object: JsonObject | undefined;
  readonly managers: readonly Manager[];
  /** Set, and the rest meaningless, when the apply is not forced and others own what it changes. */
  readonly conflicts: readonly Conflict[];
}

export interface ApplyWish {
  readonly live: JsonObject;
  readonly applied: JsonObject;
  readonly managers: readonly Manager[];
  /** The applier; its fields and time do not matter. */
  readonly applier: Manager;
  readonly force: boolean;
}

/** Merges an applied configuration and settles ownership. Throws ListItemError. */
export function settleApply(
  { live, applied, managers, applier, force }: ApplyWish,
  scope: OwnershipScope,
): ApplyOutcome {
  const before = reconcileAll(live, managers, scope);
  const last = before.find((manager) => isSameManager(manager, applier));
  const others = before.filter((manager) => manager !== last);
  const claimed = fieldsOf(applied, scope.schema);
  const mine: Manager = { ...applier, time: last?.time, fields: scope.ownable ? scope.ownable(claimed) : claimed };

  const merged = mergeApplied(live, applied, scope.schema);
  const object = pruneVanished(merged, { last, current: mine, others }, scope);

  const changes = new VersionedChanges(live, object, scope);
  const conflicts = conflictsOf(others, changes);
  if (!force && conflicts.length > 0) return { object: undefined, managers: [], conflicts };
  const remaining = takeAway(others, (manager) => changes.at(manager.apiVersion));
  return {
    object: equalJson(live, object) ? undefined : object,
    managers: [...remaining, unlessSame(last, mine)].filter(ownsSomething),
    conflicts: [],
  };
}

/** The applier's entry as it is kept; the old one where it says the same. */
function unlessSame(last: Manager | undefined, mine: Manager): Manager {
  const fields = difference(mine.fields, neverOwned);
  return last?.apiVersion === mine.apiVersion && equalSets(last.fields, fields) ? last : withFields(mine, fields);
}

function conflictsOf(others: readonly Manager[], changes: VersionedChanges): Conflict[] {
  return others
    .map((manager) => {
      const { written } = changes.at(manager.apiVersion) ?? noChanges;
      return { manager, fields: intersection(manager.fields, written) };
    })
    .filter(({ fields }) => !isEmptySet(fields));
}

/** The managers without what changed; those left with nothing, or speaking a version that is gone, are dropped. */
function takeAway(managers: readonly Manager[], changesFor: (manager: Manager) => FieldChanges | undefined): Manager[] {
  const remaining: Manager[] = [];
  for (const manager of managers) {
    const changes = changesFor(manager);
    if (!changes) continue;
    const kept = withFields(manager, difference(difference(manager.fields, changes.written), changes.removed));
    if (ownsSomething(kept)) remaining.push(kept);
  }
  return remaining;
}

/** Fits what managers own to the schema of today; drops those whose version is gone. */
function reconcileAll(live: JsonObject, managers: readonly Manager[], scope: OwnershipScope): Manager[] {
  const reconciled: Manager[] = [];
  for (const manager of managers) {
    const versioned = convertTo(atScope(live, scope), manager.apiVersion, scope);
    if (versioned) reconciled.push(withFields(manager, reconcileWithSchema(manager.fields, versioned.schema)));
  }
  return reconciled;
}

/** Adds what an update wrote to its manager. The time is that of the update. */
export function addWritten(
  others: readonly Manager[],
  updater: Omit<Manager, "fields" | "time">,
  { written, now, schema }: { readonly written: FieldSet; readonly now: string; readonly schema: Schema },
): readonly Manager[] {
  if (isEmptySet(written)) return others;
  const previous = others.find((manager) => isSameManager(manager, updater));
  const fields = shareFields({ ...updater, time: now }, union(previous?.fields ?? emptySet, written), schema);
  const current: Manager =
    previous && previous.time === now ? withFields(previous, fields) : { ...updater, time: now, fields };
  return previous ? others.map((manager) => (manager === previous ? current : manager)) : [...others, current];
}

function ownsSomething(manager: Manager): boolean {
  return !isEmptySet(manager.fields);
}
