// CREATE: defaults and managed fields, mutating admission, what the server owns, validation, validating admission, the store.

import { alreadyExists, type KubeObject, StatusError } from "#kubernetes/api";
import type { StoredObject } from "#kubernetes/store";
import type { AdmissionRequest } from "../admission/admission.ts";
import { type ObjectAnswer, warn } from "../call.ts";
import { admissionRequest } from "./admission-request.ts";
import { decodeBody } from "./bodies/body.ts";
import type { RegistryContext, ResourceCall } from "./context.ts";
import { trackWrite } from "./managed-fields.ts";
import {
  dropDuplicateOwners,
  fillSystemFields,
  generateName,
  settleNamespace,
  wipeSystemFields,
} from "./object-meta.ts";
import { readWriteOptions, type WriteOptions } from "./options/write-options.ts";
import {
  groupResourceOf,
  type HookContext,
  type ServedResource,
  showOne,
  storageKey,
} from "./resources/served-resource.ts";
import { validateNew } from "./validate.ts";

export async function createObject(context: RegistryContext, request: ResourceCall): Promise<ObjectAnswer> {
  const { admitted, options } = await admitNew(context, request);
  const document = await createAdmitted(context, request, admitted, options);
  return { kind: "object", status: 201, document, resource: request.resource };
}

export interface AdmittedObject {
  /** Its object is the caller's own. */
  readonly admitted: AdmissionRequest;
  readonly options: WriteOptions;
}

/** The object of a create from its body through mutating admission; the same for what is created by way of a subresource. */
export async function admitNew(
  context: RegistryContext,
  request: ResourceCall,
  { keepsSystemFields = false } = {},
): Promise<AdmittedObject> {
  const { call, resource } = request;
  const options = readWriteOptions(call.request.query, "CreateOptions");
  const object = decodeBody(request, options.fieldValidation);
  if (!keepsSystemFields) wipeSystemFields(object.metadata);
  settleNamespace(resource, object.metadata, call.info.namespace);
  dropDuplicateOwners(object, call, false);
  const tracked = await trackWrite(context, request, undefined, object, options.fieldManager);
  const admitted = admissionRequest(request, { operation: "CREATE", object: tracked, dryRun: options.dryRun });
  await context.admission.admit(admitted);
  return { admitted, options };
}

/** From mutating admission on: also the way of an apply or update that creates. */
export async function createAdmitted(
  context: RegistryContext,
  { call, resource }: ResourceCall,
  admitted: AdmissionRequest,
  options: Pick<WriteOptions, "dryRun">,
): Promise<Pick<StoredObject, "object">> {
  const object = admitted.object!;
  dropDuplicateOwners(object, call, true);
  const now = context.clock.now();
  const isNameGenerated = !object.metadata.name && Boolean(object.metadata.generateName);
  fillSystemFields(object.metadata, now);
  const hookContext: HookContext = { call, dryRun: options.dryRun };
  const finish = await resource.hooks?.beginCreate?.(object, hookContext);
  let succeeded = false;
  try {
    for (const text of resource.definition.preparationWarnings?.(object as never) ?? []) warn(call, text);
    prepareNew(resource, object, now);
    validateNew(resource, object, await resource.hooks?.askOthers?.(object, undefined, hookContext));
    for (const text of resource.definition.warnings?.(object as never, undefined) ?? []) warn(call, text);
    await context.admission.validate({ ...admitted, name: object.metadata.name ?? "" });
    const document = options.dryRun
      ? await checkAbsent(resource, object)
      : await putNew(resource, object, isNameGenerated);
    succeeded = true;
    return document;
  } finally {
    await finish?.(succeeded);
  }
}

function prepareNew({ definition }: ServedResource, object: KubeObject, now: number): void {
  if (definition.hasGeneration !== false) object.metadata.generation = 1;
  definition.prepareForCreate?.(object as never, now);
}

/** With a generated name, others are tried where one is taken, as often as upstream does. */
const mostNames = 8;

async function putNew(resource: ServedResource, object: KubeObject, isNameGenerated: boolean): Promise<StoredObject> {
  // As to upstream, what is no number is no version.
  if (/^0*[1-9][0-9]*$/.test(object.metadata.resourceVersion ?? "")) {
    const message = "resourceVersion should not be set on objects to be created";
    throw new StatusError({ code: 500, reason: "", message });
  }
  const storage = resource.storage!;
  const { collection, toStored } = storage;
  const ttlSeconds = resource.hooks?.timeToLive?.(object);
  const putOptions = ttlSeconds === undefined ? undefined : { ttlSeconds };
  for (let attempt = 1; ; attempt++) {
    const { namespace = "", name = "" } = object.metadata;
    const converted = toStored(object);
    const stored = converted instanceof Promise ? await converted : converted;
    const result = await collection.put(storageKey(resource, namespace, name), stored, 0, putOptions);
    if (result.written) return storage.prepare ? showOne(storage, result.stored) : storage.show(result.stored);
    if (!isNameGenerated || attempt === mostNames) throw takenError(resource, object, result.current);
    delete object.metadata.resourceVersion;
    object.metadata.name = generateName(object.metadata.generateName!);
  }
}

async function checkAbsent(resource: ServedResource, object: KubeObject): Promise<Pick<StoredObject, "object">> {
  const { namespace = "", name = "" } = object.metadata;
  const current = await resource.storage!.collection.get(storageKey(resource, namespace, name));
  if (current) throw takenError(resource, object, current);
  return { object };
}

/** With a generateName the name counts as generated, even where one was given. */
function takenError(
  resource: ServedResource,
  { metadata: { name = "", generateName: base } }: KubeObject,
  current: StoredObject | undefined,
): StatusError {
  const error = alreadyExists(groupResourceOf(resource), name);
  if (base) {
    const subject = error.message.replace(/ already exists$/, "");
    const message = `${subject} already exists, the server was not able to generate a unique name for the object`;
    const details = { ...error.details, retryAfterSeconds: 1 };
    return new StatusError({ code: 409, reason: "AlreadyExists", message, details });
  }
  if (!current?.object.metadata.deletionTimestamp) return error;
  const message = `object is being deleted: ${error.message}`;
  return new StatusError({
    code: 409,
    reason: "AlreadyExists",
    message,
    ...(error.details && { details: error.details }),
  });
}
