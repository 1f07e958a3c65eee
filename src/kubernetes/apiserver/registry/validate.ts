// Puts together what is wrong with an object: its metadata by the rules all kinds share, the rest by its kind's own.

import {
  type CheckContext,
  type ExpressionErrors,
  type FieldError,
  invalidObject,
  type KubeObject,
  type MetadataCheck,
  type ObjectMetaRules,
  validateMetadataOfCreate,
  validateMetadataOfUpdate,
} from "#kubernetes/api";
import type { ServedResource } from "./resources/served-resource.ts";

/** Throws Invalid where a new object is not as it should be. `first`: what is known to be wrong already. */
export function validateNew(resource: ServedResource, object: KubeObject, first: readonly FieldError[] = []): void {
  const { definition } = resource;
  const ofType = definition.validateType?.(object as never) ?? [];
  if (ofType.length > 0) throwIfInvalid(resource, object, [...first, ...ofType]);
  const ofMetadata = validateMetadataOfCreate(object.metadata, rulesOf(resource, object));
  const context = { ofMetadata, warn: () => {}, expressionErrors: expressionErrorsOf(resource, object) };
  const others = definition.validate?.(object as never, context) ?? [];
  const isAlone = definition.metadataLast && others.length > 0;
  throwIfInvalid(resource, object, [...first, ...(isAlone ? [] : ofMetadata), ...others]);
}

/** How a kind checks an update, by itself or through a subresource. */
export interface ChangeChecks {
  readonly check: ((object: KubeObject, old: KubeObject, context: CheckContext) => FieldError[]) | undefined;
  readonly metadataChecks?: readonly MetadataCheck[] | undefined;
}

export interface ChangeFindings extends Pick<CheckContext, "warn"> {
  /** What is known to be wrong already. */
  readonly first: readonly FieldError[];
}

/** Throws Invalid where the change is not allowed; what is only to be warned of is told even then. */
export function validateChange(
  resource: ServedResource,
  object: KubeObject,
  old: KubeObject,
  { check, metadataChecks, warn, first }: ChangeChecks & ChangeFindings,
): void {
  const rules = rulesOf(resource, object);
  const ofType = resource.definition.validateType?.(object as never) ?? [];
  if (ofType.length > 0) {
    const common = validateMetadataOfUpdate(object.metadata, old.metadata, rules, []);
    throwIfInvalid(resource, object, [...first, ...common, ...ofType]);
  }
  const ofMetadata = validateMetadataOfUpdate(object.metadata, old.metadata, rules, metadataChecks);
  const context = { ofMetadata, warn, expressionErrors: expressionErrorsOf(resource, object) };
  const others = check?.(object, old, context) ?? [];
  throwIfInvalid(resource, object, [...first, ...ofMetadata, ...others]);
}

/** Expressions are compiled when the first is asked for. */
function expressionErrorsOf({ hooks }: ServedResource, object: KubeObject): ExpressionErrors {
  let found: readonly FieldError[] | undefined;
  return (path) => {
    found ??= hooks?.checkExpressions?.(object) ?? [];
    return found.filter(({ field }) => field === path);
  };
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
