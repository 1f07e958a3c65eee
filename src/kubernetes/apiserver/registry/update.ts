// UPDATE, and what patches and subresources share with it: build the wished object from what there is, check it, write it if
// nobody else has written meanwhile, else begin again.

import {
  conflict,
  equalJson,
  type FieldError,
  invalid,
  invalidObject,
  type KubeObject,
  notFound,
  quote,
  revertNoopTimes,
  StatusError,
} from "#kubernetes/api";
import type { StoredObject } from "#kubernetes/store";
import { admitAll } from "../admission/admission.ts";
import { type ObjectAnswer, warn } from "../call.ts";
import { admissionRequest } from "./admission-request.ts";
import { authorizeCreate } from "./authorize-create.ts";
import { decodeBody } from "./bodies/body.ts";
import { copyJson } from "./bodies/copy.ts";
import type { RegistryContext, ResourceCall } from "./context.ts";
import { createAdmitted } from "./create.ts";
import { trackWrite } from "./managed-fields.ts";
import { checkName, dropDuplicateOwners, keepSystemFields, settleNamespace } from "./object-meta.ts";
import { readWriteOptions, type WriteOptions } from "./options/write-options.ts";
import { groupResourceOf, type HookContext, showOne, storageKey } from "./resources/served-resource.ts";
import { uidConflict } from "./uid-conflict.ts";
import { strategyFor, type UpdateStrategy } from "./update-strategy.ts";
import { validateChange } from "./validate.ts";

export async function updateObject(context: RegistryContext, request: ResourceCall): Promise<ObjectAnswer> {
  const { call } = request;
  const options = readWriteOptions(call.request.query, "UpdateOptions");
  const decode = (): KubeObject => {
    const object = decodeBody(request, options.fieldValidation);
    settleNamespace(request.resource, object.metadata, call.info.namespace);
    checkName(object, call.info.name);
    dropDuplicateOwners(object, call, false);
    return object;
  };
  // What is wrong with the body is told before anything about the object it is for.
  let decoded: KubeObject | undefined = decode();
  const build = (live: KubeObject | undefined): KubeObject | Promise<KubeObject> => {
    const object = decoded ?? decode();
    decoded = undefined;
    checkUid(request, object, live);
    return trackWrite(context, request, live, object, options.fieldManager);
  };
  return writeObject(context, request, { build, options });
}

export interface WriteSpec {
  /** The wished object, the caller's own, from what there is now; called again when another write came between. */
  readonly build: (live: KubeObject | undefined) => KubeObject | Promise<KubeObject>;
  readonly options: WriteOptions;
  /** A missing object is created (server-side apply). */
  readonly createsMissing?: boolean;
  /** Default: the resource's own, or its subresource's. */
  readonly strategy?: UpdateStrategy;
  /** Admission has seen the change in another form (a Scale). */
  readonly skipsAdmission?: boolean;
}

/** Writes an object by the whole way an update takes. Status 201 where it had to be created. */
export async function writeObject(
  context: RegistryContext,
  request: ResourceCall,
  spec: WriteSpec,
): Promise<ObjectAnswer> {
  const { call, resource } = request;
  const { name } = call.info;
  const strategy = spec.strategy ?? strategyFor(request);
  const mayCreate =
    spec.createsMissing || (resource.definition.allowCreateOnUpdate === true && request.subresource === "");
  const storage = resource.storage!;
  let stored = await storage.collection.get(storageKey(resource, call.info.namespace, name));
  for (;;) {
    const shown = stored && (storage.prepare ? await showOne(storage, stored) : storage.show(stored));
    if (!shown) {
      if (!mayCreate) throw notFound(groupResourceOf(resource), name);
      return createMissing(context, request, spec);
    }
    const outcome = await tryUpdate(context, request, spec, strategy, shown);
    if (outcome.kind === "done") return { kind: "object", status: 200, document: outcome.document, resource };
    stored = outcome.current;
  }
}

async function createMissing(context: RegistryContext, request: ResourceCall, spec: WriteSpec): Promise<ObjectAnswer> {
  const object = await spec.build(undefined);
  const admitted = admissionRequest(request, { operation: "CREATE", object, dryRun: spec.options.dryRun });
  await context.admission.admit(admitted);
  await authorizeCreate(context, request);
  const document = await createAdmitted(context, request, admitted, spec.options);
  return { kind: "object", status: 201, document, resource: request.resource };
}

type Outcome =
  | { readonly kind: "done"; readonly document: Pick<StoredObject, "object"> }
  | { readonly kind: "overtaken"; readonly current: StoredObject | undefined };

