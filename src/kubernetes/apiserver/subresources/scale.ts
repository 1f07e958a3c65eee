// scale: how many replicas an object has and shall have, in one form for all kinds that have any.

import {
  formatApiVersion,
  formatLabelSelector,
  formatLabels,
  invalid,
  invalidObject,
  type KubeObject,
  type LabelSelector,
  managedFieldsAfterScale,
  type ReplicasPaths,
  type Scale,
  scaleManagedFields,
} from "#kubernetes/api";
import type { ObjectAnswer } from "../call.ts";
import { admissionRequest } from "../registry/admission-request.ts";
import { decodeBody } from "../registry/bodies/body.ts";
import type { RegistryContext, ResourceCall } from "../registry/context.ts";
import { requireObject } from "../registry/get.ts";
import { trackWrite } from "../registry/managed-fields.ts";
import { checkName, settleNamespace } from "../registry/object-meta.ts";
import { readWriteOptions, type WriteOptions } from "../registry/options/write-options.ts";
import { readPatch } from "../registry/patch.ts";
import type { VerbTable } from "../registry/registry.ts";
import type { ScalePaths, ServedResource } from "../registry/resources/served-resource.ts";
import { uidConflict } from "../registry/uid-conflict.ts";
import { writeObject } from "../registry/update.ts";
import { mainStrategy } from "../registry/update-strategy.ts";

export const scaleVerbs: VerbTable = { get: getScale, update: updateScale, patch: patchScale };

async function getScale(_context: RegistryContext, { call, resource }: ResourceCall): Promise<ObjectAnswer> {
  const parent = await requireObject(resource, call.info.namespace, call.info.name);
  return { kind: "object", status: 200, document: { object: scaleOf(resource, parent.object) } };
}

async function updateScale(context: RegistryContext, request: ResourceCall): Promise<ObjectAnswer> {
  const options = readWriteOptions(request.call.request.query, "UpdateOptions");
  const scale = decodeBody(request, options.fieldValidation) as Scale;
  settleNamespace(request.resource, scale.metadata, request.call.info.namespace);
  checkName(scale, request.call.info.name);
  const wish = async (live: Scale): Promise<Scale> => {
    return (await trackWrite(context, request, live, scale, options.fieldManager)) as Scale;
  };
  return writeScale(context, request, wish, options);
}

async function patchScale(context: RegistryContext, request: ResourceCall): Promise<ObjectAnswer> {
  const { apply, options } = readPatch(context, request);
  return writeScale(context, request, async (live) => (await apply(live)) as Scale, options);
}

async function writeScale(
  context: RegistryContext,
  request: ResourceCall,
  wish: (live: Scale) => Promise<Scale>,
  options: WriteOptions,
): Promise<ObjectAnswer> {
  const { resource } = request;
  const paths = replicasPaths(resource);
  const build = async (live: KubeObject | undefined): Promise<KubeObject> => {
    const parent = live!;
    const before = scaleOf(resource, parent);
    const owned = scaleManagedFields(parent.metadata.managedFields, paths);
    if (owned) before.metadata.managedFields = owned;
    const scale = await wish(before);
    const change = { operation: "UPDATE", object: scale, oldObject: before, dryRun: options.dryRun } as const;
    const admitted = admissionRequest(request, change);
    await context.admission.admit(admitted);
    checkScale(scale);
    await context.admission.validate(admitted);
    return scaled(resource, parent, scale, paths);
  };
  const strategy = { ...mainStrategy(resource), isMain: false };
  const { document } = await writeObject(context, request, { build, options, strategy, skipsAdmission: true });
  const object = scaleOf(resource, document.object as KubeObject);
  return { kind: "object", status: 200, document: { object } };
}

function checkScale({ metadata, spec }: Scale): void {
  const replicas = spec?.replicas ?? 0;
  if (replicas >= 0) return;
  const error = invalid("spec.replicas", replicas, "must be greater than or equal to 0");
  throw invalidObject({ group: "autoscaling", kind: "Scale" }, metadata.name ?? "", [error]);
}

/** The parent with the scale's wish; a version in the scale is a precondition on the parent. */
function scaled(resource: ServedResource, parent: KubeObject, scale: Scale, paths: ReplicasPaths): KubeObject {
  const changed = setAt(parent, pathsOf(resource).spec, scale.spec?.replicas ?? 0) as KubeObject;
  const fields = managedFieldsAfterScale(parent.metadata.managedFields, scale.metadata.managedFields, {
    apiVersion: resource.apiVersion,
    paths,
  });
  const { managedFields: _, ...metadata } = parent.metadata;
  const { resourceVersion, uid } = scale.metadata;
  if (uid && uid !== parent.metadata.uid) throw uidConflict(resource, parent, uid);
  return {
    ...changed,
    metadata: {
      ...metadata,
      ...(fields && { managedFields: fields }),
      ...(resourceVersion && { resourceVersion }),
      ...(uid && { uid }),
    },
  };
}

function scaleOf(resource: ServedResource, parent: KubeObject): Scale {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = parent.metadata;
  const paths = pathsOf(resource);
  const replicas = Number(getAt(parent, paths.spec) ?? 0);
  const selector = selectorOf(parent, paths);
  return {
    apiVersion: "autoscaling/v1",
    kind: "Scale",
    metadata: {
      ...(name !== undefined && { name }),
      ...(namespace !== undefined && { namespace }),
      ...(uid !== undefined && { uid }),
      ...(resourceVersion !== undefined && { resourceVersion }),
      ...(creationTimestamp !== undefined && { creationTimestamp }),
    },
    spec: replicas === 0 ? {} : { replicas },
    status: { replicas: Number(getAt(parent, paths.status) ?? 0), ...(selector !== "" && { selector }) },
  };
}

const builtInPaths: ScalePaths = { spec: ["spec", "replicas"], status: ["status", "replicas"] };

function pathsOf(resource: ServedResource): ScalePaths {
  return resource.scale ?? builtInPaths;
}

function replicasPaths(resource: ServedResource): ReplicasPaths {
  return { [formatApiVersion(resource.info)]: pathsOf(resource).spec };
}

/** Custom resources keep their selector as text; replication controllers as plain labels; the others as a LabelSelector. */
function selectorOf(parent: KubeObject, paths: ScalePaths): string {
  if (paths !== builtInPaths) return paths.selector ? String(getAt(parent, paths.selector) ?? "") : "";
  const selector = getAt(parent, ["spec", "selector"]);
  if (parent.kind === "ReplicationController") return formatLabels(selector as Record<string, string>);
  return formatLabelSelector(selector as LabelSelector);
}

function getAt(object: unknown, path: readonly string[]): unknown {
  let value = object;
  for (const step of path) value = (value as Record<string, unknown> | undefined)?.[step];
  return value;
}

/** A copy with the value at the path; what lies beside the path is shared. */
function setAt(object: unknown, [step, ...rest]: readonly string[], value: unknown): unknown {
  if (step === undefined) return value;
  const record = (object ?? {}) as Record<string, unknown>;
  return { ...record, [step]: setAt(record[step], rest, value) };
}
