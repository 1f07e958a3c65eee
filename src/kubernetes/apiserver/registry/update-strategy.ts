// How an update of a resource, or through one of its subresources, is prepared and checked.

import { equalJson, type KubeObject } from "#kubernetes/api";
import type { ResourceCall } from "./context.ts";
import type { ServedResource } from "./resources/served-resource.ts";
import type { ChangeChecks } from "./validate.ts";

export interface UpdateStrategy extends ChangeChecks {
  /** The resource itself, not a subresource. */
  readonly isMain: boolean;
  /** Changes the new object in place: keeps what this way of writing may not change. */
  prepare(object: KubeObject, old: KubeObject, now: number): void;
  warnings(object: KubeObject, old: KubeObject): readonly string[];
}

export function strategyFor({ resource, subresource }: ResourceCall): UpdateStrategy {
  if (subresource === "") return mainStrategy(resource);
  if (subresource === "status") return statusStrategy(resource);
  const own = resource.definition.subresources?.[subresource];
  return {
    isMain: false,
    prepare: (object, old, now) => own?.prepare(object as never, old as never, now),
    metadataChecks: own?.metadataChecks,
    check: own && ((object, old) => own.validate(object as never, old as never)),
    warnings: () => [],
  };
}

/** The resource's own. */
export function mainStrategy(resource: ServedResource): UpdateStrategy {
  const { definition, custom, subresources } = resource;
  const { validateUpdate } = definition;
  const countsStatus = custom !== undefined && !subresources.has("status");
  return {
    isMain: true,
    prepare(object, old, now) {
      definition.prepareForUpdate?.(object as never, old as never, now);
      if (definition.hasGeneration !== false && isSpecChanged(object, old, countsStatus)) {
        object.metadata.generation = (old.metadata.generation ?? 0) + 1;
      }
    },
    metadataChecks: definition.metadataChecks,
    check: validateUpdate && ((object, old, context) => validateUpdate(object as never, old as never, context)),
    warnings: (object, old) => definition.warnings?.(object as never, old as never) ?? [],
  };
}

function statusStrategy(resource: ServedResource): UpdateStrategy {
  const { definition } = resource;
  const { validateStatusUpdate, prepareForStatusUpdate } = definition;
  return {
    isMain: false,
    prepare(object, old, now) {
      if (prepareForStatusUpdate) prepareForStatusUpdate(object as never, old as never, now);
      else keepAllButStatus(object, old);
    },
    metadataChecks: definition.statusMetadataChecks,
    check:
      validateStatusUpdate && ((object, old, context) => validateStatusUpdate(object as never, old as never, context)),
    warnings: (object, old) => definition.statusWarnings?.(object as never, old as never) ?? [],
  };
}

/** What /status does where the kind has no rule of its own. */
function keepAllButStatus(object: KubeObject, old: KubeObject): void {
  const target = object as unknown as Record<string, unknown>;
  for (const key of Object.keys(target))
    if (key !== "metadata" && key !== "status" && !(key in old)) delete target[key];
  for (const [key, value] of Object.entries(old)) if (key !== "metadata" && key !== "status") target[key] = value;
  const { managedFields, resourceVersion } = object.metadata;
  object.metadata = { ...old.metadata, ...(managedFields && { managedFields }) };
  if (resourceVersion !== undefined) object.metadata.resourceVersion = resourceVersion;
}

/** Whether anything but metadata differs, and status, unless it is written like all else. */
function isSpecChanged(object: KubeObject, old: KubeObject, countsStatus: boolean): boolean {
  const now = object as unknown as Record<string, unknown>;
  const before = old as unknown as Record<string, unknown>;
  for (const key of new Set([...Object.keys(now), ...Object.keys(before)])) {
    if (key !== "metadata" && (countsStatus || key !== "status") && !equalJson(now[key], before[key])) return true;
  }
  return false;
}
