// Server-side apply: an applied configuration merged into the live object, with everybody's ownership settled.

import { isObject, type JsonObject } from "../patch/json-value.ts";
import { unforeseen } from "../patch/patch-errors.ts";
import { type KubeObject, parseApiVersion } from "../resource.ts";
import { badRequest } from "../status-error.ts";
import { conflictError, withoutConflictsOver } from "./conflicts.ts";
import { emptySet } from "./fields/field-set.ts";
import { allowedByLastApplied, hasLastApplied, withLastApplied } from "./last-applied.ts";
import {
  isSameManager,
  ManagedFieldsError,
  type Manager,
  readStoredManagers,
  withTime,
  writeManagers,
} from "./managed-fields.ts";
import { asJson, managedFieldsOf, metadataText, withManagedFields } from "./object-metadata.ts";
import { type ApplyOutcome, type ApplyWish, settleApply } from "./ownership.ts";
import { type RequestOwnership, trackBeforeFirstApply } from "./track-update.ts";
import { ListItemError } from "./values/list-items.ts";
import { validateApplied } from "./values/validate-applied.ts";

export interface ApplyRequest extends RequestOwnership {
  /** The kind the path stands for: the configuration must say the same. */
  readonly kind: string;
  /** Takes what others own, instead of answering with a conflict. */
  readonly force: boolean;
}

/** The manager that heeds the last-applied annotation of client-side apply, and keeps it up. */
const kubectl = "kubectl";

/**
 * The live object with the configuration applied and metadata.managedFields settled; `live` is undefined when this creates the
 * object. Neither argument changes. The result is not defaulted: what comes after decodes it as any other update. When
 * nothing changes but ownership, it is the live object with other managedFields, or that object itself.
 * Throws Conflict (409) with a cause for each field others own, BadRequest for a configuration of another kind or with
 * managedFields, and 500s in upstream's words for one that does not fit the schema.
 */
export function applyServerSide<T extends KubeObject>(
  live: T | undefined,
  applied: KubeObject,
  request: ApplyRequest,
): T {
  checkIdentity(asJson(applied), request);
  const managers = managersOf(live, request);
  const problem = validateApplied(applied, request.schema);
  if (problem !== undefined) throw unforeseen(`failed to create typed patch object (${describe(applied)}): ${problem}`);

  const current = (live ?? { apiVersion: request.apiVersion, kind: request.kind }) as T;
  const wish: ApplyWish = {
    live: asJson(withManagedFields(current, undefined)),
    applied: asJson(applied),
    managers,
    applier: applierOf(request),
    force: request.force,
  };
  const outcome = applyOrThrow(wish, request);
  const object = outcome.object ? (outcome.object as unknown as T) : current;
  const owned = withManagedFields(object, entriesAfter(outcome, wish.applier, request, live));
  return request.manager === kubectl ? keepLastApplied(owned, applied) : owned;
}

function checkIdentity(applied: JsonObject, request: ApplyRequest): void {
  if (applied["apiVersion"] !== request.apiVersion || applied["kind"] !== request.kind) {
    throw badRequest(`invalid object type: ${describeKind(applied)}`);
  }
  const metadata = applied["metadata"];
  if (isObject(metadata) && Array.isArray(metadata["managedFields"])) {
    throw badRequest("metadata.managedFields must be nil");
  }
}

/** The managers of the live object; one is made up for an object nobody tracked so far. */
function managersOf(live: KubeObject | undefined, request: ApplyRequest): readonly Manager[] {
  try {
    const managers = readStoredManagers(managedFieldsOf(live));
    return managers.length > 0 || !live ? managers : trackBeforeFirstApply(live, request);
  } catch (error) {
    if (error instanceof ManagedFieldsError) throw unforeseen(`failed to decode managed fields: ${error.message}`);
    if (error instanceof ListItemError) {
      throw unforeseen(`failed to create manager for existing fields: ${error.message}`);
    }
    throw error;
  }
}

function applyOrThrow(wish: ApplyWish, request: ApplyRequest): ApplyOutcome {
  const outcome = settle(wish, request);
  if (outcome.conflicts.length === 0) return outcome;
  if (request.manager !== kubectl) throw conflictError(outcome.conflicts);
  const conflicts = withoutConflictsOver(outcome.conflicts, allowedByLastApplied(wish.live, request));
  if (conflicts.length > 0) throw conflictError(conflicts);
  return settle({ ...wish, force: true }, request);
}

function settle(wish: ApplyWish, request: ApplyRequest): ApplyOutcome {
  try {
    return settleApply(wish, request);
  } catch (error) {
    if (error instanceof ListItemError) throw unforeseen(`failed to merge config: ${error.message}`);
    throw error;
  }
}

/** The entries after an apply. Only one that changed the object dates the applier's. */
function entriesAfter(outcome: ApplyOutcome, applier: Manager, request: ApplyRequest, live: KubeObject | undefined) {
  const dated = outcome.object
    ? outcome.managers.map((manager) => (isSameManager(manager, applier) ? withTime(manager, request.now) : manager))
    : outcome.managers;
  const entries = writeManagers(dated);
  const stored = managedFieldsOf(live);
  const same = entries?.length === stored?.length && entries?.every((entry, index) => entry === stored?.[index]);
  return same ? stored : entries;
}

function keepLastApplied<T extends KubeObject>(object: T, applied: KubeObject): T {
  if (!hasLastApplied(asJson(object))) return object;
  return withLastApplied(asJson(object), asJson(applied)) as unknown as T;
}

function applierOf(request: ApplyRequest): Manager {
  return {
    name: request.manager === "" ? "unknown" : request.manager,
    operation: "Apply",
    apiVersion: request.apiVersion,
    subresource: request.subresource ?? "",
    time: undefined,
    fields: emptySet,
  };
}

/** "namespace/name; group/version, Kind=kind". */
function describe(object: KubeObject): string {
  const json = asJson(object);
  return `${metadataText(json, "namespace")}/${metadataText(json, "name")}; ${describeKind(json)}`;
}

function describeKind(object: JsonObject): string {
  const { group, version } = parseApiVersion(typeof object["apiVersion"] === "string" ? object["apiVersion"] : "");
  return `${group}/${version}, Kind=${typeof object["kind"] === "string" ? object["kind"] : ""}`;
}
