// Each object with the resource it is written to and the namespace it goes to; the add-on's namespace made where it is missing.

import { isNotFound, type Resource, resources, type UnknownObject } from "#kubernetes/api";
import type { Client } from "#kubernetes/client";
import { exitCodes, UserError } from "#shared";
import { type AddonObjects, identify, nameObject } from "./addon-objects.ts";
import { applySetId, partOfLabel } from "./apply-set.ts";
import { createObjectKinds, type ObjectKinds } from "./object-kinds.ts";

export interface PlacedObjects {
  /** As they are to be applied. */
  readonly objects: readonly UnknownObject[];
  readonly kinds: ObjectKinds;
  /** The resource of one of the objects. */
  resourceOf(object: UnknownObject): Resource;
}

const givenNamespaces = new Set(["default", "kube-system", "kube-public", "kube-node-lease"]);

/** Throws UserError for kinds nobody knows and objects that occur twice. */
export async function placeObjects(client: Client, addon: AddonObjects, signal: AbortSignal): Promise<PlacedObjects> {
  const kinds = createObjectKinds(client, addon.objects, signal);
  const found = new Map<string, Resource>();
  const keyOfKind = ({ apiVersion, kind }: UnknownObject) => `${apiVersion} ${kind}`;
  for (const object of addon.objects) {
    if (found.has(keyOfKind(object))) continue;
    const resource = await kinds.find(object.apiVersion ?? "", object.kind ?? "");
    if (!resource) throw unknownKind(addon.name, object);
    found.set(keyOfKind(object), resource);
  }
  found.set("v1 Namespace", resources.namespaces as Resource);
  const resourceOf = (object: UnknownObject) => found.get(keyOfKind(object))!;
  const namespace = addon.namespace ?? "default";
  const placed = addon.objects.map((object) => inNamespace(object, resourceOf(object), namespace));
  refuseTwins(addon.name, placed);
  const own = await missingNamespace(client, addon, placed, signal);
  return { objects: own ? [own, ...placed] : placed, kinds, resourceOf };
}

function inNamespace(object: UnknownObject, { namespaced }: Resource, fallback: string): UnknownObject {
  const { namespace, ...metadata } = object.metadata;
  if (!namespaced) return namespace === undefined ? object : { ...object, metadata };
  return namespace ? object : { ...object, metadata: { ...metadata, namespace: fallback } };
}

/** The add-on's namespace, where it is not there yet or was made for the add-on; others' are theirs and stay when it goes. */
async function missingNamespace(
  client: Client,
  { name: addon, namespace }: AddonObjects,
  placed: readonly UnknownObject[],
  signal: AbortSignal,
): Promise<UnknownObject | undefined> {
  const isUsed = placed.some(({ metadata }) => metadata.namespace === namespace);
  const isBrought = placed.some(({ kind, metadata }) => kind === "Namespace" && metadata.name === namespace);
  if (namespace === undefined || !isUsed || isBrought || givenNamespaces.has(namespace)) return undefined;
  const object: UnknownObject = { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } };
  try {
    const { metadata } = await client.get(resources.namespaces, { name: namespace }, { signal });
    return metadata.labels?.[partOfLabel] === applySetId(addon) ? object : undefined;
  } catch (error) {
    if (isNotFound(error)) return object;
    throw error;
  }
}

function refuseTwins(addon: string, objects: readonly UnknownObject[]): void {
  const seen = new Set<string>();
  for (const object of objects) {
    const identity = identify(object);
    if (seen.has(identity)) {
      throw new UserError(`Cannot install add-on ${addon}: it has ${nameObject(object)} twice`, {
        exitCode: exitCodes.config,
      });
    }
    seen.add(identity);
  }
}

function unknownKind(addon: string, object: UnknownObject): UserError {
  return new UserError(
    `Cannot install add-on ${addon}: the cluster has no kind ${object.kind} of ${object.apiVersion}, which ${nameObject(object)} is`,
    { hints: ["Install what defines that kind first."], exitCode: exitCodes.addons },
  );
}
