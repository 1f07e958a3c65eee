// Puts together what is wrong with an object: its metadata by the rules all kinds share, the rest by its kind's own.

import {
  type CheckContext,
  type FieldError,
  invalidObject,
  type KubeObject,
  type MetadataCheck,
  type ObjectMetaRules,
  validateMetadataOfCreate,
  validateMetadataOfUpdate,
} from "#kubernetes/api";
import type { ServedResource } from "./resources/served-resource.ts";

/** Throws Invalid where a new object is not as it should be. */
export function validateNew(resource: ServedResource, object: KubeObject): void {
  const { definition } = resource;
  const ofMetadata = validateMetadataOfCreate(object.metadata, rulesOf(resource, object));
  const others = definition.validate?.(object as never, { ofMetadata, warn: () => {} }) ?? [];
  const isAlone = definition.metadataLast && others.length > 0;
  throwIfInvalid(resource, object, isAlone ? others : [...ofMetadata, ...others]);
}

/** How a kind checks an update, by itself or through a subresource. */
export interface ChangeChecks {
  readonly check: ((object: KubeObject, old: KubeObject, context: CheckContext) => FieldError[]) | undefined;
  readonly metadataChecks?: readonly MetadataCheck[] | undefined;
}

/** Throws Invalid where the change is not allowed; what is only to be warned of is told even then. */
export function validateChange(
  resource: ServedResource,
  object: KubeObject,
  old: KubeObject,
  { check, metadataChecks, warn }: ChangeChecks & Pick<CheckContext, "warn">,
): void {
  const ofMetadata = validateMetadataOfUpdate(object.metadata, old.metadata, rulesOf(resource, object), metadataChecks);
  const others = check?.(object, old, { ofMetadata, warn }) ?? [];
  throwIfInvalid(resource, object, [...ofMetadata, ...others]);
}

function rulesOf({ info, definition }: ServedResource, object: KubeObject): ObjectMetaRules {
  const { validateName, standardFinalizers = true } = definition;
  const ofObject = validateName && ((name: string, isPrefix: boolean) => validateName(name, isPrefix, object as never));
  return { namespaced: info.namespaced, validateName: ofObject, standardFinalizers };
}

function throwIfInvalid({ info, definition }: ServedResource, object: KubeObject, errors: readonly FieldError[]): void {
  if (errors.length === 0) return;
  const { internalGroup: group = info.group } = definition;
  throw invalidObject({ group, kind: info.kind }, object.metadata.name ?? "", errors);
}
