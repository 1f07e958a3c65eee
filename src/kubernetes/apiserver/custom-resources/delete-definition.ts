// Definitions end in steps: a DELETE marks one as terminating and holds it by a finalizer until all its objects are gone.

import {
  type CustomResourceDefinition,
  conflict,
  type DeleteOptions,
  isNotFound,
  type KubeObject,
  notFound,
} from "#kubernetes/api";
import type { ListAnswer, ObjectAnswer } from "../call.ts";
import { admissionRequest } from "../registry/admission-request.ts";
import { readDeleteOptions } from "../registry/bodies/delete-body.ts";
import type { RegistryContext, ResourceCall } from "../registry/context.ts";
import { createObject } from "../registry/create.ts";
import { removeObject } from "../registry/delete.ts";
import { getObject } from "../registry/get.ts";
import { listObjects, readPage } from "../registry/list.ts";
import { formatTime } from "../registry/object-meta.ts";
import { readListOptions } from "../registry/options/list-options.ts";
import { compileSelection } from "../registry/options/selection.ts";
import { patchObject } from "../registry/patch.ts";
import type { VerbTable } from "../registry/registry.ts";
import { groupResourceOf } from "../registry/resources/served-resource.ts";
import { updateObject } from "../registry/update.ts";
import { watchObjects } from "../registry/watch/watch.ts";
import { withCondition } from "./naming.ts";

/** It is taken off by those who remove the objects. */
export const cleanupFinalizer = "customresourcecleanup.apiextensions.k8s.io";

export const definitionVerbs: VerbTable = {
  get: getObject,
  list: listObjects,
  watch: watchObjects,
  create: createObject,
  update: updateObject,
  patch: patchObject,
  delete: deleteDefinition,
  deletecollection: deleteDefinitions,
};

async function deleteDefinition(context: RegistryContext, request: ResourceCall): Promise<ObjectAnswer> {
  const options = readDeleteOptions(request);
  const document = await removeDefinition(context, request, request.call.info.name, options);
  return { kind: "object", status: 200, document: { object: document }, resource: request.resource };
}

async function deleteDefinitions(context: RegistryContext, request: ResourceCall): Promise<ListAnswer> {
  const { call, resource } = request;
  const listOptions = readListOptions(call.request.query, false);
  const options = readDeleteOptions(request);
  const selection = compileSelection(resource, call.info.namespace, call.info.name, listOptions);
  const { items, metadata } = await readPage(context, resource, selection, listOptions);
  const remove = (item: { readonly object: KubeObject }) =>
    removeDefinition(context, request, item.object.metadata.name ?? "", options).catch((error: unknown) => {
      if (!isNotFound(error)) throw error;
    });
  await Promise.all(items.map(remove));
  return { kind: "list", status: 200, resource, items, metadata };
}

async function removeDefinition(
  context: RegistryContext,
  request: ResourceCall,
  name: string,
  options: DeleteOptions,
): Promise<object> {
  const { resource } = request;
  const { collection } = resource.storage!;
  let stored = await collection.get(name);
  for (;;) {
    if (!stored) throw notFound(groupResourceOf(resource), name);
    const live = stored.object as CustomResourceDefinition;
    checkPreconditions(request, live, options);
    if (live.metadata.deletionTimestamp) return (await removeObject(context, request, name, options)).document.object;
    const dryRun = (options.dryRun?.length ?? 0) > 0;
    const admitted = admissionRequest(request, { operation: "DELETE", oldObject: live, dryRun, options, name });
    await context.admission.admit(admitted);
    await context.admission.validate(admitted);
    const marked = markTerminating(live, formatTime(context.clock.now()));
    if (dryRun) return marked;
    const result = await collection.put(name, marked, stored.revision);
    if (result.written) return result.stored.object;
    stored = result.current;
  }
}

function checkPreconditions({ resource }: ResourceCall, { metadata }: KubeObject, options: DeleteOptions): void {
  const { uid, resourceVersion } = options.preconditions ?? {};
  const refuse = (what: string, wanted: string, found: string | undefined) =>
    conflict(
      groupResourceOf(resource),
      metadata.name ?? "",
      `Precondition failed: ${what} in precondition: ${wanted}, ${what} in object meta: ${found}`,
    );
  if (uid !== undefined && uid !== metadata.uid) throw refuse("UID", uid, metadata.uid);
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion) {
    throw refuse("ResourceVersion", resourceVersion, metadata.resourceVersion);
  }
}

function markTerminating(live: CustomResourceDefinition, now: string): CustomResourceDefinition {
  const { finalizers = [] } = live.metadata;
  const held = finalizers.includes(cleanupFinalizer) ? finalizers : [...finalizers, cleanupFinalizer];
  const pending = {
    type: "Terminating",
    status: "True",
    reason: "InstanceDeletionPending",
    message: "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon",
  };
  const conditions = withCondition(live.status?.conditions ?? [], pending, now);
  return {
    ...live,
    metadata: { ...live.metadata, deletionTimestamp: now, finalizers: [...held] },
    status: { ...live.status, conditions } as never,
  };
}
