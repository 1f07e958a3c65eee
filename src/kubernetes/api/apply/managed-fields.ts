// metadata.managedFields read into managers with sets of fields, and written back.

import type { ManagedFieldsEntry } from "../generated/types.ts";
import { marshalGo, quote } from "../go-format.ts";
import { equalJson } from "../patch/json-value.ts";
import { emptySet, type FieldSet, isEmptySet, readFieldSet } from "./fields/field-set.ts";
import { PathElementError } from "./fields/path-element.ts";

export type ManagerOperation = "Apply" | "Update";

/** Who owns a set of fields, and by which operation at which version. */
export interface Manager {
  readonly name: string;
  readonly operation: ManagerOperation;
  readonly apiVersion: string;
  /** "" for the main resource. */
  readonly subresource: string;
  /** RFC 3339; undefined when it never changed the object. */
  readonly time: string | undefined;
  readonly fields: FieldSet;
  /** The entry it was read from, as long as it says the same. */
  readonly entry?: ManagedFieldsEntry;
}

/** Managed fields nobody can read; the message is upstream's. */
export class ManagedFieldsError extends Error {
  override readonly name = "ManagedFieldsError";
}

/** What makes two entries the same manager: an applier stays the same at another version of the API. */
export function isSameManager(a: Omit<Manager, "time" | "fields">, b: Omit<Manager, "time" | "fields">): boolean {
  return (
    a.name === b.name &&
    a.operation === b.operation &&
    a.subresource === b.subresource &&
    (a.operation === "Apply" || a.apiVersion === b.apiVersion)
  );
}

/** The text upstream identifies a manager by; messages and orders follow it. */
export function identifierOf(manager: Omit<Manager, "time" | "fields">): string {
  return marshalGo({
    ...(manager.name !== "" && { manager: manager.name }),
    operation: manager.operation,
    ...(manager.operation === "Update" && { apiVersion: manager.apiVersion }),
    ...(manager.subresource !== "" && { subresource: manager.subresource }),
  });
}

/** Reads the entries of a stored object, which are canonical. Throws ManagedFieldsError. */
export function readStoredManagers(entries: readonly ManagedFieldsEntry[] | null | undefined): Manager[] {
  return readManagers(entries, storedFields);
}

/**
 * Reads the entries a client sent; those it sent back as they were stored are not read anew. Throws ManagedFieldsError.
 */
export function readSentManagers(
  entries: readonly ManagedFieldsEntry[] | null | undefined,
  stored: readonly ManagedFieldsEntry[] | null | undefined,
): Manager[] {
  if (entries === stored) return readStoredManagers(stored);
  const known = new Set(stored);
  const settled = entries?.map((entry) => stored?.find((one) => isSameEntry(one, entry)) ?? entry);
  return readManagers(settled, (entry) => (known.has(entry) ? storedFields(entry) : readSentFields(entry)));
}

/** What upstream would say of entries it cannot read, after admission changed them; undefined when it can. */
export function checkManagedFields(entries: readonly ManagedFieldsEntry[] | null | undefined): string | undefined {
  try {
    readSentManagers(entries, undefined);
    return undefined;
  } catch (error) {
    if (error instanceof ManagedFieldsError) return error.message;
    throw error;
  }
}

/** The entries of all managers that own something, in upstream's order; undefined for none. */
export function writeManagers(managers: readonly Manager[]): ManagedFieldsEntry[] | undefined {
  if (managers.length === 0) return undefined;
  return managers.toSorted(compareForOutput).map((manager) => manager.entry ?? makeEntry(manager));
}

/** A manager with other fields; its entry is written anew only when they differ. */
export function withFields(manager: Manager, fields: FieldSet): Manager {
  if (fields === manager.fields) return manager;
  const { entry: _, ...rest } = manager;
  return { ...rest, fields };
}

export function withTime(manager: Manager, time: string): Manager {
  if (time === manager.time) return manager;
  const { entry: _, ...rest } = manager;
  return { ...rest, time };
}

