// Puts together what is wrong with an object: its metadata by the rules all kinds share, the rest by its kind's own.

import {
  type FieldError,
  invalidObject,
  type KubeObject,
  type ObjectMetaRules,
  validateMetadataOfCreate,
  validateMetadataOfUpdate,
} from "#kubernetes/api";
import type { ServedResource } from "./resources/served-resource.ts";

/** Throws Invalid where a new object is not as it should be. */
export function validateNew(resource: ServedResource, object: KubeObject): void {
  const { definition } = resource;
  const ofMetadata = validateMetadataOfCreate(object.metadata, rulesOf(resource));
  const others = definition.validate?.(object as never) ?? [];
  const isAlone = definition.metadataLast && others.length > 0;
  throwIfInvalid(resource, object, isAlone ? others : [...ofMetadata, ...others]);
}

/** How a kind checks an update, by itself or through a subresource. */
export type UpdateCheck = (object: KubeObject, old: KubeObject) => FieldError[];

/** Throws Invalid where the change is not allowed; `check` is the kind's own. */
export function validateChange(
  resource: ServedResource,
  object: KubeObject,
  old: KubeObject,
  check: UpdateCheck | undefined,
): void {
  const errors = validateMetadataOfUpdate(object.metadata, old.metadata, rulesOf(resource));
  if (check) errors.push(...check(object, old));
  throwIfInvalid(resource, object, errors);
}

function rulesOf({ info, definition }: ServedResource): ObjectMetaRules {
  const { validateName, standardFinalizers = true } = definition;
  return { namespaced: info.namespaced, validateName, standardFinalizers };
}

function throwIfInvalid({ info }: ServedResource, object: KubeObject, errors: readonly FieldError[]): void {
  if (errors.length > 0)
    throw invalidObject({ group: info.group, kind: info.kind }, object.metadata.name ?? "", errors);
}