async function tryUpdate(
  context: RegistryContext,
  request: ResourceCall,
  spec: WriteSpec,
  strategy: UpdateStrategy,
  shown: StoredObject,
): Promise<Outcome> {
  const { call, resource } = request;
  const { dryRun } = spec.options;
  const live = shown.object;
  let object = await spec.build(live);
  const admission = spec.skipsAdmission ? admitAll : context.admission;
  const admitted = admissionRequest(request, { operation: "UPDATE", object, oldObject: live, dryRun });
  await admission.admit(admitted);
  dropDuplicateOwners(object, call, true);
  settleVersion(request, object, live);
  const hookContext: HookContext = { call, dryRun };
  const ofStatus = request.subresource === "status" ? resource.hooks?.askOthersOfStatus : undefined;
  const finish = strategy.isMain ? await resource.hooks?.beginUpdate?.(object, live, hookContext) : undefined;
  let succeeded = false;
  try {
    prepareChange(context, request, strategy, object, live);
    const asked = strategy.isMain ? resource.hooks?.askOthers : ofStatus;
    const first = asked ? await asked(object, live, hookContext) : [];
    checkChange(request, strategy, object, live, first);
    object = revertNoopTimes(live, object);
    await admission.validate({ ...admitted, object });
    const outcome = await commit(request, object, shown, dryRun);
    succeeded = outcome.kind === "done";
    return outcome;
  } finally {
    await finish?.(succeeded);
  }
}

/** An object without a version takes the present one, where the kind allows it; with another it has come too late. */
function settleVersion({ resource }: ResourceCall, object: KubeObject, live: KubeObject): void {
  const { name = "" } = live.metadata;
  const given = object.metadata.resourceVersion;
  if (given && !/^[0-9]+$/.test(given)) {
    const message = `strconv.ParseUint: parsing ${quote(given)}: invalid syntax`;
    throw new StatusError({ code: 500, reason: "", message });
  }
  if (!given || Number(given) === 0) {
    if (resource.definition.allowUnconditionalUpdate === false) {
      const kind = { group: resource.info.group, kind: resource.info.resource };
      throw invalidObject(kind, name, [invalid("metadata.resourceVersion", 0, "must be specified for an update")]);
    }
    object.metadata.resourceVersion = live.metadata.resourceVersion!;
  } else if (given !== live.metadata.resourceVersion) {
    throw conflict(groupResourceOf(resource), name);
  }
}

/** A uid in the body is a precondition. Where upstream creates what is missing, that has none. */
function checkUid({ resource, call }: ResourceCall, object: KubeObject, live: KubeObject | undefined): void {
  const { uid } = object.metadata;
  if (!uid || uid === live?.metadata.uid) return;
  const { namespace, name } = call.info;
  if (live) throw uidConflict(resource, live, uid);
  if (resource.definition.allowCreateOnUpdate)
    throw uidConflict(resource, { ...object, metadata: { namespace, name } }, uid);
}

function prepareChange(
  context: RegistryContext,
  { call, resource }: ResourceCall,
  strategy: UpdateStrategy,
  object: KubeObject,
  live: KubeObject,
): void {
  settleNamespace(resource, object.metadata, call.info.namespace);
  if (live.metadata.generation === undefined) delete object.metadata.generation;
  else object.metadata.generation = live.metadata.generation;
  strategy.prepare(object, live, context.clock.now());
  keepSystemFields(object, live);
}

function checkChange(
  { call, resource }: ResourceCall,
  strategy: UpdateStrategy,
  object: KubeObject,
  live: KubeObject,
  first: readonly FieldError[],
): void {
  const { check, metadataChecks } = strategy;
  validateChange(resource, object, live, { check, metadataChecks, first, warn: (text) => warn(call, text) });
  for (const text of strategy.warnings(object, live)) warn(call, text);
}

async function commit(
  request: ResourceCall,
  object: KubeObject,
  shown: StoredObject,
  dryRun: boolean,
): Promise<Outcome> {
  const { resource, call } = request;
  const storage = resource.storage!;
  const { collection, toStored } = storage;
  const live = shown.object;
  if (isLastFinalizerGone(object, live) && !resource.hooks?.keepWhileDeleting?.(object)) {
    if (dryRun) return { kind: "done", document: { object } };
    const result = await collection.delete(shown.key, shown.revision);
    if (!result.written) return { kind: "overtaken", current: result.current };
    await resource.hooks?.afterDelete?.(result.stored.object, { call, dryRun });
    return { kind: "done", document: { object } };
  }
  const isSame = object === live || equalJson(object, live);
  if (isSame && !storage.isStale?.(shown)) return { kind: "done", document: shown };
  if (dryRun) return { kind: "done", document: { object } };
  const ttlSeconds = resource.hooks?.timeToLive?.(object);
  const putOptions = ttlSeconds === undefined ? undefined : { ttlSeconds };
  // What is written belongs to the store, what was read is shared.
  const converted = toStored(object === live ? copyJson(object) : object);
  const stored = converted instanceof Promise ? await converted : converted;
  const result = await collection.put(shown.key, stored, shown.revision, putOptions);
  if (result.written) return { kind: "done", document: await showOne(storage, result.stored) };
  return { kind: "overtaken", current: result.current };
}

/** An object that is being deleted goes with its last finalizer, once no grace period holds it. */
function isLastFinalizerGone(object: KubeObject, live: KubeObject): boolean {
  if (object.metadata.finalizers?.length || live.metadata.deletionTimestamp === undefined) return false;
  return !live.metadata.deletionGracePeriodSeconds;
}