/** Seconds since 1970; 0 for none. */
export function secondsOf(time: string | undefined): number {
  const milliseconds = time === undefined ? 0 : Date.parse(time);
  return Number.isNaN(milliseconds) ? 0 : Math.floor(milliseconds / 1000);
}

function readManagers(
  entries: readonly ManagedFieldsEntry[] | null | undefined,
  fieldsOf: (entry: ManagedFieldsEntry) => FieldSet,
): Manager[] {
  const managers: Manager[] = [];
  for (const [index, entry] of (entries ?? []).entries()) {
    const manager = readManager(entry, index, fieldsOf);
    const twin = managers.findIndex((other) => isSameManager(other, manager));
    if (twin < 0) managers.push(manager);
    else managers[twin] = manager;
  }
  return managers;
}

function readManager(
  entry: ManagedFieldsEntry,
  index: number,
  fieldsOf: (entry: ManagedFieldsEntry) => FieldSet,
): Manager {
  const { operation, apiVersion = "", fieldsType = "" } = entry;
  if (operation !== "Apply" && operation !== "Update") {
    throw new ManagedFieldsError("operation must be `Apply` or `Update`");
  }
  if (apiVersion === "") throw new ManagedFieldsError("apiVersion must not be empty");
  if (fieldsType === "") throw new ManagedFieldsError(`missing fieldsType in managed fields entry ${index}`);
  if (fieldsType !== "FieldsV1") {
    throw new ManagedFieldsError(`invalid fieldsType ${quote(fieldsType)} in managed fields entry ${index}`);
  }
  const fields = fieldsOf(entry);
  const manager: Manager = {
    name: entry.manager ?? "",
    operation,
    apiVersion,
    subresource: entry.subresource ?? "",
    time: entry.time ?? undefined,
    fields,
  };
  return fields === entry.fieldsV1 ? { ...manager, entry } : manager;
}

function readSentFields(entry: ManagedFieldsEntry): FieldSet {
  try {
    const fields = readFieldSet(entry.fieldsV1);
    // Canonical already: the entry can stay as it is.
    return sameOrder(fields, entry.fieldsV1) ? (entry.fieldsV1 as FieldSet) : fields;
  } catch (error) {
    if (!(error instanceof PathElementError)) throw error;
    throw new ManagedFieldsError(`error decoding versioned set from managed fields: ${error.message}`);
  }
}

function sameOrder(fields: FieldSet, sent: unknown): boolean {
  return !isEmptySet(fields) && JSON.stringify(fields) === JSON.stringify(sent);
}

function isSameEntry(a: ManagedFieldsEntry, b: ManagedFieldsEntry): boolean {
  return a.manager === b.manager && a.operation === b.operation && a.subresource === b.subresource && equalJson(a, b);
}

function storedFields(entry: ManagedFieldsEntry): FieldSet {
  return (entry.fieldsV1 as FieldSet | undefined) ?? emptySet;
}

/** Appliers first, then by time, name, version and subresource. */
function compareForOutput(a: Manager, b: Manager): number {
  if (a.operation !== b.operation) return a.operation < b.operation ? -1 : 1;
  if (a.time !== b.time) {
    const seconds = secondsOf(a.time) - secondsOf(b.time);
    if (seconds !== 0) return seconds;
  }
  return (
    compareText(a.name, b.name) || compareText(a.apiVersion, b.apiVersion) || compareText(a.subresource, b.subresource)
  );
}

function compareText(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

function makeEntry(manager: Manager): ManagedFieldsEntry {
  return {
    ...(manager.name !== "" && { manager: manager.name }),
    operation: manager.operation,
    apiVersion: manager.apiVersion,
    ...(manager.time !== undefined && { time: manager.time }),
    fieldsType: "FieldsV1",
    fieldsV1: manager.fields as ManagedFieldsEntry["fieldsV1"] & object,
    ...(manager.subresource !== "" && { subresource: manager.subresource }),
  };
}
