// Namespaces end in steps: a DELETE marks one as terminating, the namespace controller empties it and takes its finalizer off
// through /finalize, and only then it goes.

import { conflict, type DeleteOptions, type KubeObject, type Namespace, notFound } from "#kubernetes/api";
import type { ObjectAnswer } from "../call.ts";
import { admissionRequest } from "../registry/admission-request.ts";
import { decodeBody } from "../registry/bodies/body.ts";
import { readDeleteOptions } from "../registry/bodies/delete-body.ts";
import type { RegistryContext, ResourceCall } from "../registry/context.ts";
import { createObject } from "../registry/create.ts";
import { deleteObject } from "../registry/delete.ts";
import { finalizersOfDelete } from "../registry/garbage-finalizers.ts";
import { getObject } from "../registry/get.ts";
import { listObjects } from "../registry/list.ts";
import { trackWrite } from "../registry/managed-fields.ts";
import { checkName, formatTime } from "../registry/object-meta.ts";
import { readWriteOptions } from "../registry/options/write-options.ts";
import { patchObject } from "../registry/patch.ts";
import type { VerbTable } from "../registry/registry.ts";
import type { ResourceHooks } from "../registry/resources/served-resource.ts";
import { uidConflict } from "../registry/uid-conflict.ts";
import { updateObject, writeObject } from "../registry/update.ts";
import { watchObjects } from "../registry/watch/watch.ts";

/** An update does not remove a namespace that still has finalizers in its spec. */
export const namespaceHooks: ResourceHooks = {
  keepWhileDeleting: (object) => ((object as Namespace).spec?.finalizers?.length ?? 0) > 0,
};

export const namespaceVerbs: VerbTable = {
  get: getObject,
  list: listObjects,
  watch: watchObjects,
  create: createObject,
  update: updateObject,
  patch: patchObject,
  delete: deleteNamespace,
};

async function deleteNamespace(context: RegistryContext, request: ResourceCall): Promise<ObjectAnswer> {
  const { call, resource } = request;
  const { name } = call.info;
  const options = readDeleteOptions(request);
  const { collection } = resource.storage!;
  let stored = await collection.get(name);
  for (;;) {
    if (!stored) throw notFound({ group: "", resource: "namespaces" }, name);
    const live = stored.object as Namespace;
    checkPreconditions(live, options);
    if (live.metadata.deletionTimestamp && !live.spec?.finalizers?.length) return deleteObject(context, request);
    await admitDelete(context, request, live, options);
    const marked = markTerminating(request, live, options, context.clock.now());
    const isDryRun = (options.dryRun?.length ?? 0) > 0;
    const status = options.orphanDependents === false ? 202 : 200;
    if (marked === live || isDryRun) return { kind: "object", status, document: { object: marked }, resource };
    const result = await collection.put(name, marked, stored.revision);
    if (result.written) return { kind: "object", status, document: result.stored, resource };
    stored = result.current;
  }
}

/** Upstream tells of them otherwise than for all other kinds. */
function checkPreconditions({ metadata }: Namespace, { preconditions = {} }: DeleteOptions): void {
  for (const [field, what] of [
    ["uid", "UID"],
    ["resourceVersion", "ResourceVersion"],
  ] as const) {
    const wanted = preconditions[field];
    if (wanted === undefined || wanted === metadata[field]) continue;
    const why = `Precondition failed: ${what} in precondition: ${wanted}, ${what} in object meta: ${metadata[field]}`;
    throw conflict({ group: "", resource: "namespaces" }, metadata.name ?? "", why);
  }
}

async function admitDelete(
  context: RegistryContext,
  request: ResourceCall,
  live: Namespace,
  options: DeleteOptions,
): Promise<void> {
  const dryRun = (options.dryRun?.length ?? 0) > 0;
  const admitted = admissionRequest(request, { operation: "DELETE", oldObject: live, dryRun, options });
  await context.admission.admit(admitted);
  await context.admission.validate(admitted);
}

/** The namespace as a DELETE leaves it; the very same where it already is so. */
function markTerminating(request: ResourceCall, live: Namespace, options: DeleteOptions, now: number): Namespace {
  if (live.metadata.deletionTimestamp && live.status?.phase === "Terminating") return live;
  // Here, unlike elsewhere, orphanDependents may ask for the foreground.
  const { orphanDependents, ...others } = options;
  const meant = orphanDependents === false ? { ...others, propagationPolicy: "Foreground" } : options;
  const finalizers = finalizersOfDelete(request.resource, live.metadata, meant);
  const { finalizers: _, ...metadata } = live.metadata;
  return {
    ...live,
    metadata: {
      ...metadata,
      ...(finalizers.length > 0 && { finalizers: [...finalizers] }),
      deletionTimestamp: live.metadata.deletionTimestamp ?? formatTime(now),
    },
    status: { ...live.status, phase: "Terminating" },
  };
}

/** PUT namespaces/x/finalize: sets spec.finalizers, and removes the namespace once none is left. */
export async function finalizeNamespace(context: RegistryContext, request: ResourceCall): Promise<ObjectAnswer> {
  const { call } = request;
  const options = readWriteOptions(call.request.query, "UpdateOptions");
  const build = (live: KubeObject | undefined): KubeObject | Promise<KubeObject> => {
    const object = decodeBody(request, options.fieldValidation);
    checkName(object, call.info.name);
    const { uid } = object.metadata;
    if (uid && live && uid !== live.metadata.uid) throw uidConflict(request.resource, live, uid);
    return trackWrite(context, request, live, object, options.fieldManager);
  };
  const strategy = {
    isMain: false,
    prepare(object: KubeObject, old: KubeObject) {
      const namespace = object as Namespace;
      namespace.status = (old as Namespace).status ?? {};
    },
    check: undefined,
    warnings: () => [],
  };
  return writeObject(context, request, { build, options, strategy });
}
