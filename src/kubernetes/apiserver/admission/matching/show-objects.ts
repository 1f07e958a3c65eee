// The objects of a request in the version that the rules of a webhook or policy have named.

import { type GroupVersionKind, type KubeObject, resources as kinds, notFound } from "#kubernetes/api";
import type { AdmissionRequest } from "../admission.ts";
import { convertObject } from "./convert-object.ts";
import type { MatchedResource, MatchTools } from "./match-criteria.ts";

/** The objects of a request as a webhook or policy sees them. */
export interface ShownObjects {
  readonly kind: GroupVersionKind;
  readonly object: KubeObject | undefined;
  readonly oldObject: KubeObject | undefined;
}

/** The request's objects in the version that the rules named. */
export async function showObjects(request: AdmissionRequest, { other }: MatchedResource): Promise<ShownObjects> {
  const { objectKind, object, oldObject } = request;
  if (!other || request.subresource === "scale") return { kind: objectKind, object, oldObject };
  const convert = async (state: KubeObject | undefined) => state && convertObject(state, request.served, other);
  const { group, version, kind } = other.info;
  return { kind: { group, version, kind }, object: await convert(object), oldObject: await convert(oldObject) };
}

/** The namespace a request is in; a Namespace is not in itself. Throws NotFound. */
export async function findNamespace(
  request: AdmissionRequest,
  { objects }: MatchTools,
): Promise<KubeObject | undefined> {
  const { namespace, objectKind } = request;
  if (namespace === "" || (objectKind.group === "" && objectKind.kind === "Namespace")) return undefined;
  const found = await objects.get(kinds.namespaces, { name: namespace });
  if (!found) throw notFound({ group: "", resource: "namespaces" }, namespace);
  return found;
}
