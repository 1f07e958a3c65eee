// An update that changes nothing but times in managedFields is no update: the times go back, so that nothing is stored.

import type { ManagedFieldsEntry } from "../generated/types.ts";
import { equalJson } from "../patch/json-value.ts";
import type { KubeObject } from "../resource.ts";
import { asJson, managedFieldsOf, withManagedFields } from "./object-metadata.ts";

/**
 * The updated object, or the live one when they differ only in the times of managedFields entries. Called last before an
 * update is stored, after admission and validation.
 */
export function revertNoopTimes<T extends KubeObject>(live: T, updated: T): T {
  const before = managedFieldsOf(live) ?? [];
  const after = managedFieldsOf(updated) ?? [];
  if (before === after || before.length !== after.length) return updated;
  if (after.every((entry, index) => entry.time === before[index]?.time)) return updated;
  if (!after.every((entry, index) => equalButForTime(entry, before[index]))) return updated;
  const timeless = withManagedFields(updated, managedFieldsOf(live));
  return equalJson(asJson(timeless), asJson(live)) ? live : updated;
}

function equalButForTime(a: ManagedFieldsEntry, b: ManagedFieldsEntry | undefined): boolean {
  const { time: _, ...mine } = a;
  const { time: __, ...other } = b ?? {};
  return equalJson(mine, other);
}
