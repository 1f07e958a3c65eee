// DELETE: at once, or by a mark that finalizers and grace periods hold on to until the last of them lets go.

import {
  type DeleteOptions,
  equalJson,
  type KubeObject,
  notFound,
  type ObjectMeta,
  type Status,
} from "#kubernetes/api";
import type { StoredObject } from "#kubernetes/store";
import { type Document, type ObjectAnswer, warn } from "../call.ts";
import { admissionRequest } from "./admission-request.ts";
import { readDeleteOptions } from "./bodies/delete-body.ts";
import type { RegistryContext, ResourceCall } from "./context.ts";
import { finalizersOfDelete } from "./garbage-finalizers.ts";
import { beginGracefulDelete, checkPreconditions } from "./graceful-delete.ts";
import { formatTime } from "./object-meta.ts";
import { groupResourceOf, showOne, storageKey } from "./resources/served-resource.ts";

export async function deleteObject(context: RegistryContext, request: ResourceCall): Promise<ObjectAnswer> {
  const options = readDeleteOptions(request);
  warnOfDelete(request, options);
  const { document, isGone } = await removeObject(context, request, request.call.info.name, options);
  const isAccepted = !isGone && options.orphanDependents === false;
  return { kind: "object", status: isAccepted ? 202 : 200, document, resource: request.resource };
}

/** Some kinds leave their dependents behind where nothing is said of them. */
export function warnOfDelete({ call, resource }: ResourceCall, options: DeleteOptions): void {
  const { deleteWarning } = resource.definition;
  const isSaid = options.propagationPolicy !== undefined || options.orphanDependents !== undefined;
  if (deleteWarning !== undefined && !isSaid) warn(call, deleteWarning);
}

export interface Removal {
  /** The object as it is left, or a Status where it is gone for good. */
  readonly document: Document;
  readonly isGone: boolean;
}

/** Deletes by the whole way a DELETE takes. Throws NotFound, Conflict, Invalid. */
export async function removeObject(
  context: RegistryContext,
  request: ResourceCall,
  name: string,
  options: DeleteOptions,
): Promise<Removal> {
  const { resource, call } = request;
  const storage = resource.storage!;
  let stored = await storage.collection.get(storageKey(resource, call.info.namespace, name));
  for (;;) {
    if (!stored) throw notFound(groupResourceOf(resource), name);
    const outcome = await tryRemove(context, request, await showOne(storage, stored), options);
    if (outcome.kind === "done") return outcome.removal;
    stored = outcome.current;
  }
}

type Outcome =
  | { readonly kind: "done"; readonly removal: Removal }
  | { readonly kind: "overtaken"; readonly current: StoredObject | undefined };

async function tryRemove(
  context: RegistryContext,
  request: ResourceCall,
  shown: StoredObject,
  options: DeleteOptions,
): Promise<Outcome> {
  const { resource } = request;
  const live = shown.object;
  checkPreconditions(resource, live, options);
  const grace = beginGracefulDelete(resource, live, options, context.clock.now());
  if (grace.kind === "pending") return left({ object: live }, false);
  await validateDelete(context, request, live, options);
  const finalizers = finalizersOfDelete(resource, live.metadata, options);
  const isHeld = finalizers.length > 0;
  if (!isHeld && grace.kind === "immediate") return removeNow(request, shown, options);
  const marked = grace.kind === "graceful" ? grace.metadata : markAsDeleting(live.metadata, context.clock.now());
  const object = { ...live, metadata: withFinalizers(marked, finalizers) };
  // Asked for once more, while finalizers still hold it: nobody need hear of that.
  if (isHeld && equalJson(object.metadata, live.metadata)) return left(shown, false);
  const isGone = !isHeld && grace.kind === "graceful" && grace.seconds === 0;
  if (options.dryRun?.length) return left({ object }, isGone);
  const storage = resource.storage!;
  const result = await storage.collection.put(shown.key, await storage.toStored(object), shown.revision);
  if (!result.written) return { kind: "overtaken", current: result.current };
  const marking = await showOne(storage, result.stored);
  // What ends gracelessly is marked all the same, so that watchers see that its deletion was asked for.
  if (isGone) return removeNow(request, marking, options);
  return left(marking, false);
}

async function validateDelete(
  context: RegistryContext,
  request: ResourceCall,
  live: KubeObject,
  options: DeleteOptions,
): Promise<void> {
  const admitted = admissionRequest(request, {
    operation: "DELETE",
    oldObject: live,
    dryRun: (options.dryRun?.length ?? 0) > 0,
    options,
    name: live.metadata.name ?? "",
  });
  await context.admission.admit(admitted);
  await context.admission.validate(admitted);
}

function left(document: Document, isGone: boolean): Outcome {
  return { kind: "done", removal: { document, isGone } };
}

async function removeNow(request: ResourceCall, shown: StoredObject, options: DeleteOptions): Promise<Outcome> {
  const { resource, call } = request;
  const dryRun = (options.dryRun?.length ?? 0) > 0;
  let last: KubeObject = shown.object;
  if (!dryRun) {
    const storage = resource.storage!;
    const result = await storage.collection.delete(shown.key, shown.revision);
    if (!result.written) return { kind: "overtaken", current: result.current };
    last = (await showOne(storage, result.stored)).object;
    await resource.hooks?.afterDelete?.(last, { call, dryRun });
  }
  return left({ object: returnsObject(request) ? last : successStatus(request, last) }, true);
}

/** Resources whose DELETE answers the object that went, as upstream's ReturnDeletedObject. */
const returningObject: Readonly<Record<string, readonly string[]>> = {
  "": [
    "namespaces",
    "persistentvolumeclaims",
    "persistentvolumes",
    "pods",
    "podtemplates",
    "resourcequotas",
    "serviceaccounts",
    "services",
  ],
  "resource.k8s.io": ["deviceclasses", "resourceclaims", "resourceclaimtemplates", "resourceslices"],
  "storage.k8s.io": ["csidrivers", "csinodes", "storageclasses", "volumeattachments", "volumeattributesclasses"],
};

function returnsObject({ resource: { info } }: ResourceCall): boolean {
  return returningObject[info.group]?.includes(info.resource) ?? false;
}

function successStatus({ resource: { info } }: ResourceCall, { metadata }: KubeObject): Status {
  return {
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Success",
    details: {
      name: metadata.name ?? "",
      ...(info.group !== "" && { group: info.group }),
      kind: info.resource,
      uid: metadata.uid ?? "",
    },
  };
}

function withFinalizers(metadata: ObjectMeta, finalizers: readonly string[]): ObjectMeta {
  const { finalizers: _, ...rest } = metadata;
  return finalizers.length === 0 ? rest : { ...rest, finalizers: [...finalizers] };
}

/** What holds an object without a grace period: marked as deleted now, and its generation counted on. */
function markAsDeleting(metadata: ObjectMeta, now: number): ObjectMeta {
  const marked = { ...metadata, deletionGracePeriodSeconds: 0 };
  if (metadata.deletionTimestamp === undefined && metadata.generation) marked.generation = metadata.generation + 1;
  const isLater = metadata.deletionTimestamp !== undefined && Date.parse(metadata.deletionTimestamp) > now;
  if (metadata.deletionTimestamp === undefined || isLater) marked.deletionTimestamp = formatTime(now);
  return marked;
}
