// One object at the several versions of its API its managers speak.

import type { JsonObject } from "../patch/json-value.ts";
import { parseApiVersion } from "../resource.ts";
import type { Schema } from "../schema.ts";
import type { FieldFilter } from "./fields/field-filter.ts";
import { compareFields, type FieldChanges } from "./values/compare-fields.ts";

/** An object with its schema, at one version. */
export interface VersionedObject {
  readonly apiVersion: string;
  readonly object: JsonObject;
  readonly schema: Schema;
}

/** Converts an object to a version of its API; undefined for one that is not served any more. */
export type ConvertVersion = (
  object: JsonObject,
  apiVersion: string,
) => { readonly object: JsonObject; readonly schema: Schema } | undefined;

/** The version a request speaks, and what else decides how fields are told apart. */
export interface OwnershipScope {
  readonly apiVersion: string;
  readonly schema: Schema;
  /** Leaves out the fields this request cannot change. */
  readonly ownable?: FieldFilter | undefined;
  /** Default: versions of the same group are taken to be alike, and those of other groups to be gone. */
  readonly convert?: ConvertVersion | undefined;
}

/** An object that speaks the scope's version. */
export function atScope(object: JsonObject, scope: OwnershipScope): VersionedObject {
  return { apiVersion: scope.apiVersion, object, schema: scope.schema };
}

/** The object at another version; undefined where that version is gone. */
export function convertTo(
  from: VersionedObject,
  apiVersion: string,
  scope: OwnershipScope,
): VersionedObject | undefined {
  if (from.apiVersion === apiVersion) return from;
  if (scope.convert) {
    const converted = scope.convert(from.object, apiVersion);
    return converted && { apiVersion, ...converted };
  }
  if (parseApiVersion(apiVersion).group !== parseApiVersion(scope.apiVersion).group) return undefined;
  return { ...from, apiVersion };
}

/** What changed between two objects, at each version that is asked for. */
export class VersionedChanges {
  readonly #from: VersionedObject;
  readonly #to: VersionedObject;
  readonly #scope: OwnershipScope;
  readonly #known = new Map<string, FieldChanges | undefined>();

  constructor(from: JsonObject, to: JsonObject, scope: OwnershipScope) {
    this.#from = atScope(from, scope);
    this.#to = atScope(to, scope);
    this.#scope = scope;
  }

  /** The changes at the scope's version. */
  get own(): FieldChanges {
    return this.at(this.#scope.apiVersion)!;
  }

  /** undefined for a version that is gone. Throws ListItemError. */
  at(apiVersion: string): FieldChanges | undefined {
    if (!this.#known.has(apiVersion)) this.#known.set(apiVersion, this.#compare(apiVersion));
    return this.#known.get(apiVersion);
  }

  #compare(apiVersion: string): FieldChanges | undefined {
    const from = convertTo(this.#from, apiVersion, this.#scope);
    const to = convertTo(this.#to, apiVersion, this.#scope);
    if (!from || !to) return undefined;
    const changes = compareFields(from.object, to.object, from.schema);
    const { ownable } = this.#scope;
    return ownable ? { written: ownable(changes.written), removed: ownable(changes.removed) } : changes;
  }
}
