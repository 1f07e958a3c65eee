// metadata.managedFields after every write that is not a server-side apply: create, update, patch.

import type { KubeObject } from "../resource.ts";
import { capManagers } from "./cap-managers.ts";
import {
  ManagedFieldsError,
  type Manager,
  readSentManagers,
  readStoredManagers,
  writeManagers,
} from "./managed-fields.ts";
import { asJson, managedFieldsOf, metadataText, withManagedFields } from "./object-metadata.ts";
import { addWritten, settleUpdate } from "./ownership.ts";
import { ListItemError } from "./values/list-items.ts";
import { zeroObjectOf } from "./values/zero-object.ts";
import type { OwnershipScope } from "./versions.ts";

/** Who makes a request, and how its fields are told apart. */
export interface RequestOwnership extends OwnershipScope {
  /** The field manager: the option of that name, else the user agent's first part. "" becomes "unknown". */
  readonly manager: string;
  /** "status", "scale", …; "" or absent for the main resource. */
  readonly subresource?: string;
  /** RFC 3339 with whole seconds, as in metadata.creationTimestamp. */
  readonly now: string;
}

/**
 * The updated object with metadata.managedFields saying what the update wrote; neither object changes. `live` is the stored
 * object, undefined when this creates one; both speak the scope's version and carry defaults, and mutating admission comes
 * after: what it adds belongs to nobody. What the client sent as managedFields is heeded as upstream heeds it: [] and [{}]
 * end the tracking, other entries replace the stored ones, subresources keep the stored ones. Entries that say the same stay
 * the same objects. An object with items nobody can tell apart loses its managedFields.
 */
export function trackUpdate<T extends KubeObject>(live: T | undefined, updated: T, request: RequestOwnership): T {
  const managers = managersBefore(live, updated, request);
  const tracked = live === undefined || metadataText(asJson(live), "uid") === "" || managers.length > 0;
  if (!tracked) return withManagedFields(updated, undefined);
  // What does not change ownership must not be compared either.
  const comparable = withManagedFields(updated, managedFieldsOf(live));
  const before = live === undefined ? zeroObjectOf(request.schema) : asJson(live);
  try {
    const { others, written } = settleUpdate(before, asJson(comparable), managers, request);
    const after = capManagers(addWritten(others, updaterOf(request), { ...request, written }));
    return withManagedFields(comparable, entriesOf(after, managedFieldsOf(live)));
  } catch (error) {
    if (error instanceof ListItemError) return withManagedFields(updated, undefined);
    throw error;
  }
}

/** Makes up the manager of all an object held before anybody tracked it. */
export function trackBeforeFirstApply(live: KubeObject, request: RequestOwnership): readonly Manager[] {
  const bare = withManagedFields(live, undefined);
  const { others, written } = settleUpdate(zeroObjectOf(request.schema), asJson(bare), [], request);
  return addWritten(others, { ...updaterOf(request), name: "before-first-apply" }, { ...request, written });
}

/** The managers to begin with. Where what the client sent cannot be read, those of the stored object. */
function managersBefore(
  live: KubeObject | undefined,
  updated: KubeObject,
  request: RequestOwnership,
): readonly Manager[] {
  const stored = managedFieldsOf(live);
  const sent = managedFieldsOf(updated);
  if (!request.subresource) {
    if (isReset(sent)) return [];
    const managers = unlessUnreadable(() => readSentManagers(sent, stored));
    if (managers.length > 0) return managers;
  }
  return unlessUnreadable(() => readStoredManagers(stored));
}

function isReset(sent: ReturnType<typeof managedFieldsOf>): boolean {
  if (!sent) return false;
  return sent.length === 0 || (sent.length === 1 && Object.keys(sent[0] ?? {}).length === 0);
}

function unlessUnreadable(read: () => readonly Manager[]): readonly Manager[] {
  try {
    return read();
  } catch (error) {
    if (error instanceof ManagedFieldsError) return [];
    throw error;
  }
}

function updaterOf(request: RequestOwnership): Omit<Manager, "fields" | "time"> {
  return {
    name: request.manager === "" ? "unknown" : request.manager,
    operation: "Update",
    apiVersion: request.apiVersion,
    subresource: request.subresource ?? "",
  };
}

/** The entries; the stored list itself when it says the same. */
function entriesOf(
  managers: readonly Manager[],
  stored: ReturnType<typeof managedFieldsOf>,
): ReturnType<typeof managedFieldsOf> {
  const entries = writeManagers(managers);
  const same = entries?.length === stored?.length && entries?.every((entry, index) => entry === stored?.[index]);
  return same ? stored : entries;
}
