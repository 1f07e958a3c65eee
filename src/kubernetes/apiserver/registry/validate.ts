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
  const { definition, custom } = resource;
  const errors = validateMetadataOfCreate(object.metadata, rulesOf(resource));
  errors.push(...(custom ? custom.validate(object, undefined) : (definition.validate?.(object as never) ?? [])));
  throwIfInvalid(resource, object, errors);
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

function rulesOf({ info, definition, custom }: ServedResource): ObjectMetaRules {
  return { namespaced: info.namespaced, validateName: definition.validateName, standardFinalizers: !custom };
}

function throwIfInvalid({ info }: ServedResource, object: KubeObject, errors: readonly FieldError[]): void {
  if (errors.length > 0)
    throw invalidObject({ group: info.group, kind: info.kind }, object.metadata.name ?? "", errors);
}
